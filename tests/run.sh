#!/bin/sh
# Builds and runs the test suite: sh tests/run.sh [preset [options of cmake]]
# Builds and runs single test files, in build/files: sh tests/run.sh --file tests/network/mlp.cpp...
# Searches for inputs that break a promise: sh tests/run.sh --fuzz SECONDS [TARGET...]
# This builds the fuzz targets (tests/fuzz) with clang and runs each for so many seconds. An input that breaks a promise
# becomes a file in tests/fuzz/corpus/TARGET, which the test suite plays back from then on.
# Measures which lines and branches of include/ the suites reach: sh tests/run.sh --coverage
# Runs the examples under valgrind: sh tests/run.sh --valgrind
# Compiles the library for other platforms and trains there, under QEMU, Wine and Node, or only on the named ones:
# sh tests/run.sh --platforms [--check] [NAME...]. Suites run on aarch64 and Windows. It writes docs/platforms.md, unless
# --check is given.
# tests/platforms/run.sh has the names.
# Plants faults in the library, one at a time, and looks whether the suites notice: sh tests/run.sh --mutate [N/10]
# N/10: only in one tenth of the headers.
# The default preset is release. The suites in real_data are skipped if their data is missing: MNIST's files in the
# folder TYPENET_MNIST_DIR, Fashion-MNIST's in the folder TYPENET_FASHION_MNIST_DIR or in the folder of Debian's package
# dataset-fashion-mnist. Tests that need a compiler for WebAssembly, or Python with PyTorch, ONNX and OpenCV, are
# skipped without them.
set -eu
cd "$(dirname "$0")/.."
. .cmake/requirements.sh
if [ "${1:-}" = --fuzz ]; then
    . tests/fuzz/run.sh
    shift
    fuzz "$@"
    exit
fi
if [ "${1:-}" = --coverage ]; then
    . tests/coverage/run.sh
    coverage
    exit
fi
if [ "${1:-}" = --valgrind ]; then
    . tests/valgrind/run.sh
    check_memory
    exit
fi
if [ "${1:-}" = --platforms ]; then
    . tests/platforms/run.sh
    shift
    check_platforms "$@"
    exit
fi
if [ "${1:-}" = --mutate ]; then
    # shellcheck disable=SC2086
    require $library_packages $program_packages $test_packages python3
    exec python3 tests/mutation/mutate.py ${2:+--part "$2"}
fi
if [ "${1:-}" = --file ]; then
    shift
    : "${1:?name one test file or more, such as tests/network/mlp.cpp}"
    files=""
    for file in "$@"; do files="$files;${file#tests/}"; done
    # shellcheck disable=SC2086
    require $library_packages $program_packages $test_packages
    cmake --preset dev -B build/files -D TYPENET_TESTS=ON -D TYPENET_TEST_FILES="${files#;}" >/dev/null
    cmake --build build/files --target typenet_tests -j "$(nproc 2>/dev/null || echo 2)"
    exec build/files/bin/typenet_tests
fi
preset=${1:-release}
[ $# -eq 0 ] || shift

case $preset in clang | asan) test_packages="$test_packages clang" ;; esac
# shellcheck disable=SC2086  # one word a package
require $library_packages $program_packages $test_packages
cmake --preset "$preset" -D TYPENET_TESTS=ON "$@"
cmake --build --preset "$preset" -j "$(nproc 2>/dev/null || echo 2)"
ctest --preset "$preset" -j "$(nproc 2>/dev/null || echo 2)"
