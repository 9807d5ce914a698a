#!/bin/sh
# Measures what four programs cost: sh benchmarks/compile_time.sh [compiler [runs]]
# Prints for each the seconds of compiling at -O2, without linking, of each run in ascending order, and the size of the
# linked and stripped program. The programs predict one row with the MNIST network, do so with weights from a file, train
# with the umbrella header, and are README's, which also reads CSV and writes a model file. The libraries must be in the
# include path.
set -eu
cd "$(dirname "$0")/.."
compiler=${1:-g++}
runs=${2:-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags="-std=c++20 -O2 -DTYPENET_USE_XSIMD=1 -DTYPENET_USE_ZLIB=1 -I include"

measure() {
    echo "$1"
    i=0
    while [ "$i" -lt "$runs" ]; do
        start=$(date +%s%N)
        # shellcheck disable=SC2086  # one word a flag
        "$compiler" $flags -c "$2" -o "$folder/program.o"
        end=$(date +%s%N)
        echo "$start $end" | awk '{ printf "  %.2f s\n", ($2 - $1) / 1e9 }'
        i=$((i + 1))
    done | sort -n
    "$compiler" -s "$folder/program.o" -o "$folder/program" -lz -pthread
    echo "  $(wc -c <"$folder/program") bytes"
}

digits="using namespace typenet;
using Digits = Mlp<float, Input<784>, Dense<128, Sigmoid>, Dense<64, Sigmoid>, Dense<10, Softmax>>;"
classify="Vector<float, 784> row;
    row.fill(static_cast<float>(count));
    return net.classify(row);"
cat >"$folder/predict.cpp" <<CPP
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
$digits
int main(int count, char**) {
    const Digits net(Seed{42});
    $classify
}
CPP
cat >"$folder/load.cpp" <<CPP
#include <typenet/io/safetensors.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
$digits
int main(int count, char** arguments) {
    Digits net;
    load(net, arguments[1]);
    $classify
}
CPP
cat >"$folder/train.cpp" <<CPP
#include <typenet/typenet.hpp>
$digits
int main() {
    Digits net(Seed{42});
    const auto data = make_dataset<784>(std::vector<float>(7840), std::vector<int>(10));
    fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.3, .momentum = 0.9}, {.epochs = 10}, ProgressBar{});
    return net.classify(data.row(0));
}
CPP
measure "predict a row" "$folder/predict.cpp"
measure "predict a row, with weights from a file" "$folder/load.cpp"
measure "train, with the umbrella header" "$folder/train.cpp"
measure "README's program" examples/quickstart.cpp
