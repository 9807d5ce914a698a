#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <ratio>
#include <vector>

#include <typenet/initializers.hpp>

using namespace typenet;

namespace {

struct Fan {
    std::size_t in;
    std::size_t out;
};

constexpr std::array fans = {Fan{1, 1}, Fan{784, 128}, Fan{64, 10}, Fan{3, 500}};
constexpr std::size_t sample_size = 100'000;

template <class I>
std::vector<double> sample(Fan fan) {
    Random random(Seed{1}, fan.in);
    std::vector<double> weights(sample_size);
    std::generate(weights.begin(), weights.end(), [&] { return I::draw(random, fan.in, fan.out); });
    return weights;
}

double mean_power(const std::vector<double>& weights, int power) {
    double sum = 0;
    for (const double w : weights) sum += std::pow(w, power);
    return sum / static_cast<double>(weights.size());
}

/// Returns whether a mean over the sample is within four standard deviations of its expected value. `deviation` is the
/// standard deviation of one number.
bool near(double seen, double expected, double deviation) {
    return std::abs(seen - expected) < 4 * deviation / std::sqrt(static_cast<double>(sample_size));
}

/// Checks that I is uniform on [-a, a]: no number is outside, some come close to the ends, the mean is 0 and the
/// variance a^2 / 3. The variance of x^2 is 4 a^4 / 45.
template <class I>
void check_uniform(Fan fan, double a) {
    CAPTURE(fan.in);
    CAPTURE(fan.out);
    const std::vector<double> weights = sample<I>(fan);
    const auto [least, greatest] = std::minmax_element(weights.begin(), weights.end());
    CHECK(*least >= -a);
    CHECK(*greatest <= a);
    CHECK(*least < -0.999 * a);
    CHECK(*greatest > 0.999 * a);
    CHECK(near(mean_power(weights, 1), 0, a / std::sqrt(3.0)));
    CHECK(near(mean_power(weights, 2), a * a / 3, a * a * std::sqrt(4.0 / 45)));
}

/// Checks that I is normal with mean 0 and variance v: the second and fourth moments are v and 3 v^2, and the tail
/// isn't cut off. The variances of x^2 and x^4 are 2 v^2 and 96 v^4.
template <class I>
void check_normal(Fan fan, double variance) {
    CAPTURE(fan.in);
    CAPTURE(fan.out);
    const std::vector<double> weights = sample<I>(fan);
    CHECK(near(mean_power(weights, 1), 0, std::sqrt(variance)));
    CHECK(near(mean_power(weights, 2), variance, variance * std::sqrt(2.0)));
    CHECK(near(mean_power(weights, 4), 3 * variance * variance, variance * variance * std::sqrt(96.0)));
    CHECK(*std::max_element(weights.begin(), weights.end()) > 3.5 * std::sqrt(variance));
}

}  // namespace

TEST_SUITE("initializers") {
    TEST_CASE_TEMPLATE("each models Initializer", I, GlorotUniform, GlorotNormal, HeUniform, HeNormal, LeCunUniform,
                       LeCunNormal, Constant<std::ratio<1>>, Zeros) {
        CHECK(Initializer<I>);
    }

    TEST_CASE("GlorotUniform is uniform to sqrt(6 / (inputs + outputs))") {
        for (const Fan fan : fans) {
            check_uniform<GlorotUniform>(fan, std::sqrt(6 / static_cast<double>(fan.in + fan.out)));
        }
    }

    TEST_CASE("GlorotNormal has the variance 2 / (inputs + outputs)") {
        for (const Fan fan : fans) check_normal<GlorotNormal>(fan, 2 / static_cast<double>(fan.in + fan.out));
    }

    TEST_CASE("HeUniform is uniform to sqrt(6 / inputs)") {
        for (const Fan fan : fans) check_uniform<HeUniform>(fan, std::sqrt(6 / static_cast<double>(fan.in)));
    }

    TEST_CASE("HeNormal has the variance 2 / inputs") {
        for (const Fan fan : fans) check_normal<HeNormal>(fan, 2 / static_cast<double>(fan.in));
    }

    TEST_CASE("LeCunUniform is uniform to sqrt(3 / inputs)") {
        for (const Fan fan : fans) check_uniform<LeCunUniform>(fan, std::sqrt(3 / static_cast<double>(fan.in)));
    }

    TEST_CASE("LeCunNormal has the variance 1 / inputs") {
        for (const Fan fan : fans) check_normal<LeCunNormal>(fan, 1 / static_cast<double>(fan.in));
    }

    TEST_CASE("Constant gives its ratio") {
        Random random(Seed{1});
        CHECK(Constant<std::ratio<1, 4>>::draw(random, 3, 5) == 0.25);
        CHECK(Constant<std::ratio<-3, 2>>::draw(random, 3, 5) == -1.5);
    }

    TEST_CASE("Zeros gives 0") {
        Random random(Seed{1});
        CHECK(Zeros::draw(random, 3, 5) == 0);
    }

    TEST_CASE("Constant and Zeros draw no random numbers") {
        Random random(Seed{1});
        (void)Constant<std::ratio<1, 4>>::draw(random, 3, 5);
        (void)Zeros::draw(random, 3, 5);
        CHECK(random() == Random(Seed{1})());
    }
}
