#include <cmath>
#include <iostream>
#include <typenet/io/safetensors.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/typenet.hpp>

using namespace typenet;

/// Learns XOR, which takes a hidden layer.
int main() {
    const Dataset<2> data(Features<2>(std::vector<float>{0, 0, 0, 1, 1, 0, 1, 1}), Labels({0, 1, 1, 0}));
    Mlp<float, Input<2>, Dense<8, Tanh>, Dense<2, Softmax>> net(Seed{1});
    fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.5, .momentum = 0.9}, {.epochs = 300, .batch_size = 4});
    std::cout << "accuracy on XOR: " << accuracy(net, data) << '\n';
    return accuracy(net, data) == 1 ? 0 : 1;
}
