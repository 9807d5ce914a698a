// Compares settings for the MNIST recipes: trains each on 50,000 of the training digits and prints its accuracy on the
// other 10,000. It never reads the test digits.  recipe_search [folder with MNIST's files]

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

/// Prints the mean and the lowest accuracy on `validation` over three seeds.
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

/// How strongly the digits are augmented in training; 0 for none.
struct Movement {
    double degrees = 0, scale = 0, shear = 0, shift = 0, elastic = 0, sigma = 4;
};

/// Trains on augmented digits, with a learning rate that decays along a cosine to 0, and prints the accuracy on
/// `validation`.
template <class Optimizer>
void measure_augmented(const Digitset& train, const Digitset& validation, const Optimizer& optimizer,
                       std::size_t epochs, std::size_t batch_size, const Movement& movement, unsigned seed = 1) {
    FitOptions<Digitset> options{.epochs = epochs, .batch_size = batch_size, .seed = Seed{seed}, .threads = 2};
    options.schedule = CosineDecay{};
    options.augmentation = augment<28, 28>(Rotate{.degrees = movement.degrees}, Scale{.by = movement.scale},
                                           Shear{.by = movement.shear}, Shift{.pixels = movement.shift},
                                           ElasticDistortion{.pixels = movement.elastic, .sigma = movement.sigma});
    mnist::Digits net(Seed{seed});
    fit<CrossEntropy>(net, train, optimizer, options);
    std::printf("epochs %3zu  batch %3zu  %s  %s  seed %u  %.4f\n", epochs, batch_size, optimizer.describe().c_str(),
                options.augmentation.describe().c_str(), seed, accuracy(net, validation));
    std::fflush(stdout);
}

/// Searches for the recipe `best`, whose training may take 5 minutes on two cores. Short runs compare augmentations and
/// learning rates, longer runs compare the best of them, and the last two settings run at full length with two seeds.
void search_best(const Digitset& train, const Digitset& validation) {
    const auto sgd = [](double rate, double weight_decay = 0) {
        return Sgd{.learning_rate = rate, .momentum = 0.9, .weight_decay = weight_decay};
    };
    const auto adamw = [](double rate, double weight_decay = 0.01) {
        return AdamW{.learning_rate = rate, .weight_decay = weight_decay};
    };
    const auto measure_sgd = [&](std::size_t epochs, const Sgd& optimizer, const Movement& movement,
                                 unsigned seed = 1) {
        measure_augmented(train, validation, optimizer, epochs, 64, movement, seed);
    };
    const auto measure_adamw = [&](std::size_t epochs, const AdamW& optimizer, std::size_t batch_size,
                                   const Movement& movement, unsigned seed = 1) {
        measure_augmented(train, validation, optimizer, epochs, batch_size, movement, seed);
    };
    constexpr Movement mild{6, 0.08, 0.05, 1, 0.5};
    constexpr Movement moderate{8, 0.1, 0.1, 1, 0.8};
    constexpr Movement strong{10, 0.12, 0.1, 1, 1.2};
    constexpr Movement elastic_alone{0, 0, 0, 0, 1.2};
    constexpr Movement unshifted{8, 0.1, 0.1, 0, 0.8};
    constexpr Movement chosen{8, 0.1, 0.1, 0.5, 0.8};
    for (const Movement& movement : {Movement{}, mild, moderate, strong, elastic_alone, unshifted, chosen}) {
        measure_sgd(40, sgd(0.3), movement);
    }
    for (const double rate : {0.15, 0.5}) measure_sgd(40, sgd(rate), moderate);
    for (const double rate : {0.002, 0.004}) measure_adamw(40, adamw(rate), 64, moderate);
    measure_adamw(40, adamw(0.004, 0.1), 64, moderate);

    for (const Movement& movement :
         {chosen, {8, 0.1, 0.1, 0.5, 1.0}, {8, 0.1, 0.1, 0.5, 0.8, 3}, {10, 0.15, 0.15, 0.5, 1.2}}) {
        measure_sgd(120, sgd(0.3), movement);
    }
    measure_sgd(120, sgd(0.5), chosen);
    for (const double weight_decay : {3e-6, 1e-5}) measure_sgd(120, sgd(0.3, weight_decay), chosen);
    for (const std::size_t batch_size : {64U, 128U}) measure_adamw(120, adamw(0.004), batch_size, chosen);
    measure_adamw(120, adamw(0.006), 128, chosen);

    for (const unsigned seed : {1U, 2U}) {
        measure_sgd(250, sgd(0.3, 3e-6), chosen, seed);
        measure_adamw(250, adamw(0.004), 128, chosen, seed);
    }
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
        search_best(train, validation);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
