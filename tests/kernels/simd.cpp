#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <support/larger_or_nan.hpp>
#include <typenet/core/random.hpp>
#include <typenet/kernels/simd.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Returns the largest error of a function of packs at random points of [low, high], in units in the last place. Errors
/// of results that are subnormal are measured against the smallest normal number.
template <class T, class Packed, class Exact>
double largest_error(double low, double high, Packed packed, Exact exact) {
    Random random(Seed{1});
    std::array<T, simd::width<T>> lanes;
    double worst = 0;
    for (int trial = 0; trial < 20000; ++trial) {
        for (T& lane : lanes) lane = static_cast<T>(uniform(random, low, high));
        std::array<T, simd::width<T>> results;
        simd::store<T>(results.data(), packed(simd::load<T>(lanes.data())));
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            const long double wanted = exact(static_cast<long double>(lanes[i]));
            const long double scale =
                std::max(std::abs(wanted), static_cast<long double>(std::numeric_limits<T>::min()));
            const long double error = std::abs(static_cast<long double>(results[i]) - wanted) / scale;
            worst = support::larger_or_nan(worst, static_cast<double>(error / std::numeric_limits<T>::epsilon()));
        }
    }
    return worst;
}

}  // namespace

TEST_SUITE("kernels/simd") {
    TEST_CASE_TEMPLATE("functions are within 2 ulp", T, float, double) {
        const double limit = std::same_as<T, float> ? 80 : 700;
        CHECK(largest_error<T>(
                  -limit, limit, [](auto v) { return simd::exp(v); }, [](long double x) { return std::exp(x); }) < 2);
        CHECK(largest_error<T>(
                  -50, 1, [](auto v) { return simd::expm1(v); }, [](long double x) { return std::expm1(x); }) < 2);
        CHECK(largest_error<T>(
                  -1e-4, 1e-4, [](auto v) { return simd::expm1(v); }, [](long double x) { return std::expm1(x); }) < 2);
        CHECK(largest_error<T>(
                  0, 1, [](auto v) { return simd::log1p(v); }, [](long double x) { return std::log1p(x); }) < 2);
        CHECK(largest_error<T>(
                  -20, 20, [](auto v) { return simd::tanh(v); }, [](long double x) { return std::tanh(x); }) < 2);
        CHECK(largest_error<T>(
                  -0.01, 0.01, [](auto v) { return simd::tanh(v); }, [](long double x) { return std::tanh(x); }) < 2);
        CHECK(largest_error<T>(
                  0, 1e6, [](auto v) { return simd::sqrt(v); }, [](long double x) { return std::sqrt(x); }) <= 0.5);
    }

    TEST_CASE_TEMPLATE("exp is 0 for very negative numbers and infinite for very large ones", T, float, double) {
        CHECK(simd::reduce_add(simd::exp(simd::Pack<T>(T(-1e4)))) == 0);
        CHECK(std::isinf(simd::reduce_add(simd::exp(simd::Pack<T>(T(1e4))))));
    }

    TEST_CASE_TEMPLATE("exp, expm1 and tanh have their limits for huge numbers, and all functions keep NaN", T, float,
                       double) {
        constexpr T infinity = std::numeric_limits<T>::infinity();
        const auto at = [](auto f, T x) {
            std::array<T, simd::width<T>> lanes;
            simd::store(lanes.data(), f(simd::Pack<T>(x)));
            for (const T lane : lanes) CHECK((lane == lanes[0] || std::isnan(lanes[0])));
            return lanes[0];
        };
        const auto exp = [](auto v) { return simd::exp(v); };
        const auto expm1 = [](auto v) { return simd::expm1(v); };
        const auto tanh = [](auto v) { return simd::tanh(v); };
        for (const T huge : {T(2000), T(1e30), std::numeric_limits<T>::max(), infinity}) {
            CAPTURE(huge);
            CHECK(at(exp, huge) == infinity);
            CHECK(at(exp, -huge) == 0);
            CHECK(at(expm1, huge) == infinity);
            CHECK(at(expm1, -huge) == -1);
            CHECK(at(tanh, huge) == 1);
            CHECK(at(tanh, -huge) == -1);
        }
        const T nan = std::numeric_limits<T>::quiet_NaN();
        CHECK(std::isnan(at(exp, nan)));
        CHECK(std::isnan(at(expm1, nan)));
        CHECK(std::isnan(at(tanh, nan)));
        CHECK(std::isnan(at([](auto v) { return simd::abs(v); }, nan)));
        CHECK(std::isnan(at([](auto v) { return simd::log1p(v); }, nan)));
        CHECK(std::isnan(at([](auto v) { return simd::sqrt(v); }, nan)));
    }

    TEST_CASE_TEMPLATE("flush_subnormal changes only subnormal numbers", T, float, double) {
        using Limits = std::numeric_limits<T>;
        const auto check = [](T x, T wanted) {
            CAPTURE(x);
            CHECK(simd::flush_subnormal(x) == wanted);
            CHECK(simd::reduce_max(simd::flush_subnormal(simd::Pack<T>(x))) == wanted);
        };
        for (const T x : {T(0), T(1), Limits::min(), Limits::max(), Limits::infinity()}) {
            check(x, x);
            check(-x, -x);
        }
        for (const T x : {Limits::denorm_min(), Limits::min() / 2, std::nextafter(Limits::min(), T(0))}) {
            check(x, 0);
            check(-x, 0);
        }
        CHECK(std::isnan(simd::flush_subnormal(Limits::quiet_NaN())));
        CHECK(std::isnan(simd::reduce_add(simd::flush_subnormal(simd::Pack<T>(Limits::quiet_NaN())))));
    }

    TEST_CASE_TEMPLATE("sign is -1, 0 or 1, and NaN for NaN", T, float, double) {
        constexpr T tiny = std::numeric_limits<T>::min();
        constexpr T infinity = std::numeric_limits<T>::infinity();
        struct Case {
            T x;
            T wanted;
        };
        for (const Case& one : {Case{tiny, 1}, Case{T(1e9), 1}, Case{infinity, 1}, Case{0, 0}, Case{-tiny, -1},
                                Case{T(-1e9), -1}, Case{-infinity, -1}, Case{T(-0.0), 0}}) {
            CAPTURE(one.x);
            CHECK(simd::sign(one.x) == one.wanted);
            CHECK(simd::reduce_add(simd::sign(simd::Pack<T>(one.x))) == one.wanted * static_cast<T>(simd::width<T>));
        }
        CHECK(std::isnan(simd::sign(std::numeric_limits<T>::quiet_NaN())));
        CHECK(std::isnan(simd::reduce_add(simd::sign(simd::Pack<T>(std::numeric_limits<T>::quiet_NaN())))));
    }

    TEST_CASE_TEMPLATE("each calls its function with each lane", T, float, double) {
        std::array<T, simd::width<T>> lanes;
        for (std::size_t i = 0; i < lanes.size(); ++i) lanes[i] = i % 2 == 0 ? static_cast<T>(i + 1) : T(-1);
        const auto changed = simd::each(simd::load<T>(lanes.data()), [](T x) { return x < 0 ? T(0) : x * x; });
        std::array<T, simd::width<T>> results;
        simd::store<T>(results.data(), changed);
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            CHECK(results[i] == (i % 2 == 0 ? static_cast<T>((i + 1) * (i + 1)) : T(0)));
        }
    }

    TEST_CASE_TEMPLATE("a word has a bit for each of the first numbers that is not zero, and for no other", T, float,
                       double) {
        std::array<T, 64> numbers;
        for (std::size_t i = 0; i < 64; ++i) numbers[i] = i % 3 == 0 ? static_cast<T>(i + 1) : T(0);
        for (const std::size_t count : {0U, 1U, 3U, 4U, 16U, 31U, 61U, 63U, 64U}) {
            std::uint64_t wanted = 0;
            for (std::size_t i = 0; i < count; i += 3) wanted |= std::uint64_t{1} << i;
            CHECK(simd::nonzero_word<T>(numbers.data(), count) == wanted);
        }
    }

    TEST_CASE_TEMPLATE("partial packs load zeros behind their numbers, and store no more numbers than asked", T, float,
                       double) {
        std::array<T, simd::width<T> + 1> memory;
        memory.fill(T(3));
        for (std::size_t count = 0; count < simd::width<T>; ++count) {
            CHECK(simd::reduce_add(simd::load_partial<T>(memory.data(), count)) == static_cast<T>(3 * count));
            std::array<T, simd::width<T>> out;
            out.fill(T(7));
            simd::store_partial<T>(out.data(), simd::Pack<T>(T(1)), count);
            for (std::size_t i = 0; i < out.size(); ++i) CHECK(out[i] == (i < count ? 1 : 7));
        }
    }

    TEST_CASE("products of bytes and weights are added exactly") {
        Random random(Seed{5});
        constexpr std::size_t w = simd::width<float>;
        std::array<std::int8_t, 4 * w> weights;
        for (int trial = 0; trial < 1000; ++trial) {
            const bool extreme = trial % 4 == 0;
            std::array<std::uint8_t, 4> bytes;
            for (std::uint8_t& byte : bytes) {
                byte = static_cast<std::uint8_t>(extreme ? 255 : uniform_index(random, 256));
            }
            for (std::int8_t& weight : weights) {
                const int any = static_cast<int>(uniform_index(random, 256)) - 128;
                weight = static_cast<std::int8_t>(!extreme ? any : trial % 8 == 0 ? 127 : -128);
            }
            std::array<std::int32_t, w> wanted;
            for (std::size_t n = 0; n < w; ++n) {
                wanted[n] = 1'000'000;
                for (std::size_t i = 0; i < 4; ++i) wanted[n] += bytes[i] * weights[4 * n + i];
            }
            std::uint32_t quad = 0;
            for (std::size_t i = 0; i < 4; ++i) quad |= std::uint32_t{bytes[i]} << 8 * i;
            const simd::IntPack sum = simd::add_products(simd::IntPack(1'000'000), weights.data(), quad);
            std::array<std::int32_t, w> lanes;
            std::memcpy(lanes.data(), &sum, sizeof lanes);
            CHECK(lanes == wanted);
            std::array<float, w> floats;
            simd::store<float>(floats.data(), simd::to_float(sum));
            CHECK(floats[w - 1] == static_cast<float>(wanted[w - 1]));
        }
    }

    TEST_CASE("numbers become bytes by their whole parts") {
        constexpr std::size_t w = simd::width<float>;
        const std::array<float, 16> numbers{0,   0.99F,  1,   1.5F, 127.9F, 128,   200, 254.99F,
                                            255, 255.9F, 256, 300,  1e9F,   1e30F, 3,   77};
        const std::array<std::uint8_t, 16> wanted{0, 0, 1, 1, 127, 128, 200, 254, 255, 255, 255, 255, 255, 255, 3, 77};
        std::array<std::uint8_t, 16> bytes{};
        for (std::size_t i = 0; i < 16; i += w)
            simd::store_bytes(bytes.data() + i, simd::load<float>(numbers.data() + i));
        CHECK(bytes == wanted);
    }

    TEST_CASE("a word says which quads of bytes are not zero") {
        alignas(64) std::array<std::uint8_t, 256> bytes{};
        CHECK(simd::nonzero_quads(bytes.data(), 64) == 0);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = i % 2 == 0 ? 1 : 128;
            CHECK(simd::nonzero_quads(bytes.data(), 64) == std::uint64_t{1} << (i / 4));
            bytes[i] = 0;
        }
        bytes.fill(255);
        CHECK(simd::nonzero_quads(bytes.data(), 16) == 0xFFFF);
        CHECK(simd::nonzero_quads(bytes.data(), 64) == ~std::uint64_t{0});
    }
}
