// Trains a network that tells gestures by an accelerometer, and writes it as a header for main.cpp, which runs without
// the library: 8-bit weights, whole numbers alone. train.cpp FILE

#include <array>
#include <cmath>
#include <iostream>
#include <numbers>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/io/header.hpp>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

using Net = Mlp<float, Input<24>, Dense<16, ReLU>, Dense<3, Softmax>>;

/// Makes readings of three seconds, 8 a second, as bytes: rest, shaking, or one slow wave.
Dataset<24> make_readings(std::size_t count, Seed seed) {
    Random random(seed);
    std::vector<std::array<std::uint8_t, 24>> rows(count);
    std::vector<int> labels;
    for (auto& row : rows) {
        const auto gesture = static_cast<int>(uniform_index(random, 3));
        const double height = gesture == 0 ? 0 : uniform(random, 50, 100);
        const double turns = gesture == 1 ? uniform(random, 6, 9) : uniform(random, 0.8, 1.2);
        const double phase = uniform(random, 0, 1);
        for (std::size_t t = 0; t < row.size(); ++t) {
            const double wave = std::sin(2 * std::numbers::pi * (turns * static_cast<double>(t) / 24 + phase));
            row[t] = static_cast<std::uint8_t>(128 + height * wave + uniform(random, -10, 10));
        }
        labels.push_back(gesture);
    }
    return make_dataset<24>(rows, labels, 1.0F / 255);
}

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "name the header to write\n";
        return 1;
    }
    try {
        const auto data = make_readings(3000, Seed{1});
        Net net(Seed{1});
        fit<CrossEntropy>(net, data, Adam{.learning_rate = 0.005}, {.epochs = 40, .schedule = CosineDecay{}});
        const auto small = quantize(net, data);
        std::cout << "accuracy in 8 bits: " << accuracy(small, make_readings(1000, Seed{2})) << '\n';
        export_header(small, argv[1], {.name = "gestures", .whole_numbers = true},
                      {.input_scale = data.features().scale(), .labels = {"rest", "shake", "wave"}});
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
