#!/bin/sh
# Builds the MNIST program for this machine and trains: sh examples/run.sh [arguments of mnist train]
# File names in the arguments, and data/mnist, are those of the folder it is called from.
set -eu
here=$(pwd)
cd "$(dirname "$0")/.."
root=$(pwd)
. .cmake/requirements.sh

# shellcheck disable=SC2086  # one word a package
require $library_packages $program_packages
# A folder that is there keeps its tests.
if [ -f build/release/CMakeCache.txt ]; then
    cmake --preset release >/dev/null
else
    cmake --preset release -D TYPENET_TESTS=OFF >/dev/null
fi
cmake --build --preset release --target mnist -j "$(nproc 2>/dev/null || echo 2)"
cd "$here"
exec "$root/build/release/bin/mnist" train "$@"
