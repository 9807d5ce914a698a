#!/bin/sh
# Compares typenet with its peers and writes docs/performance.md: sh benchmarks/compare.sh [FOLDER] [options]
# FOLDER has MNIST's four IDX files, raw or gzipped. The default is TYPENET_MNIST_DIR if it is set, else data/mnist.
#   --rounds N             how often every task is run; 5 by default
#   --only TASK,...        runs only these tasks, prints their tables, and stores and writes nothing
#   --onnxruntime FOLDER   where `npm install onnxruntime-node` was run; without it NODE_PATH counts
set -eu
here=$(pwd)
cd "$(dirname "$0")/.."
. .cmake/requirements.sh

data=${TYPENET_MNIST_DIR:-$(pwd)/data/mnist}
case ${1:-} in
    "" | -*) ;;
    *)
        data=$(cd "$here" && cd "$1" && pwd)
        shift
        ;;
esac

# shellcheck disable=SC2086  # one word a package
require $library_packages $program_packages $compare_packages
# Debian's packages belong to Debian's Python, which may not be the first in the path.
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
cmake --preset release -D TYPENET_BENCHMARKS=ON >/dev/null
cmake --build --preset release --target compare -j "$(nproc 2>/dev/null || echo 2)"
root=$(pwd)
cd "$here"
exec "$python" "$root/benchmarks/compare.py" --programs "$root/build/release/bin" --data "$data" "$@"
