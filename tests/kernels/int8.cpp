#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <support/buffers.hpp>
#include <typenet/core/random.hpp>
#include <typenet/kernels/int8.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::nan_buffer;
using support::same_bits;

namespace {

constexpr float largest = std::numeric_limits<float>::max();

Int8Parameters random_parameters(std::size_t inputs, std::size_t outputs, ByteRange range) {
    Random random(Seed{3});
    Int8Parameters parameters{{}, {}, {}, range};
    for (std::size_t i = 0; i < inputs * outputs; ++i) {
        parameters.weights.push_back(static_cast<std::int8_t>(static_cast<int>(uniform_index(random, 256)) - 128));
    }
    for (std::size_t k = 0; k < outputs; ++k) {
        parameters.scales.push_back(static_cast<float>(uniform(random, 0.001, 0.02)));
        parameters.biases.push_back(static_cast<float>(normal(random)));
    }
    return parameters;
}

/// Rows of which all but one in `every` groups of eight numbers are the range's lowest number, whose byte is 0.
std::vector<float> random_rows(std::size_t rows, std::size_t inputs, ByteRange range, std::size_t every) {
    Random random(Seed{4});
    std::vector<float> x(rows * inputs + simd::slack, range.low);
    for (std::size_t i = 0; i < rows * inputs; ++i) {
        if (i / 8 % every != 0) continue;
        x[i] = range.low + range.step * static_cast<float>(uniform(random, -3, 258));
    }
    return x;
}

/// The product as kernels/int8.hpp writes it, one number after the other.
void multiply_plainly(const Int8Parameters& p, const float* x, std::size_t inputs, std::size_t outputs, float* y) {
    for (std::size_t k = 0; k < outputs; ++k) {
        std::int64_t sum = 0;
        std::int64_t total = 0;
        for (std::size_t i = 0; i < inputs; ++i) {
            const float place = simd::fma(x[i], 1 / p.range.step, 0.5F - p.range.low / p.range.step);
            const auto byte = static_cast<std::int64_t>(std::clamp(place, 0.0F, 255.0F));
            sum += byte * p.weights[i * outputs + k];
            total += p.weights[i * outputs + k];
        }
        const float offset = p.biases[k] + p.range.low * p.scales[k] * static_cast<float>(total);
        y[k] = simd::fma(static_cast<float>(sum), p.range.step * p.scales[k], offset);
    }
}

template <std::size_t K, std::size_t N>
void check_products() {
    for (const ByteRange range : {ByteRange{0, 1.0F / 255}, ByteRange{-2.5F, 0.02F}, ByteRange{7, 3}}) {
        const Int8Parameters parameters = random_parameters(K, N, range);
        const Int8Affine<K, N> affine(parameters);
        for (const std::size_t every : {std::size_t{1}, std::size_t{5}}) {
            const std::vector<float> x = random_rows(64, K, range, every);
            std::vector<float> wanted(64 * N);
            for (std::size_t r = 0; r < 64; ++r) {
                multiply_plainly(parameters, x.data() + r * K, K, N, wanted.data() + r * N);
            }
            for (const std::size_t rows : {std::size_t{1}, std::size_t{2}, std::size_t{13}, std::size_t{64}}) {
                CAPTURE(K);
                CAPTURE(N);
                CAPTURE(every);
                CAPTURE(rows);
                Buffer<float> y = nan_buffer<float>(rows * N);
                Buffer<std::uint8_t> bytes(rows * Int8Affine<K, N>::row_bytes);
                affine.multiply({x.data(), rows}, {y.data(), rows}, bytes.data());
                std::size_t different = 0;
                for (std::size_t i = 0; i < rows * N; ++i) {
                    // The compiler may fuse products and sums of the plain loop where it has such an instruction.
                    different += !(std::abs(y.data()[i] - wanted[i]) <= 1e-5F * (1 + std::abs(wanted[i])));
                }
                CHECK(different == 0);
            }
        }
    }
}

}  // namespace

TEST_SUITE("kernels/int8") {
    TEST_CASE("products are those of plain loops, for all kinds of widths, with many zeros and with few") {
        check_products<1, 1>();
        check_products<3, 5>();
        check_products<4, 16>();
        check_products<17, 33>();
        check_products<64, 10>();
        check_products<130, 64>();
        check_products<256, 48>();
        check_products<784, 128>();
        check_products<300, 200>();
    }

    TEST_CASE("sums are exact where all bytes and weights are the largest") {
        constexpr std::size_t inputs = 500;
        for (const int weight : {127, -128}) {
            const Int8Parameters parameters{std::vector<std::int8_t>(inputs * 20, static_cast<std::int8_t>(weight)),
                                            std::vector<float>(20, 1),
                                            std::vector<float>(20, 0),
                                            {0, 1}};
            const Int8Affine<inputs, 20> affine(parameters);
            const std::vector<float> x(7 * inputs, 255);
            Buffer<float> y = nan_buffer<float>(7 * 20);
            Buffer<std::uint8_t> bytes(7 * Int8Affine<inputs, 20>::row_bytes);
            affine.multiply({x.data(), 7}, {y.data(), 7}, bytes.data());
            const auto sum = static_cast<float>(weight * 255 * static_cast<int>(inputs));
            CHECK(std::all_of(y.data(), y.data() + y.size(), [&](float value) { return value == sum; }));
            affine.multiply({x.data(), 1}, {y.data(), 1}, bytes.data());
            CHECK(y.data()[19] == sum);
        }
    }

    TEST_CASE("bytes give the bits of the numbers that they stand for, whatever lies in the scratch memory") {
        constexpr std::size_t inputs = 300;
        const Int8Affine<inputs, 40> affine(random_parameters(inputs, 40, {0, 0.25F}));
        CHECK(affine.range() == ByteRange{0, 0.25F});
        Random random(Seed{5});
        std::vector<std::uint8_t> given(13 * inputs);
        std::vector<float> x(13 * inputs + simd::slack);
        for (std::size_t i = 0; i < given.size(); ++i) {
            given[i] = static_cast<std::uint8_t>(i / 8 % 20 == 0 ? uniform_index(random, 256) : 0);
            x[i] = 0.25F * static_cast<float>(given[i]);
        }
        Buffer<float> wanted = nan_buffer<float>(13 * 40);
        Buffer<float> y = nan_buffer<float>(13 * 40);
        Buffer<std::uint8_t> bytes(13 * Int8Affine<inputs, 40>::row_bytes);
        affine.multiply(Rows<const float, inputs>{x.data(), 13}, {wanted.data(), 13}, bytes.data());
        std::fill_n(bytes.data(), bytes.size(), std::uint8_t{255});
        affine.multiply(Rows<const std::uint8_t, inputs>{given.data(), 13}, {y.data(), 13}, bytes.data());
        CHECK(same_bits(y.data(), wanted.data(), 13 * 40));
    }

    TEST_CASE("a number becomes the nearest byte, and those beyond the range its ends") {
        const Int8Affine<12, 12> affine = [] {
            Int8Parameters unit{
                std::vector<std::int8_t>(144), std::vector<float>(12, 1), std::vector<float>(12, 0), {0, 1}};
            for (std::size_t i = 0; i < 12; ++i) unit.weights[i * 13] = 1;
            return Int8Affine<12, 12>(unit);
        }();
        const std::vector<float> x{0, 0.49F, 0.51F, 1, -0.4F, -3, 254.4F, 254.6F, 256, 1e30F, -largest, largest};
        const std::vector<float> wanted{0, 0, 1, 1, 0, 0, 254, 255, 255, 255, 0, 255};
        std::vector<float> y(12);
        Buffer<std::uint8_t> bytes(Int8Affine<12, 12>::row_bytes);
        affine.multiply({x.data(), 1}, {y.data(), 1}, bytes.data());
        CHECK(y == wanted);
    }

    TEST_CASE("a row's bits don't depend on the rows beside it") {
        constexpr std::size_t inputs = 400;
        const ByteRange range{0, 0.01F};
        const Int8Affine<inputs, 40> affine(random_parameters(inputs, 40, range));
        std::vector<float> x = random_rows(64, inputs, range, 7);
        const std::vector<float> full = random_rows(20, inputs, range, 1);
        std::copy(full.begin(), full.end() - simd::slack, x.begin() + 10 * inputs);
        Buffer<float> together = nan_buffer<float>(std::size_t{64} * 40);
        Buffer<float> alone = nan_buffer<float>(40);
        Buffer<std::uint8_t> bytes(64 * Int8Affine<inputs, 40>::row_bytes);
        affine.multiply({x.data(), 64}, {together.data(), 64}, bytes.data());
        for (std::size_t r = 0; r < 64; ++r) {
            affine.multiply({x.data() + r * inputs, 1}, {alone.data(), 1}, bytes.data());
            CHECK(same_bits(alone.data(), together.data() + r * 40, 40));
        }
    }

    TEST_CASE("a row with a number that is not finite gets NaN, and no other row does") {
        const Int8Affine<70, 3> affine(random_parameters(70, 3, {0, 1}));
        for (const float odd : {std::nanf(""), HUGE_VALF, -HUGE_VALF}) {
            for (const std::size_t place : {std::size_t{0}, std::size_t{40}, std::size_t{69}}) {
                std::vector<float> x(3 * 70, 1);
                x[70 + place] = odd;
                std::vector<float> y(9);
                Buffer<std::uint8_t> bytes(3 * Int8Affine<70, 3>::row_bytes);
                affine.multiply({x.data(), 3}, {y.data(), 3}, bytes.data());
                for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::isnan(y[i]) == (i / 3 == 1));
            }
        }
    }

    TEST_CASE("it gives back the parameters that it was given") {
        const Int8Parameters given = random_parameters(37, 21, {-1, 0.5F});
        const Int8Affine<37, 21> affine(given);
        const Int8Parameters back = affine.parameters();
        CHECK(back.weights == given.weights);
        CHECK(back.scales == given.scales);
        CHECK(back.biases == given.biases);
        CHECK(back.range == given.range);
        CHECK(affine.all_finite());
    }

    TEST_CASE("parameters that make infinite outputs are not finite") {
        Int8Parameters parameters = random_parameters(2, 2, {0, 1});
        parameters.biases[1] = std::nanf("");
        CHECK_FALSE(Int8Affine<2, 2>(parameters).all_finite());
        parameters.biases[1] = 0;
        parameters.scales[0] = HUGE_VALF;
        CHECK_FALSE(Int8Affine<2, 2>(parameters).all_finite());
        parameters.scales[0] = largest;
        parameters.range.step = 2;
        CHECK_FALSE(Int8Affine<2, 2>(parameters).all_finite());
    }

    TEST_CASE("the largest weight of each output becomes 127 steps") {
        const std::vector<float> weights{1, 0.5F, -2, -1, 4, 0.25F};  // [3, 2]
        const std::vector<float> biases{7, -8};
        const Int8Parameters rounded = round_to_int8(weights.data(), biases.data(), 3, 2, {1, 2});
        CHECK(rounded.scales == std::vector<float>{4.0F / 127, 1.0F / 127});
        CHECK(rounded.weights == std::vector<std::int8_t>{32, 64, -64, -127, 127, 32});
        CHECK(rounded.biases == biases);
        CHECK(rounded.range == ByteRange{1, 2});
    }

    TEST_CASE("weights whose steps would be subnormal become 0, with the scale 0") {
        const float smallest = std::numeric_limits<float>::min();
        const std::vector<float> weights{0, 126 * smallest, 128 * smallest};
        const std::vector<float> biases(3);
        const Int8Parameters rounded = round_to_int8(weights.data(), biases.data(), 1, 3, {});
        CHECK(rounded.weights == std::vector<std::int8_t>{0, 0, 127});
        CHECK(rounded.scales[0] == 0);
        CHECK(rounded.scales[1] == 0);
        CHECK(rounded.scales[2] >= smallest);
    }
}
