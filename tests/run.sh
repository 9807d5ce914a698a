#!/bin/sh
# Builds and runs the test suite: sh tests/run.sh [preset [options of cmake]]
# The preset is release, where none is named. The suites below real_data are skipped where their data isn't there:
# MNIST's files in the folder that TYPENET_MNIST_DIR names, Fashion-MNIST's in that of TYPENET_FASHION_MNIST_DIR or of
# Debian's package dataset-fashion-mnist. Those that need a compiler for WebAssembly, or Python with PyTorch, ONNX and
# OpenCV, are skipped where there is none.
set -eu
cd "$(dirname "$0")/.."
. .cmake/requirements.sh
preset=${1:-release}
[ $# -eq 0 ] || shift

# shellcheck disable=SC2086  # one word a package
require $library_packages $program_packages $test_packages
cmake --preset "$preset" -D TYPENET_TESTS=ON "$@"
cmake --build --preset "$preset" -j "$(nproc 2>/dev/null || echo 2)"
ctest --preset "$preset" -j "$(nproc 2>/dev/null || echo 2)"
