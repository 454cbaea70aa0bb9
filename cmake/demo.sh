#!/bin/sh
# Sets up, builds, and runs the example driver against an echo peer on this
# machine, with the trace of what happens.
set -eu
cd "$(dirname "$0")/.."

cmake/setup.sh
log=$(mktemp)
trap 'rm -f "$log"' EXIT

quietly() {
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    echo "demo: \"$*\" failed" >&2
    exit 1
  }
}

echo "demo: building"
quietly cmake --preset demo
quietly cmake --build --preset demo

driver=build/demo/examples/echo_client.so
for file in build/demo/bin/uwsk-run "$driver"; do
  if [ ! -e "$file" ]; then
    echo "demo: $file was not built" >&2
    exit 1
  fi
done
echo "demo: uwsk-run --echo --trace $driver"
build/demo/bin/uwsk-run --echo --trace --for 30 "$driver"
