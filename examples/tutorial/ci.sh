#!/bin/sh
# ci.sh UWSK KIND…: builds uwsk from its source tree and the tests of this
# folder, both with the same sanitizers, and runs the tests. A kind is "plain",
# or what stands behind -fsanitize=.
# tutorial: ci
set -eu
uwsk=$1
shift
for kind in "$@"; do
  sanitize=$kind
  flags="-fsanitize=$kind -fno-omit-frame-pointer"
  [ "$kind" != plain ] || sanitize= flags=
  cmake -G Ninja -S "$uwsk" -B "build/uwsk-$kind" -DCMAKE_BUILD_TYPE=Debug \
    -DUWSK_SANITIZE="$sanitize" -DUWSK_TESTS=OFF -DUWSK_EXAMPLES=OFF
  cmake --build "build/uwsk-$kind"
  cmake --install "build/uwsk-$kind" --prefix "$PWD/build/prefix-$kind"
  cmake -G Ninja -S . -B "build/$kind" -DCMAKE_BUILD_TYPE=Debug \
    -Duwsk_ROOT="$PWD/build/prefix-$kind" -DCMAKE_C_FLAGS="$flags"
  cmake --build "build/$kind"
  ctest --test-dir "build/$kind" --output-on-failure
done
# tutorial: end
