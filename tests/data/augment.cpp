#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <support/allocations.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include <typenet/data/augment.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <std::size_t Height, std::size_t Width>
using Image = std::array<float, Height * Width>;
using Digit = Image<28, 28>;

/// Returns an image of a smooth spot away from the borders.
Digit spot() {
    Digit image;
    for (std::size_t i = 0; i < image.size(); ++i) {
        const double x = static_cast<double>(i % 28) - 15;
        const double y = static_cast<double>(i / 28) - 12;
        image[i] = static_cast<float>(std::exp(-(x * x + y * y) / 18));
    }
    return image;
}

template <class Augmenter, std::size_t N>
std::array<float, N> augmented(const Augmenter& augmenter, std::array<float, N> image, std::uint64_t key = 1) {
    Random random(Seed{key}, Purpose::augmentation);
    augmenter(image, random);
    return image;
}

/// Returns one coefficient of transform.origin for each of many draws.
template <class Transform>
std::vector<double> draws(const Transform& transform, double detail::Affine::*coefficient) {
    Random random(Seed{3});
    std::vector<double> values;
    for (int i = 0; i < 3000; ++i) values.push_back(transform.origin(random).*coefficient);
    return values;
}

void check_uniform(std::vector<double> values, double low, double high) {
    std::sort(values.begin(), values.end());
    CHECK(values.front() >= low);
    CHECK(values.back() <= high);
    for (const double share : {0.01, 0.25, 0.5, 0.75, 0.99}) {
        const double value = values[static_cast<std::size_t>(share * static_cast<double>(values.size()))];
        CHECK(std::abs(value - (low + share * (high - low))) < 0.04 * (high - low));
    }
}

double mean_product(const std::vector<double>& a, const std::vector<double>& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0) / static_cast<double>(a.size());
}

struct Fixed {
    detail::Affine map;

    static void validate() {}
    [[nodiscard]] static std::string describe() { return "Fixed"; }
    [[nodiscard]] detail::Affine origin(Random&) const { return map; }
};

struct OneLeft {
    static void validate() {}
    [[nodiscard]] static std::string describe() { return "OneLeft"; }
    template <std::size_t Height, std::size_t Width>
    static void displace(detail::Displacements<Height, Width>& displacements, Random&) {
        for (float& x : displacements.x) x += 1;
    }
};

const auto everything = augment<28, 28>(Rotate{.degrees = 10}, Scale{.by = 0.1}, Shear{.by = 0.1}, Shift{.pixels = 2},
                                        ElasticDistortion{.pixels = 1.2, .sigma = 4}, Noise{.deviation = 0.02});

}  // namespace

TEST_SUITE("data/augment") {
    TEST_CASE("options of 0 change nothing") {
        CHECK(augmented(augment<28, 28>(), spot()) == spot());
        CHECK(augmented(augment<28, 28>(Rotate{}, Scale{}, Shear{}, Shift{}, ElasticDistortion{}, Noise{}), spot()) ==
              spot());
    }

    TEST_CASE("affine transforms are applied in their order, and displacements after all of them") {
        Image<9, 9> dot{};
        dot[4 * 9 + 4] = 1;
        const auto place = [](const Image<9, 9>& image) {
            return std::max_element(image.begin(), image.end()) - image.begin();
        };
        const Fixed right{detail::shifted(3, 0)};
        const Fixed turn{detail::rotated(90)};
        CHECK(place(augmented(augment<9, 9>(right, turn), dot)) == 7 * 9 + 4);
        CHECK(place(augmented(augment<9, 9>(turn, right), dot)) == 4 * 9 + 7);
        CHECK(place(augmented(augment<9, 9>(right, turn, OneLeft{}), dot)) == 7 * 9 + 3);
        CHECK(place(augmented(augment<9, 9>(OneLeft{}, right, turn), dot)) == 7 * 9 + 3);
    }

    TEST_CASE("noise is added last") {
        const auto first = augment<28, 28>(Noise{.deviation = 1}, Fixed{detail::shifted(100, 0)});
        const Digit only_noise = augmented(first, spot());
        CHECK(std::count(only_noise.begin(), only_noise.end(), 0.0F) < 28);
        CHECK(only_noise == augmented(augment<28, 28>(Noise{.deviation = 1}), Digit{}));
    }

    TEST_CASE("draws are uniform within the options") {
        check_uniform(draws(Shift{.pixels = 2}, &detail::Affine::x0), -2, 2);
        check_uniform(draws(Shift{.pixels = 2}, &detail::Affine::y0), -2, 2);
        check_uniform(draws(Shear{.by = 0.3}, &detail::Affine::xy), -0.3, 0.3);
        std::vector<double> angles = draws(Rotate{.degrees = 30}, &detail::Affine::xy);
        for (double& sine : angles) sine = std::asin(sine) * 180 / std::numbers::pi;
        check_uniform(angles, -30 - 1e-9, 30 + 1e-9);
        for (const auto coefficient : {&detail::Affine::xx, &detail::Affine::yy}) {
            std::vector<double> factors = draws(Scale{.by = 0.25}, coefficient);
            for (double& inverse : factors) inverse = 1 / inverse;
            check_uniform(factors, 0.75 - 1e-9, 1.25 + 1e-9);
        }
    }

    TEST_CASE("shift and scale draw the two axes independently") {
        const auto correlation = [](std::vector<double> a, std::vector<double> b, double mean) {
            for (double& x : a) x -= mean;
            for (double& x : b) x -= mean;
            return mean_product(a, b) / std::sqrt(mean_product(a, a) * mean_product(b, b));
        };
        const Shift shift{.pixels = 1};
        CHECK(std::abs(correlation(draws(shift, &detail::Affine::x0), draws(shift, &detail::Affine::y0), 0)) < 0.08);
        const Scale scale{.by = 0.1};
        CHECK(std::abs(correlation(draws(scale, &detail::Affine::xx), draws(scale, &detail::Affine::yy), 1)) < 0.1);
    }

    TEST_CASE("elastic displacements have the given deviation at each pixel, and the B-spline's correlation") {
        // Nodes are 4 pixels apart: pixels d apart correlate by beta7(d / 4) / beta7(0), with the B-spline of degree 7,
        // whose values at 0, 1 and 2 are 151/315, 397/1680 and 1/42.
        const ElasticDistortion elastic{.pixels = 1.5, .sigma = 4 / std::numbers::sqrt3};
        Random random(Seed{11});
        constexpr std::array<std::size_t, 6> places{0,           5 * 28 + 13, 5 * 28 + 14,
                                                    5 * 28 + 17, 9 * 28 + 13, 21 * 28 + 13};
        std::array<std::vector<double>, places.size()> x;
        std::vector<double> y;
        for (int draw = 0; draw < 6000; ++draw) {
            detail::Displacements<28, 28> displacements;
            elastic.displace(displacements, random);
            for (std::size_t i = 0; i < places.size(); ++i) x[i].push_back(double{displacements.x[places[i]]});
            y.push_back(double{displacements.y[places[1]]});
        }
        const double variance = 1.5 * 1.5;
        for (const auto& values : x) {
            CHECK(mean_product(values, values) == doctest::Approx(variance).epsilon(0.06));
            CHECK(std::abs(std::accumulate(values.begin(), values.end(), 0.0) / 6000) < 0.08);
        }
        CHECK(mean_product(y, y) == doctest::Approx(variance).epsilon(0.06));
        const double next = 397.0 / 1680 / (151.0 / 315);
        CHECK(mean_product(x[1], x[2]) / variance > 0.9);
        CHECK(mean_product(x[1], x[3]) / variance == doctest::Approx(next).epsilon(0.1));
        CHECK(mean_product(x[1], x[4]) / variance == doctest::Approx(next).epsilon(0.1));
        CHECK(std::abs(mean_product(x[1], x[5])) / variance < 0.05);
        CHECK(std::abs(mean_product(x[1], y)) / variance < 0.05);
    }

    TEST_CASE("elastic displacements are as large at nodes as between them") {
        const ElasticDistortion elastic{.pixels = 1, .sigma = 4 / std::numbers::sqrt3};
        Random random(Seed{13});
        std::array<double, 4> variances{};  // in column 0, column 2, row 0, row 2
        for (int draw = 0; draw < 6000; ++draw) {
            detail::Displacements<28, 28> d;
            elastic.displace(d, random);
            for (std::size_t i = 0; i < 28; ++i) {
                const std::array values{d.x[28 * i], d.x[28 * i + 2], d.x[i], d.x[28 * 2 + i]};
                for (std::size_t k = 0; k < 4; ++k) variances[k] += double{values[k] * values[k]} / (28 * 6000);
            }
        }
        for (const double variance : variances) CHECK(std::abs(variance - 1) < 0.03);
    }

    TEST_CASE("elastic displacements are smooth") {
        const ElasticDistortion elastic{.pixels = 1, .sigma = 4};
        Random random(Seed{12});
        double second_differences = 0;
        double most = 0;
        for (int draw = 0; draw < 500; ++draw) {
            detail::Displacements<28, 28> d;
            elastic.displace(d, random);
            for (std::size_t i = 0; i + 2 < 28; ++i) {
                const float across = d.x[28 * 9 + i] - 2 * d.x[28 * 9 + i + 1] + d.x[28 * 9 + i + 2];
                const float down = d.y[28 * i + 9] - 2 * d.y[28 * (i + 1) + 9] + d.y[28 * (i + 2) + 9];
                second_differences += double{across * across + down * down} / (2 * 26 * 500);
                most = std::max({most, double{std::abs(across)}, double{std::abs(down)}});
            }
        }
        CHECK(std::sqrt(second_differences) < 0.07);
        CHECK(most < 0.3);
    }

    TEST_CASE("noise has the given deviation and mean 0, and differs between pixels") {
        const auto noise = augment<28, 28>(Noise{.deviation = 0.5});
        double sum = 0;
        double squares = 0;
        double most = 0;
        std::set<float> values;
        for (std::uint64_t key = 0; key < 30; ++key) {
            for (const float value : augmented(noise, Digit{}, key)) {
                sum += double{value};
                squares += double{value} * double{value};
                most = std::max(most, double{std::abs(value)});
                values.insert(value);
            }
        }
        CHECK(std::abs(sum / (30 * 784)) < 0.015);
        CHECK(std::abs(std::sqrt(squares / (30 * 784)) / 0.5 - 1) < 0.012);
        CHECK(most < 3.5 * 0.5);
        CHECK(most > 2.8 * 0.5);
        CHECK(values.size() > 600);
        const Digit lit = augmented(noise, spot());
        const Digit dark = augmented(noise, Digit{});
        for (std::size_t i = 0; i < 784; ++i) {
            CHECK(lit[i] == doctest::Approx(spot()[i] + dark[i]).epsilon(1e-5));
        }
    }

    TEST_CASE("moving an image keeps its range and nearly keeps its sum") {
        const auto movements = augment<28, 28>(Rotate{.degrees = 10}, Shear{.by = 0.1}, Shift{.pixels = 2},
                                               ElasticDistortion{.pixels = 0.5});
        const Digit before = spot();
        const double mass = std::accumulate(before.begin(), before.end(), 0.0);
        double mean_mass = 0;
        for (std::uint64_t key = 0; key < 200; ++key) {
            const Digit after = augmented(movements, before, key);
            CHECK(*std::min_element(after.begin(), after.end()) >= 0);
            CHECK(*std::max_element(after.begin(), after.end()) <= 1);
            CHECK(*std::max_element(after.begin(), after.end()) > 0.9);
            const double mass_after = std::accumulate(after.begin(), after.end(), 0.0);
            CHECK(mass_after == doctest::Approx(mass).epsilon(0.3));
            mean_mass += mass_after / 200;
        }
        CHECK(mean_mass == doctest::Approx(mass).epsilon(0.03));
    }

    TEST_CASE("the same seed gives the same bits, another seed gives other bits") {
        CHECK(augmented(everything, spot(), 5) == augmented(everything, spot(), 5));
        CHECK(augmented(everything, spot(), 5) != augmented(everything, spot(), 6));
        for (const std::uint64_t key : {1U, 2U, 3U}) {
            CHECK(augmented(augment<28, 28>(ElasticDistortion{.pixels = 1}), spot(), key) !=
                  augmented(augment<28, 28>(ElasticDistortion{.pixels = 1}), spot(), key + 1));
        }
    }

    TEST_CASE("the largest allowed options give finite values") {
        const auto wild =
            augment<28, 28>(Rotate{.degrees = 180}, Scale{.by = 0.99}, Shear{.by = 1e6}, Shift{.pixels = 1e6},
                            ElasticDistortion{.pixels = 1e6, .sigma = 1}, Noise{.deviation = 1e6});
        for (std::uint64_t key = 0; key < 100; ++key) {
            const Digit after = augmented(wild, spot(), key);
            CHECK(std::all_of(after.begin(), after.end(), [](float value) { return std::isfinite(value); }));
        }
    }

    TEST_CASE("options out of range are refused") {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        for (const double bad : {-0.1, 2e6, infinity, nan}) {
            CHECK_THROWS_AS((void)(augment<28, 28>(Shift{.pixels = bad})), OptionError);
            CHECK_THROWS_AS((void)(augment<28, 28>(Rotate{.degrees = bad})), OptionError);
            CHECK_THROWS_AS((void)(augment<28, 28>(Scale{.by = bad})), OptionError);
            CHECK_THROWS_AS((void)(augment<28, 28>(Shear{.by = bad})), OptionError);
            CHECK_THROWS_AS((void)(augment<28, 28>(ElasticDistortion{.pixels = bad})), OptionError);
            CHECK_THROWS_AS((void)(augment<28, 28>(ElasticDistortion{.sigma = bad})), OptionError);
            CHECK_THROWS_AS((void)(augment<28, 28>(Noise{.deviation = bad})), OptionError);
        }
        CHECK_THROWS_AS((void)(augment<28, 28>(Rotate{.degrees = 181})), OptionError);
        CHECK_THROWS_AS((void)(augment<28, 28>(ElasticDistortion{.sigma = 0.9})), OptionError);
        CHECK_THROWS_AS((void)(augment<28, 28>(Shift{.pixels = 1}, Scale{.by = 1})), OptionError);
        CHECK_THROWS_WITH((void)(augment<28, 28>(Scale{.by = 1})), "Scale: by is 1; it must be from 0 to 0.99");
    }

    TEST_CASE("the description has all options") {
        CHECK(everything.describe() ==
              "augment<28, 28>(Rotate(degrees 10), Scale(by 0.1), Shear(by 0.1), Shift(pixels 2), "
              "ElasticDistortion(pixels 1.2, sigma 4), Noise(deviation 0.02))");
        CHECK(Augmentation<784>(everything).describe() == everything.describe());
        CHECK(augment<2, 3>().describe() == "augment<2, 3>()");
    }

    TEST_CASE("augmentation allocates nothing") {
        const Augmentation<784> augmentation = everything;
        Digit image = spot();
        Random random(Seed{1});
        const std::size_t before = support::allocation_count();
        for (int i = 0; i < 10; ++i) augmentation(image, random);
        CHECK(support::allocation_count() == before);
    }

    TEST_CASE("threads change no bit: training with augmentation") {
        using Net = Mlp<float, Input<64>, Dense<12, Sigmoid>, Dense<2, Softmax>>;
        std::vector<float> features;
        std::vector<std::int32_t> labels;
        Random random(Seed{4});
        for (std::int32_t i = 0; i < 300; ++i) {
            for (int pixel = 0; pixel < 64; ++pixel) features.push_back(static_cast<float>(uniform(random)));
            labels.push_back(i % 2);
        }
        const Dataset<64> data{Features<64>(std::move(features)), Labels(std::move(labels))};
        const auto run = [&](std::size_t threads, Augmentation<64> augmentation) {
            Net net(Seed{1});
            fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.5},
                              {.epochs = 3,
                               .batch_size = 64,
                               .seed = Seed{2},
                               .augmentation = std::move(augmentation),
                               .threads = threads});
            return parameter_hash(net);
        };
        const auto changes = augment<8, 8>(Rotate{.degrees = 5}, Shift{.pixels = 0.5}, ElasticDistortion{.pixels = 0.3},
                                           Noise{.deviation = 0.1});
        const std::uint64_t hash = run(1, changes);
        CHECK(run(2, changes) == hash);
        CHECK(run(3, changes) == hash);
        CHECK(run(1, {}) != hash);
    }
}
