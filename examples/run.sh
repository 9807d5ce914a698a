#!/bin/sh
# Builds the MNIST program for this machine and trains: sh examples/run.sh [arguments of mnist train]
set -eu
cd "$(dirname "$0")/.."
. .cmake/requirements.sh

# shellcheck disable=SC2086  # one word a package
require $library_packages $program_packages
cmake --preset release -D TYPENET_TESTS=OFF >/dev/null
cmake --build --preset release --target mnist -j "$(nproc 2>/dev/null || echo 2)"
exec build/release/bin/mnist train "$@"
