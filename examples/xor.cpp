// Exclusive or: the smallest problem that a network without a hidden layer can't solve. Four rows, written by hand.

#include <iostream>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

using Net = Mlp<float, Input<2>, Dense<4, Tanh>, Dense<1, Sigmoid>>;

int main() {
    const std::vector<float> inputs{0, 0, 0, 1, 1, 0, 1, 1};
    const auto data = make_dataset<2>(inputs, std::vector{0, 1, 1, 0});

    Net net(Seed{1});
    fit<BinaryCrossEntropy>(net, data, Adam{.learning_rate = 0.05}, {.epochs = 500, .batch_size = 4});

    for (std::size_t row = 0; row < data.size(); ++row) {
        std::cout << inputs[2 * row] << " xor " << inputs[2 * row + 1] << ": " << net.predict(data.row(row))(0) << '\n';
    }
    return accuracy(net, data) == 1 ? 0 : 1;
}
