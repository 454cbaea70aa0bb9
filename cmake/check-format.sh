#!/bin/sh
# Checks the layout of all C and C++ files with clang-format.
set -eu
cd "$(dirname "$0")/.."
find include src emu tests examples -type f \
  \( -name '*.c' -o -name '*.h' -o -name '*.cpp' \) -print0 |
  sort -z | xargs -0 clang-format --dry-run -Werror
