#!/bin/sh
# setup.sh        installs what building and testing uwsk takes
# setup.sh --ci   and what all legs of .ci/run take: GoogleTest, clang, MinGW, Wine
#
# Installs only what is missing, through the machine's own package manager, as
# root or by sudo. Says nothing when nothing is missing.
set -eu

everything=no
case "${1:-}" in
  "") ;;
  --ci) everything=yes ;;
  *)
    echo "usage: setup.sh [--ci]" >&2
    exit 2
    ;;
esac

die() {
  echo "setup: $*" >&2
  exit 1
}

have() {
  command -v "$1" >/dev/null 2>&1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "\"$*\" must be run as root, and there is no sudo"
  fi
}

# Runs a command in silence, unless it fails.
quietly() {
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    rm -f "$log"
  else
    cat "$log" >&2
    rm -f "$log"
    die "\"$*\" failed"
  fi
}

with_apt() {
  wanted="gcc g++ cmake ninja-build pkg-config python3 git
    libc6-dev libuv1-dev libcmocka-dev nettle-dev"
  if [ $everything = yes ]; then
    wanted="$wanted libgtest-dev clang clang-format libclang-rt-dev llvm dpkg-dev
      gcc-mingw-w64-x86-64-posix g++-mingw-w64-x86-64-posix
      mingw-w64-x86-64-dev wine wine64"
  fi
  missing=
  for package in $wanted; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null |
      grep -q 'ok installed' || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "setup: installing$missing"
  quietly as_root apt-get -qq update
  # shellcheck disable=SC2086
  quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
    --no-install-recommends $missing
}

with_dnf() {
  wanted="gcc gcc-c++ cmake ninja-build pkgconf-pkg-config python3 git
    libuv-devel libcmocka-devel nettle-devel libasan libubsan libtsan"
  [ $everything = no ] || die "--ci is for Debian: the libraries for Windows" \
    "are built from its source packages"
  missing=
  for package in $wanted; do
    rpm -q --quiet "$package" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "setup: installing$missing"
  # shellcheck disable=SC2086
  quietly as_root dnf -q -y install $missing
}

with_brew() {
  missing=
  for package in cmake ninja pkg-config python3 libuv cmocka nettle; do
    brew list --formula "$package" >/dev/null 2>&1 ||
      missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  echo "setup: installing$missing"
  # shellcheck disable=SC2086
  quietly brew install $missing
}

# On Windows, in a MinGW shell; cmake then takes vcpkg's toolchain file.
with_vcpkg() {
  for tool in cmake ninja gcc; do
    have $tool || die "$tool must be on the path"
  done
  quietly vcpkg install --triplet x64-mingw-static libuv cmocka
}

if have apt-get && have dpkg-query; then
  with_apt
elif have dnf; then
  with_dnf
elif have brew; then
  with_brew
elif have vcpkg; then
  with_vcpkg
else
  die "no package manager that this script knows; needed are cmake 3.25," \
    "ninja, gcc or clang, pkg-config, python 3, libuv 1.44, cmocka, and nettle" \
    "for <bcrypt.h>"
fi

# shellcheck disable=SC2046
set -- $(cmake --version | sed -n 's/^cmake version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
[ "$1" -gt 3 ] || { [ "$1" -eq 3 ] && [ "$2" -ge 25 ]; } ||
  die "cmake is $1.$2, and 3.25 is needed"
