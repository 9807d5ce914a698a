#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <header_functions.hpp>  // made from typenet/io/detail/header_source.hpp
#include <limits>
#include <support/larger_or_nan.hpp>
#include <typenet/io/detail/header_source.hpp>
#include <vector>

#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/int8.hpp>

#include <doctest/doctest.h>

namespace {

/// The largest difference of two functions between two places, each about 1 for the numbers here.
template <class F, class G>
double worst(double from, double to, F found, G expected) {
    double largest = 0;
    constexpr int steps = 100'000;
    for (int i = 0; i <= steps; ++i) {
        const auto x = static_cast<float>(from + (to - from) * i / steps);
        const double right = expected(static_cast<double>(x));
        const double error = std::abs(static_cast<double>(found(x)) - right) / std::max(1.0, std::abs(right));
        largest = support::larger_or_nan(largest, error);
    }
    return largest;
}

double logistic(double z) { return 1 / (1 + std::exp(-z)); }

constexpr float evaluated_while_compiling() {
    float y[] = {1, -2, 3};
    header_functions::apply<3, header_functions::gelu>(y);
    header_functions::apply<3, header_functions::softplus>(y);
    header_functions::apply<3, header_functions::tanh>(y);
    header_functions::softmax<3>(y);
    return y[0] + y[1] + y[2];
}
static_assert(evaluated_while_compiling() > 0.999999F && evaluated_while_compiling() < 1.000001F);

constexpr bool takes_huge_features_while_compiling() {
    const float x[] = {3.4e38F, -3.4e38F};
    const signed char weights[] = {1, 100};
    const float factors[] = {1};
    const float offsets[] = {0};
    float y[] = {7};
    header_functions::affine<2, 1>(x, weights, factors, offsets, -1, 1.0F / 255, y);
    const bool is_first = y[0] == 255;
    header_functions::affine<2, 1>(x, weights, factors, offsets, -3e38F, 2.3e36F, y);  // the widest range
    return is_first && y[0] == 255;
}
static_assert(takes_huge_features_while_compiling());
static_assert(header_functions::exp(1000) > 1e38F);
static_assert(header_functions::exp(-1000) < 1e-37F);
static_assert(header_functions::sigmoid(-1000) < 1e-37F);
static_assert(header_functions::sigmoid(1000) == 1);

}  // namespace

TEST_SUITE("io/detail/header_source") {
    TEST_CASE("functions are those of the standard library") {
        CHECK(worst(-87, 87, header_functions::exp, [](double x) { return std::exp(x); }) < 5e-7);
        CHECK(worst(0, 1, header_functions::log1p, [](double x) { return std::log1p(x); }) < 2e-7);
        CHECK(worst(-6, 6, header_functions::erf, [](double x) { return std::erf(x); }) < 5e-7);
        CHECK(worst(1e-5, 1e-3, header_functions::inverse_sqrt, [](double x) { return 1 / std::sqrt(x); }) < 5e-7);
        CHECK(worst(1e-3, 1e3, header_functions::inverse_sqrt, [](double x) { return 1 / std::sqrt(x); }) < 5e-7);
    }

    TEST_CASE("activations are right to within 1e-6, from one tail to the other") {
        const auto error = [](auto found, auto expected) { return worst(-90, 90, found, expected); };
        CHECK(error(header_functions::sigmoid, logistic) < 1e-6);
        CHECK(error(header_functions::tanh, [](double z) { return std::tanh(z); }) < 1e-6);
        CHECK(error(header_functions::relu, [](double z) { return std::max(z, 0.0); }) == 0);
        CHECK(error(header_functions::elu, [](double z) { return z > 0 ? z : std::expm1(z); }) < 1e-6);
        CHECK(error(header_functions::gelu, [](double z) { return z * std::erfc(-z / std::sqrt(2.0)) / 2; }) < 1e-6);
        CHECK(error(header_functions::silu, [](double z) { return z * logistic(z); }) < 1e-6);
        CHECK(error(header_functions::softplus,
                    [](double z) { return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z)); }) < 1e-6);
        const auto leaky = [](float z) {
            header_functions::leaky_relu<1>(&z, 0.25F);
            return z;
        };
        CHECK(error(leaky, [](double z) { return z > 0 ? z : 0.25 * z; }) == 0);
    }

    TEST_CASE("a NaN stays one") {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        CHECK(std::isnan(header_functions::exp(nan)));
        CHECK(std::isnan(header_functions::sigmoid(nan)));
        CHECK(std::isnan(header_functions::relu(nan)));
    }

    TEST_CASE("numbers near float's limits have results") {
        float y[] = {-3e38F, -1e30F, 3e38F};
        header_functions::apply<3, header_functions::silu>(y);
        CHECK(y[0] == 0);
        CHECK(y[1] == 0);
        CHECK(y[2] == 3e38F);
        const float x[] = {1e20F, -1e20F};
        const float gains[] = {2, 3};
        const float biases[] = {0.5F, 1};
        float normalized[2] = {7, 7};
        header_functions::layer_norm<2>(x, gains, biases, 1e-5F, normalized);  // as the library, whose variance is inf
        CHECK(normalized[0] == 0.5F);
        CHECK(normalized[1] == 1);
    }

    TEST_CASE("a softmax of large numbers sums to 1") {
        float y[] = {1000, 999, -1000};
        header_functions::softmax<3>(y);
        CHECK(static_cast<double>(y[0]) == doctest::Approx(0.731058579).epsilon(1e-6));
        CHECK(y[2] < 1e-37F);
        CHECK(static_cast<double>(y[0] + y[1] + y[2]) == doctest::Approx(1));
    }

    TEST_CASE("products of floats and of whole numbers") {
        const float x[] = {1, 2};
        const float weights[] = {1, 2, 3, 4, 5, 6};  // [2, 3]
        const signed char whole[] = {1, 2, 3, 4, 5, 6};
        const float scales[] = {1, 0.5F, 2};
        const float biases[] = {10, 20, 30};
        float y[3] = {7, 7, 7};
        header_functions::affine<2, 3>(x, weights, biases, y);
        CHECK(y[0] == 19);
        CHECK(y[1] == 32);
        CHECK(y[2] == 45);
        header_functions::affine<2, 3>(x, whole, scales, biases, 0, 1, y);
        CHECK(y[0] == 19);
        CHECK(y[1] == 26);
        CHECK(y[2] == 60);
    }

    TEST_CASE("a product in 8 bits is that of the library, with numbers beyond the range and others") {
        using namespace typenet;
        const std::array<float, 6> x{-9, -1.5F, 0.013F, 0.3F, 1.25F, 80};
        const std::array<float, 12> weights{0.5F, -1, 0.25F, 2, -0.1F, 0.7F, 3, -3, 0.01F, 0.9F, -0.6F, 0.2F};
        const std::array<float, 2> biases{0.5F, -7};
        const ByteRange range{-2, 0.017F};
        const Int8Parameters p = round_to_int8(weights.data(), biases.data(), 6, 2, range);
        std::array<float, 2> wanted{};
        Buffer<std::uint8_t> bytes(Int8Affine<6, 2>::row_bytes);
        Int8Affine<6, 2>(p).multiply({x.data(), 1}, {wanted.data(), 1}, bytes.data());
        std::array<float, 2> y{};
        const std::vector<signed char> whole(p.weights.begin(), p.weights.end());
        const Int8Factors own = factors_of(p);
        const auto multiply = [&](const float* from) {
            header_functions::affine<6, 2>(from, whole.data(), own.factors.data(), own.offsets.data(), range.low,
                                           range.step, y.data());
        };
        multiply(x.data());
        CHECK(y[0] == doctest::Approx(static_cast<double>(wanted[0])).epsilon(1e-6));
        CHECK(y[1] == doctest::Approx(static_cast<double>(wanted[1])).epsilon(1e-6));
        for (const float odd : {std::numeric_limits<float>::quiet_NaN(), HUGE_VALF, -HUGE_VALF}) {
            std::array<float, 6> with = x;
            with[4] = odd;
            multiply(with.data());
            CHECK(std::isnan(y[0]));
            CHECK(std::isnan(y[1]));
        }
    }

    TEST_CASE("layers without a product") {
        const float x[] = {1, 3};
        const float a[] = {2, 4};
        const float b[] = {0.5F, 1};
        float y[2] = {7, 7};
        header_functions::standardize<2>(x, a, b, y);
        CHECK(y[0] == -2);
        CHECK(y[1] == -1);
        const float missing[] = {std::numeric_limits<float>::quiet_NaN(), 3};
        header_functions::standardize<2>(missing, a, b, y);
        CHECK(y[0] == 0);
        CHECK(y[1] == -1);
        header_functions::unstandardize<2>(x, a, b, y);
        CHECK(y[0] == 2.5F);
        CHECK(y[1] == 7);
        header_functions::sum<2>(x, a, y);
        CHECK(y[0] == 3);
        CHECK(y[1] == 7);
        header_functions::layer_norm<2>(x, a, b, 1e-5F, y);  // mean 2, variance 1
        CHECK(static_cast<double>(y[0]) == doctest::Approx(-2 / std::sqrt(1 + 1e-5) + 0.5).epsilon(1e-6));
        CHECK(static_cast<double>(y[1]) == doctest::Approx(4 / std::sqrt(1 + 1e-5) + 1).epsilon(1e-6));
    }
}
