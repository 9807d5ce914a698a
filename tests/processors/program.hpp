#pragma once

#include <iostream>
#include <typenet/io/save.hpp>
#include <typenet/typenet.hpp>
#include <vector>

/// Trains and predicts; both objects of the program call it, each compiled for another processor.
inline bool TRAIN() {
    using namespace typenet;
    const std::vector<float> x{0, 0, 0, 1, 1, 0, 1, 1};
    const auto data = make_dataset<2>(x, std::vector{0, 1, 1, 0});
    Mlp<float, Input<2>, Dense<16, Tanh>, Dense<2, Softmax>> net(Seed{1});
    fit<CrossEntropy>(net, data, Adam{.learning_rate = 0.05}, {.epochs = 200, .batch_size = 4}, ProgressBar{std::cerr});
    return accuracy(net, data) == 1;
}
