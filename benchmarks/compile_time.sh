#!/bin/sh
# Measures the compile time at -O2, without linking: sh benchmarks/compile_time.sh [compiler [runs]]
# Prints the seconds of each run in ascending order for two programs: one with the umbrella header that trains the MNIST
# network and classifies with it, and the README's, which also reads CSV and writes a model file. The libraries must be
# in the include path.
set -eu
cd "$(dirname "$0")/.."
compiler=${1:-g++}
runs=${2:-5}

measure() {
    i=0
    while [ "$i" -lt "$runs" ]; do
        start=$(date +%s%N)
        "$compiler" -std=c++20 -O2 -I include -x c++ -c "$1" -o /dev/null
        end=$(date +%s%N)
        echo "$start $end" | awk '{ printf "  %.2f\n", ($2 - $1) / 1e9 }'
        i=$((i + 1))
    done | sort -n
}

program=$(mktemp)
trap 'rm -f "$program"' EXIT
cat >"$program" <<'CPP'
#include <typenet/typenet.hpp>
using namespace typenet;
using Digits = Mlp<float, Input<784>, Dense<128, Sigmoid>, Dense<64, Sigmoid>, Dense<10, Softmax>>;
int train(const Dataset<784>& data) {
    Digits net(Seed{42});
    fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.3, .momentum = 0.9}, {.epochs = 10}, ProgressBar{});
    return net.classify(data.row(0));
}
CPP
echo "the umbrella header with the MNIST network"
measure "$program"
echo "the README's program"
measure examples/quickstart.cpp
