#!/bin/sh
# Builds the MNIST program for this machine and trains: sh examples/run.sh [arguments of mnist train]
# File names in the arguments, and data/mnist, are those of the folder it is called from.
set -eu
here=$(pwd)
cd "$(dirname "$0")/.."
root=$(pwd)
. .cmake/requirements.sh

build_mnist
cd "$here"
exec "$root/build/release/bin/mnist" train "$@"
