// The smallest training: a network learns whether exactly one of two inputs is 1, which takes a hidden layer.

#include <iostream>
#include <typenet/typenet.hpp>

using namespace typenet;

int main() {
    const std::vector<float> inputs{0, 0, 0, 1, 1, 0, 1, 1};  // four rows of two
    const std::vector<int> answers{0, 1, 1, 0};
    const auto data = make_dataset<2>(inputs, answers);

    Mlp<float, Input<2>, Dense<8, Tanh>, Dense<1, Sigmoid>> net(Seed{1});
    fit<BinaryCrossEntropy>(net, data, Adam{.learning_rate = 0.05}, {.epochs = 200, .batch_size = 4});

    for (std::size_t row = 0; row < data.size(); ++row) {
        const auto x = data.row(row);
        std::cout << x(0) << " xor " << x(1) << " is " << net.classify(x) << ", with output " << net.predict(x)(0)
                  << '\n';
    }
    return accuracy(net, data) == 1 ? 0 : 1;
}
