#!/bin/sh
# update_page.sh [PRESET]: runs the conformance tests (of preset dev-gcc), and
# writes what they show to docs/conformance.md.
set -eu
cd "$(dirname "$0")/../.."
preset=${1:-dev-gcc}

[ -e "build/$preset/build.ninja" ] || cmake --preset "$preset"
cmake --build --preset "$preset"
ctest --preset "$preset" -L '^results$' -Q
tests/conformance/page.py "build/$preset/bin" \
  "build/$preset/tests/conformance/results" --write
