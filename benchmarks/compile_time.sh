#!/bin/sh
# Compile time of the README's program at -O2, without its linking: sh benchmarks/compile_time.sh [compiler [runs]]
# Prints the seconds of each run in ascending order. The libraries must be in the compiler's include path.
set -eu
cd "$(dirname "$0")/.."
compiler=${1:-g++}
runs=${2:-5}

i=0
while [ "$i" -lt "$runs" ]; do
    start=$(date +%s.%N)
    "$compiler" -std=c++20 -O2 -DHAVE_CBLAS=1 -I include -c examples/quickstart.cpp -o /dev/null
    end=$(date +%s.%N)
    echo "$start $end" | awk '{ printf "%.2f\n", $2 - $1 }'
    i=$((i + 1))
done | sort -n
