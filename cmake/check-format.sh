#!/bin/sh
# Checks the layout of all C and C++ files with clang-format.
set -eu
cd "$(dirname "$0")/.."
git ls-files -z '*.c' '*.h' '*.cpp' |
  xargs -0 clang-format --dry-run -Werror
