#!/bin/sh
# Measures typenet beside its peers and writes docs/performance.md: sh benchmarks/compare.sh [FOLDER] [options]
# FOLDER has MNIST's four IDX files, raw or gzipped; where none is named, TYPENET_MNIST_DIR, then data/mnist.
#   --rounds N         how often all is run, 5 where not given
#   --only TASK,...    prints these rows, and writes no document
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
# Debian's packages are for Debian's Python, which need not be the first in the path.
python=python3
[ ! -x /usr/bin/python3 ] || python=/usr/bin/python3
cmake --preset release -D TYPENET_BENCHMARKS=ON >/dev/null
cmake --build --preset release --target compare_typenet compare_dlib -j "$(nproc 2>/dev/null || echo 2)"
exec "$python" benchmarks/compare.py --programs build/release/bin --data "$data" "$@"
