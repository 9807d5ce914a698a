// How the MNIST recipes were chosen: each setting is trained on 50,000 of the training digits and measured on the other
// 10,000; the test digits are not read.  recipe_search [folder with MNIST's files]

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <iostream>
#include <mnist/data.hpp>
#include <mnist/network.hpp>
#include <string>
#include <typenet/typenet.hpp>

using namespace typenet;

namespace {

using Digitset = Dataset<784>;

/// Mean and least accuracy on `validation` over three seeds.
void measure(const Digitset& train, const Digitset& validation, const Sgd& sgd, std::size_t epochs,
             std::size_t batch_size, bool decay) {
    double sum = 0;
    double least = 1;
    constexpr std::array seeds{1U, 2U, 3U};
    for (const unsigned seed : seeds) {
        mnist::Digits net(Seed{seed});
        FitOptions<Digitset> options{.epochs = epochs, .batch_size = batch_size, .seed = Seed{seed}};
        if (decay) options.schedule = LinearDecay{};
        fit<CrossEntropy>(net, train, sgd, options);
        const double share = accuracy(net, validation);
        sum += share;
        least = std::min(least, share);
    }
    std::printf("epochs %2zu  batch %3zu  rate %.2f  momentum %.1f  decay %.0e  %s  mean %.4f  least %.4f\n", epochs,
                batch_size, sgd.learning_rate, sgd.momentum, sgd.weight_decay, decay ? "linear  " : "constant",
                sum / seeds.size(), least);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const mnist::Source source = mnist::find_digits(argc > 1 ? argv[1] : "");
        std::cout << source.describe() << '\n';
        const auto [train, validation] =
            split(mnist::load_digits(source, mnist::Part::train), {.fraction = 1.0 / 6, .seed = Seed{7}});
        for (const double rate : {0.1, 0.3, 0.5, 1.0}) {
            for (const std::size_t batch_size : {32U, 64U}) {
                measure(train, validation, {.learning_rate = rate}, 3, batch_size, false);
            }
        }
        for (const bool decay : {false, true}) {
            for (const double weight_decay : {1e-5, 3e-5, 5e-5, 1e-4}) {
                for (const double rate : {0.2, 0.3, 0.4, 0.5, 0.6}) {
                    measure(train, validation, {.learning_rate = rate, .momentum = 0.9, .weight_decay = weight_decay},
                            10, 32, decay);
                }
            }
        }
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
