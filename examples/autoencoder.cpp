// An autoencoder: a network that has to answer with its own input, through a bottleneck. The signals below have 32
// values each, but only three numbers make them: how high, how long and where a wave is. Four numbers in the middle of
// the network are enough to keep them, and what has no such form comes back changed: that finds faults.

#include <array>
#include <cmath>
#include <iostream>
#include <numbers>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

constexpr std::size_t length = 32;
using Signal = std::array<float, length>;
using Net = Mlp<float, Input<length>, Dense<24, Tanh>, Dense<4, Identity>, Dense<24, Tanh>, Dense<length, Identity>>;

/// Returns a sine with a random height, wave length and phase.
Signal draw_signal(Random& random) {
    const double height = uniform(random, 0.5, 1);
    const double waves = uniform(random, 1, 2);
    const double phase = uniform(random, 0, 1);
    Signal signal;
    for (std::size_t t = 0; t < length; ++t) {
        const double turns = waves * static_cast<double>(t) / length + phase;
        signal[t] = static_cast<float>(height * std::sin(2 * std::numbers::pi * turns));
    }
    return signal;
}

/// Returns how far the network's answer is from the signal, as the root of the mean square.
double error_of(const Net& net, const Signal& signal) {
    const auto answer = net.predict(signal);
    double sum = 0;
    for (std::size_t t = 0; t < length; ++t) {
        const auto difference = static_cast<double>(answer(t) - signal[t]);
        sum += difference * difference;
    }
    return std::sqrt(sum / length);
}

int main() {
    Random random(Seed{1});
    std::vector<Signal> signals(4000);
    for (Signal& signal : signals) signal = draw_signal(random);
    const auto data = make_dataset<length, length>(signals, signals);  // the targets are the features

    Net net(Seed{1});
    fit<MeanSquaredError>(net, data, Adam{.learning_rate = 0.003}, {.epochs = 60, .schedule = CosineDecay{}},
                          ProgressBar{});

    // What the first two layers put out is all that the others get to know of a signal.
    std::cout << "32 values as four: " << net.first_layers<2>().predict(signals[0]) << '\n';

    double usual = 0;
    for (int i = 0; i < 200; ++i) usual += error_of(net, draw_signal(random)) / 200;
    Signal broken = draw_signal(random);
    for (std::size_t t = 10; t < 16; ++t) broken[t] = 0;  // the sensor was silent for a moment
    std::cout << "signals it has never seen come back with an error of " << usual << ", a broken one with "
              << error_of(net, broken) << '\n';
    return usual < 0.1 && error_of(net, broken) > 2 * usual ? 0 : 1;
}
