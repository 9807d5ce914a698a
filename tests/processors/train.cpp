// Compiled twice, with PART, the name of the part, for one kind of processor each.

#include <cmath>
#include <iostream>
#include <stdexcept>
#include <typenet/core/print.hpp>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include "parts.hpp"

using namespace typenet;

/// Uses the library, and what it shares with other code: strings, streams, vectors, exceptions, arrays of xtensor.
void PART::train() {
    std::vector<float> features;
    std::vector<int> labels;
    for (int row = 0; row < 60; ++row) {
        const auto angle = static_cast<float>(row) * 0.7F;
        features.insert(features.end(), {std::cos(angle), std::sin(angle), 1});
        labels.push_back(features[features.size() - 3] < 0 ? 1 : 0);
    }
    const auto data = make_dataset<3>(features, labels);
    Mlp<float, Input<3>, Dense<8, Tanh>, Dense<2, Softmax>> net(Seed{1});
    fit<CrossEntropy>(net, data, Adam{.learning_rate = 0.05}, {.epochs = 20, .batch_size = 8});
    std::cout << net.weights<0>() << '\n' << accuracy(quantize(net, data), data) << '\n';
    if (accuracy(net, data) < 0.9) throw std::runtime_error("the network learned too little");
    try {
        fit<CrossEntropy>(net, data, Adam{.learning_rate = -1}, {});
    } catch (const Error& error) {
        std::cout << error.what() << '\n';
        return;
    }
    throw std::runtime_error("an exception of the library was lost");
}
