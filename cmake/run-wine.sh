#!/bin/sh
# run-wine.sh PROGRAM.exe [argument…]: runs it under Wine.
#
# Ends with 0 when the program did, else with 1, because Wine passes on the low
# eight bits of a status at best, and with 1 after UWSK_WINE_LIMIT (110) seconds.
# winedbg is kept away: it would turn a crash into a status of 0. All runs share
# one prefix, made by the first.
root=$(cd "$(dirname "$0")/.." && pwd)

WINEPREFIX=${UWSK_WINEPREFIX:-$root/.deps/wineprefix}
WINEDEBUG=-all
WINEDLLOVERRIDES='winedbg.exe=d;mscoree=d;mshtml=d'
WINEARCH=win64
export WINEPREFIX WINEDEBUG WINEDLLOVERRIDES WINEARCH
unset DISPLAY

make_prefix() {
  [ -e "$WINEPREFIX/.complete" ] && return
  mkdir -p "$WINEPREFIX"
  (
    flock 9
    [ -e "$WINEPREFIX/.complete" ] && exit
    timeout -k 5 300 wineboot -i && wineserver -w && : >"$WINEPREFIX/.complete"
  ) 9>"$WINEPREFIX.lock" >/dev/null 2>&1
}

make_prefix
if [ ! -e "$WINEPREFIX/.complete" ]; then
  echo "run-wine: no Wine prefix could be made in $WINEPREFIX" >&2
  exit 1
fi
timeout -k 5 "${UWSK_WINE_LIMIT:-110}" wine "$@"
status=$?
[ $status -eq 0 ] && exit 0
echo "run-wine: $1 ended with status $status" >&2
exit 1
