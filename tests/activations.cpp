#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <typenet/activations.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Returns f(z) by its formula, in long double.
template <class A>
long double exact(long double z) {
    if constexpr (std::same_as<A, Identity>) return z;
    if constexpr (std::same_as<A, Sigmoid>) return 1 / (1 + std::exp(-z));
    if constexpr (std::same_as<A, Tanh>) return std::tanh(z);
    if constexpr (std::same_as<A, ReLU>) return z > 0 ? z : 0;
    if constexpr (std::same_as<A, LeakyReLU>) return z > 0 ? z : z / 100;
    if constexpr (std::same_as<A, ELU>) return z > 0 ? z : std::expm1(z);
    if constexpr (std::same_as<A, GELU>) return z * std::erfc(-z / std::numbers::sqrt2_v<long double>) / 2;
    if constexpr (std::same_as<A, SiLU>) return z / (1 + std::exp(-z));
    if constexpr (std::same_as<A, Softplus>) return z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
}

template <class A, class T>
T derivative_at(T z) {
    if constexpr (A::derivative_of == DerivativeOf::input) return A::derivative(z);
    return A::derivative(A::forward(z));
}

/// Returns points near 0, in both tails, and far out.
template <class T>
std::vector<T> points() {
    std::vector<T> values{T(-1e4), T(-1000), T(-300), T(0), T(300), T(1000), T(1e4), T(1e-6), T(-1e-6)};
    for (double z = -95; z <= 95; z += 0.37) values.push_back(static_cast<T>(z));
    return values;
}

#define ALL_ELEMENTWISE Identity, Sigmoid, Tanh, ReLU, LeakyReLU, ELU, GELU, SiLU, Softplus

}  // namespace

TEST_SUITE("activations") {
    TEST_CASE_TEMPLATE("values are within a few ulp, in the tails too", A, ALL_ELEMENTWISE) {
        const auto check = [](auto zero) {
            using T = decltype(zero);
            for (const T z : points<T>()) {
                const long double wanted = exact<A>(static_cast<long double>(z));
                const long double error = std::abs(static_cast<long double>(A::forward(z)) - wanted);
                CAPTURE(z);
                CHECK(error <=
                      4 * std::numeric_limits<T>::epsilon() * std::abs(wanted) + std::numeric_limits<T>::min());
            }
        };
        check(0.0F);
        check(0.0);
    }

    TEST_CASE_TEMPLATE("packs agree with single numbers, to a few ulp", A, ALL_ELEMENTWISE) {
        const auto check = [](auto zero) {
            using T = decltype(zero);
            const std::vector<T> z = points<T>();
            std::vector<T> y(z.size());
            simd::transform(
                z.size(), y.data(), [](auto v) { return A::forward(v); }, z.data());
            for (std::size_t i = 0; i < z.size(); ++i) {
                CAPTURE(z[i]);
                const long double wanted = exact<A>(static_cast<long double>(z[i]));
                CHECK(std::abs(static_cast<long double>(y[i]) - wanted) <=
                      6 * std::numeric_limits<T>::epsilon() * std::abs(wanted) + 2 * std::numeric_limits<T>::min());
            }
            std::vector<T> d(z.size());
            const std::vector<T>& from = A::derivative_of == DerivativeOf::input ? z : y;
            simd::transform(
                z.size(), d.data(), [](auto v) { return A::derivative(v); }, from.data());
            for (std::size_t i = 0; i < z.size(); ++i) {
                CAPTURE(z[i]);
                CHECK(std::abs(d[i] - derivative_at<A>(z[i])) <= 8 * std::numeric_limits<T>::epsilon());
            }
        };
        check(0.0F);
        check(0.0);
    }

    TEST_CASE_TEMPLATE("derivatives agree with central differences", A, ALL_ELEMENTWISE) {
        std::vector<double> z;
        for (double at = -8.003; at < 8; at += 0.11) z.push_back(at);
        CHECK(gradient_check_activation<A>(z));
        CHECK(std::isfinite(derivative_at<A>(1e4)));
        CHECK(std::isfinite(derivative_at<A>(-1e4)));
        CHECK(std::isfinite(derivative_at<A>(1e4F)));
        CHECK(std::isfinite(derivative_at<A>(-1e4F)));
    }

    TEST_CASE("derivatives reach their limits far out") {
        CHECK(derivative_at<Sigmoid>(1e4) == 0);
        CHECK(derivative_at<Tanh>(-1e4) == 0);
        CHECK(derivative_at<ReLU>(1e4) == 1);
        CHECK(derivative_at<ReLU>(-1e4) == 0);
        CHECK(derivative_at<LeakyReLU>(-1e4) == 0.01);
        CHECK(derivative_at<ELU>(-1e4) == 0);
        CHECK(derivative_at<GELU>(1e4) == 1);
        CHECK(derivative_at<GELU>(-1e4) == 0);
        CHECK(derivative_at<SiLU>(1e4) == 1);
        CHECK(derivative_at<SiLU>(-1e4) == 0);
        CHECK(derivative_at<Softplus>(1e4) == 1);
        CHECK(derivative_at<Softplus>(-1e4) == 0);
    }

    TEST_CASE("rectifiers pass a NaN on") {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        CHECK(std::isnan(ReLU::forward(nan)));
        CHECK(std::isnan(LeakyReLU::forward(nan)));
        CHECK(std::isnan(ELU::forward(nan)));
    }

    TEST_CASE("LeakyReLUWith takes its slope from a std::ratio") {
        CHECK(LeakyReLUWith<std::ratio<1, 4>>::forward(-2.0F) == -0.5F);
        CHECK(LeakyReLUWith<std::ratio<1, 4>>::derivative(-0.5F) == 0.25F);
        CHECK(LeakyReLUWith<std::ratio<1, 4>>::derivative(0.0F) == 0.25F);
        CHECK(LeakyReLUWith<std::ratio<1, 4>>::describe() == "LeakyReLUWith<1/4>");
        CHECK(LeakyReLU::describe() == "LeakyReLU");
    }

    TEST_CASE_TEMPLATE("softmax is exact, sums to 1 and doesn't overflow", T, float, double) {
        std::array<T, 3> y{};
        const auto softmax = [&](std::array<T, 3> z) {
            Softmax::forward(std::span<const T, 3>(z), std::span<T, 3>(y));
            return y;
        };
        softmax({T(1), T(2), T(3)});
        const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(3.0);
        for (std::size_t k = 0; k < 3; ++k) {
            CHECK(static_cast<double>(y[k]) ==
                  doctest::Approx(std::exp(static_cast<double>(k + 1)) / sum).epsilon(1e-6));
        }
        CHECK(softmax({T(1e4), T(1e4), T(-1e4)}) == std::array<T, 3>{T(0.5), T(0.5), T(0)});
        CHECK(softmax({T(-1e4), T(-1e4), T(-1e4)})[1] == doctest::Approx(1.0 / 3));
        CHECK(softmax({T(0), T(-20), T(1e4)}) == std::array<T, 3>{T(0), T(0), T(1)});
        // In the tail: e^-60 beside 1.
        CHECK(static_cast<double>(softmax({T(0), T(-60), T(-1e4)})[1]) ==
              doctest::Approx(std::exp(-60.0)).epsilon(1e-5));
    }

    TEST_CASE("softmax works in place, forward and backward") {
        std::array<double, 4> z{0.3, -1, 2, 0.5};
        std::array<double, 4> y{};
        Softmax::forward(std::span<const double, 4>(z), std::span<double, 4>(y));
        std::array<double, 4> same = z;
        Softmax::forward(std::span<const double, 4>(same), std::span<double, 4>(same));
        CHECK(same == y);

        const std::array<double, 4> d_y{1, -2, 0.5, 3};
        std::array<double, 4> d_z{};
        Softmax::backward(std::span<const double, 4>(y), std::span<const double, 4>(d_y), std::span<double, 4>(d_z));
        std::array<double, 4> in_place = d_y;
        Softmax::backward(std::span<const double, 4>(y), std::span<const double, 4>(in_place),
                          std::span<double, 4>(in_place));
        CHECK(in_place == d_z);
    }

    TEST_CASE("softmax's backward pass agrees with central differences") {
        CHECK(gradient_check_layer<Dense<5, Softmax>::Bind<double, 3>>(4));
        const std::array<double, 4> z{0.3, -1, 2, 0.5};
        CHECK(gradient_check_activation<Softmax>(std::span<const double, 4>(z)));
    }
}
