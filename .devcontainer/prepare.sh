#!/bin/sh
# Installs what the tests and the editor need, by the project's own lists, and writes the compile commands.
set -eu
cd "$(dirname "$0")/.."
. .cmake/requirements.sh
# shellcheck disable=SC2086  # one word a package
require $library_packages $program_packages $test_packages clang-format clang-tidy clangd
cmake --preset dev
