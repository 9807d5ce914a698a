#include <array>
#include <cmath>
#include <limits>
#include <typenet/core/random.hpp>
#include <typenet/kernels/simd.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

#if TYPENET_USE_XSIMD && XSIMD_VERSION_MAJOR < 9
// As later versions declare it: a call in typenet::simd that doesn't say which one it means is ambiguous with them, and
// so it is here.
namespace xsimd {
template <class T, class A>
T reduce_add(const batch<T, A>&);
}
#endif

namespace {

/// The largest error of a packed function over random points of [low, high], in units of the result's precision;
/// results below the smallest normal number may be off by that.
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
            worst = std::max(worst, static_cast<double>(error / std::numeric_limits<T>::epsilon()));
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

    TEST_CASE_TEMPLATE("exp goes to 0 and to infinity at its ends", T, float, double) {
        CHECK(simd::reduce_add(simd::exp(simd::Pack<T>(T(-1e4)))) == 0);
        CHECK(std::isinf(simd::reduce_add(simd::exp(simd::Pack<T>(T(1e4))))));
    }

    TEST_CASE_TEMPLATE("flush_subnormal leaves normal numbers, infinities and NaN alone", T, float, double) {
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

    TEST_CASE_TEMPLATE("sign is -1, 0 or 1, and keeps a NaN", T, float, double) {
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

    TEST_CASE_TEMPLATE("transform reaches each number once, wherever it ends", T, float, double) {
        for (std::size_t count = 0; count < 3 * simd::width<T> + 2; ++count) {
            std::vector<T> in(count + 1, T(100));
            std::vector<T> out(count + 1, T(-1));
            for (std::size_t i = 0; i < count; ++i) in[i] = static_cast<T>(i);
            simd::transform(
                count, out.data(), [](auto a, auto b) { return a * b + a; }, in.data(), in.data());
            for (std::size_t i = 0; i < count; ++i) CHECK(out[i] == static_cast<T>(i * i + i));
            CHECK(out[count] == -1);
        }
    }

    TEST_CASE_TEMPLATE("sum takes each number once, and nothing behind them", T, float, double) {
        std::vector<T> values(3 * simd::width<T> + 3);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i + 1);
        for (std::size_t count = 0; count < values.size(); ++count) {
            const T wanted = static_cast<T>(count * (count + 1) / 2 + 5 * count);
            CHECK(simd::sum(
                      count, [](auto v, auto w) { return v * w / w + decltype(v)(T(5)); }, values.data(),
                      values.data()) == wanted);
        }
    }

    TEST_CASE_TEMPLATE("one number that isn't finite is found wherever it stands", T, float, double) {
        std::vector<T> values(9 * simd::width<T> + 3, std::numeric_limits<T>::max());
        for (std::size_t count = 0; count <= values.size(); ++count) CHECK(simd::all_finite(values.data(), count));
        for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(),
                            -std::numeric_limits<T>::infinity()}) {
            for (std::size_t i = 0; i < values.size(); ++i) {
                const T good = std::exchange(values[i], bad);
                CHECK_FALSE(simd::all_finite(values.data(), values.size()));
                CHECK_FALSE(simd::all_finite(values.data(), i + 1));
                CHECK(simd::all_finite(values.data(), i));
                values[i] = good;
            }
        }
    }

    TEST_CASE_TEMPLATE("update changes each number of the arrays that aren't const, and no other", T, float, double) {
        for (std::size_t count = 0; count < 3 * simd::width<T> + 2; ++count) {
            std::vector<T> a(count + 1, T(3));
            std::vector<T> b(count + 1, T(2));
            std::vector<T> given(count + 1, T(100));
            for (std::size_t i = 0; i < count; ++i) given[i] = static_cast<T>(i);
            simd::update(
                count,
                [](auto& x, auto& y, auto z) {
                    x = x + z;
                    y = x * y;
                    z = x;
                },
                a.data(), b.data(), std::as_const(given).data());
            for (std::size_t i = 0; i < count; ++i) {
                CHECK(a[i] == static_cast<T>(3 + i));
                CHECK(b[i] == static_cast<T>(2 * (3 + i)));
                CHECK(given[i] == static_cast<T>(i));
            }
            CHECK(a[count] == 3);
            CHECK(b[count] == 2);
        }
    }

    TEST_CASE_TEMPLATE("a number's result doesn't depend on where it stands", T, float, double) {
        const T x = T(0.7310586);
        std::vector<T> in(4 * simd::width<T> + 3, x);
        std::vector<T> out(in.size());
        simd::transform(
            in.size(), out.data(), [](auto v) { return simd::exp(v) / (v + simd::tanh(v)); }, in.data());
        for (const T value : out) CHECK(value == out.front());
    }

    TEST_CASE("a function of numbers alone is called number by number") {
        std::vector<float> values{1, 4, 9, 16, 25};
        simd::transform(
            values.size(), values.data(), [](float v) { return std::sqrt(v); }, values.data());
        CHECK(values == std::vector<float>{1, 2, 3, 4, 5});
    }

    TEST_CASE_TEMPLATE("each calls its function with each lane", T, float, double) {
        std::vector<T> values{1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11};
        simd::transform(
            values.size(), values.data(), [](auto v) { return simd::each(v, [](T x) { return x < 0 ? T(0) : x; }); },
            values.data());
        CHECK(values == std::vector<T>{1, 0, 3, 0, 5, 0, 7, 0, 9, 0, 11});
    }

    TEST_CASE_TEMPLATE("parts of packs load zeros and store no more than asked", T, float, double) {
        std::array<T, simd::width<T> + 1> memory;
        memory.fill(T(3));
        for (std::size_t count = 0; count < simd::width<T>; ++count) {
            CHECK(simd::reduce_add(simd::load_part<T>(memory.data(), count)) == static_cast<T>(3 * count));
            std::array<T, simd::width<T>> out;
            out.fill(T(7));
            simd::store_part<T>(out.data(), simd::Pack<T>(T(1)), count);
            for (std::size_t i = 0; i < out.size(); ++i) CHECK(out[i] == (i < count ? 1 : 7));
        }
    }
}
