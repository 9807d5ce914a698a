// The README's program: trains on MNIST's CSV files, which it reads from the current folder or from the folder that is
// its argument.

#include <iostream>
#include <string>
#include <typenet/io/save.hpp>
#include <typenet/typenet.hpp>

using namespace typenet;

using Digits = Mlp<float, Input<784>, Dense<128, Sigmoid>, Dense<64, Sigmoid>, Dense<10, Softmax>>;

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    try {
        const auto train = load_csv<784>(folder + "/mnist_train.csv", {.label_column = 0, .scale = 1.0f / 255});
        const auto test = load_csv<784>(folder + "/mnist_test.csv", {.label_column = 0, .scale = 1.0f / 255});

        Digits net(Seed{42});
        fit<CrossEntropy>(net, train, Sgd{.learning_rate = 0.3, .momentum = 0.9}, {.epochs = 10, .batch_size = 64},
                          ProgressBar{});
        std::cout << "test accuracy " << accuracy(net, test) << '\n';
        std::cout << "the first digit is a " << net.classify(test.row(0)) << '\n';
        save(net, "digits.safetensors", {.input_scale = test.features().scale()});
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
