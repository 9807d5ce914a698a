// Transfer: a network that was trained on many rows of one problem helps with another one, of which there are few rows.
// The new network takes its first two layers, and only its last layer is trained; then all of it, slowly.

#include <algorithm>
#include <array>
#include <iostream>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

using Old = Mlp<float, Input<8>, Dense<48, Tanh>, Dense<16, Tanh>, Dense<4, Softmax>>;
using New = Mlp<float, Input<8>, Dense<48, Tanh>, Dense<16, Tanh>, Dense<2, Softmax>>;

/// Draws rows of eight readings, of which only two sums of products, a and b, count. The old problem asks for the signs
/// of both, the new one which is larger.
Dataset<8> make_rows(std::size_t count, Seed seed, bool old) {
    Random random(seed);
    std::vector<std::array<double, 8>> rows(count);
    std::vector<int> labels;
    for (auto& x : rows) {
        for (double& reading : x) reading = uniform(random, -1, 1);
        const double a = x[0] * x[1] + x[2] * x[3];
        const double b = x[4] * x[5] - x[6] * x[7];
        labels.push_back(old ? 2 * int{a > 0} + int{b > 0} : int{a > b});
    }
    return make_dataset<8>(rows, labels);
}

int main() {
    const auto many = make_rows(20000, Seed{1}, true);
    const auto few = make_rows(200, Seed{2}, false);
    const auto test = make_rows(5000, Seed{3}, false);

    Old old(Seed{1});
    fit<CrossEntropy>(old, many, Adam{.learning_rate = 0.003}, {.epochs = 60, .schedule = CosineDecay{}},
                      ProgressBar{});

    New net(Seed{2});
    net.weights<0>() = old.weights<0>();
    net.biases<0>() = old.biases<0>();
    net.weights<1>() = old.weights<1>();
    net.biases<1>() = old.biases<1>();
    freeze<0>(net);
    freeze<1>(net);
    fit<CrossEntropy>(net, few, Adam{.learning_rate = 0.01}, {.epochs = 50, .schedule = CosineDecay{}});
    const double last_layer = accuracy(net, test);

    unfreeze<0>(net);
    unfreeze<1>(net);
    fit<CrossEntropy>(net, few, Adam{.learning_rate = 0.0003}, {.epochs = 20});
    const double all_layers = accuracy(net, test);

    New beginner(Seed{2});
    fit<CrossEntropy>(beginner, few, Adam{.learning_rate = 0.003}, {.epochs = 50, .schedule = CosineDecay{}});
    const double alone = accuracy(beginner, test);

    std::cout << "200 rows alone: " << alone << ", behind trained layers: " << last_layer
              << ", all layers tuned: " << all_layers << '\n';
    return std::min(last_layer, all_layers) > alone + 0.15 ? 0 : 1;
}
