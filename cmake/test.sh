#!/bin/sh
# test.sh [PRESET]: sets up, builds, and passes all tests (of preset dev-gcc).
set -eu
cd "$(dirname "$0")/.."
preset=${1:-dev-gcc}

case $preset in
  dev-gcc | release | asan | tsan) cmake/setup.sh ;;
  *) cmake/setup.sh --ci ;;
esac
cmake --preset "$preset" --log-level=WARNING
cmake --build --preset "$preset"
# Three times as many tests as processors: most of their time is waiting.
ctest --preset "$preset" --parallel $(($(getconf _NPROCESSORS_ONLN) * 3))
