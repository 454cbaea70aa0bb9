#!/bin/sh
# Builds libuv and cmocka for 64-bit Windows, from Debian's source packages,
# into .deps/mingw64. Does nothing when that has been done.
#
# The machine's apt configuration is read, not changed: a private copy of its
# sources, with deb-src instead of deb, serves this script alone.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
prefix=$root/.deps/mingw64
work=$root/.deps/src
host=x86_64-w64-mingw32
stamp=$prefix/.complete

[ -e "$stamp" ] && exit 0

die() {
  echo "build-mingw-deps: $*" >&2
  exit 1
}

for tool in apt-get dpkg-source cmake ninja $host-gcc; do
  command -v "$tool" >/dev/null || die "$tool is missing; run cmake/setup.sh --ci"
done

# A one-line entry "deb …" and the fields "Types: deb" both become deb-src.
write_sources() {
  mkdir -p "$work/apt/parts" "$work/apt/lists/partial"
  : >"$work/apt/sources.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] || continue
    sed -n 's/^deb[[:space:]]/deb-src /p' "$file" >>"$work/apt/sources.list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    sed 's/^Types:.*/Types: deb-src/' "$file" \
      >"$work/apt/parts/$(basename "$file")"
  done
}

private_apt() {
  apt-get -q -o Dir::Etc::SourceList="$work/apt/sources.list" \
    -o Dir::Etc::SourceParts="$work/apt/parts" \
    -o Dir::State::Lists="$work/apt/lists" \
    -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o APT::Sandbox::User=root -o Acquire::Retries=3 "$@"
}

# fetch PACKAGE: unpacks its source as $work/PACKAGE
fetch() {
  [ -d "$work/$1" ] && return
  (cd "$work" && private_apt source --download-only "$1")
  dpkg-source --no-check -x "$work/$1"_*.dsc "$work/$1.new"
  mv "$work/$1.new" "$work/$1"
}

# build PACKAGE [cmake argument…]
build() {
  package=$1
  shift
  cmake -S "$work/$package" -B "$work/$package-build" -G Ninja \
    -DCMAKE_SYSTEM_NAME=Windows -DCMAKE_C_COMPILER=$host-gcc \
    -DCMAKE_RC_COMPILER=$host-windres -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
    -DBUILD_TESTING=OFF "$@"
  cmake --build "$work/$package-build"
  cmake --install "$work/$package-build"
}

write_sources
private_apt update
fetch libuv1
fetch cmocka
build libuv1 -DLIBUV_BUILD_TESTS=OFF
build cmocka -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF -DUNIT_TESTING=OFF
# Only the static libraries: programs then need no DLL beside them.
rm -f "$prefix"/lib/*.dll.a "$prefix"/bin/*.dll
[ -e "$prefix/lib/libuv.a" ] || mv "$prefix/lib/libuv_a.a" "$prefix/lib/libuv.a"
[ -e "$prefix/lib/libcmocka.a" ] ||
  mv "$prefix/lib/libcmocka-static.a" "$prefix/lib/libcmocka.a"
touch "$stamp"
