#include <array>
#include <cmath>
#include <limits>
#include <typenet/losses.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <std::size_t N>
std::span<const float, N> view(const std::array<float, N>& values) {
    return values;
}
template <class T, std::size_t N>
std::span<const T, N> outputs(const std::array<T, N>& values) {
    return values;
}

/// Returns the loss of one row.
template <class Loss, class T, std::size_t N, class Target>
T value(const Loss& loss, const std::array<T, N>& y, Target target) {
    std::array<T, N> d_y{};
    return loss(outputs(y), target, std::span<T, N>(d_y));
}

}  // namespace

TEST_SUITE("losses") {
    TEST_CASE("cross-entropy is -ln of the label's probability") {
        const std::array<double, 3> z{1, 2, 3};
        const double sum = std::exp(1.0) + std::exp(2.0) + std::exp(3.0);
        CHECK(value(CrossEntropy{}, z, 0) == doctest::Approx(-std::log(std::exp(1.0) / sum)));
        CHECK(value(CrossEntropy{}, z, 2) == doctest::Approx(-std::log(std::exp(3.0) / sum)));
    }

    TEST_CASE("a label and its one-hot target have the same cross-entropy") {
        const std::array<double, 3> z{0.2, -1, 0.7};
        const std::array<float, 3> one_hot{0, 1, 0};
        std::array<double, 3> from_label{};
        std::array<double, 3> from_one_hot{};
        for (const CrossEntropy& loss :
             {CrossEntropy{}, CrossEntropy{.label_smoothing = 0.2, .class_weights = {1, 2, 0.5}}}) {
            CHECK(loss(outputs(z), 1, std::span<double, 3>(from_label)) ==
                  loss(outputs(z), view(one_hot), std::span<double, 3>(from_one_hot)));
            CHECK(from_label == from_one_hot);
        }
    }

    TEST_CASE("label smoothing mixes the target with the uniform distribution") {
        const std::array<double, 4> z{0.5, -0.25, 1, 0};
        const std::array<float, 4> smoothed{0.05F, 0.85F, 0.05F, 0.05F};
        CHECK(value(CrossEntropy{.label_smoothing = 0.2}, z, 1) ==
              doctest::Approx(value(CrossEntropy{}, z, view(smoothed))).epsilon(1e-7));
    }

    TEST_CASE("a class weight multiplies its class's loss and gradient") {
        const std::array<double, 2> z{0.3, -0.4};
        std::array<double, 2> plain{};
        std::array<double, 2> weighted{};
        const double once = CrossEntropy{}(outputs(z), 1, std::span<double, 2>(plain));
        const double thrice = CrossEntropy{.class_weights = {1, 3}}(outputs(z), 1, std::span<double, 2>(weighted));
        CHECK(thrice == doctest::Approx(3 * once));
        CHECK(weighted[0] == doctest::Approx(3 * plain[0]));
        CHECK(weighted[1] == doctest::Approx(3 * plain[1]));
    }

    TEST_CASE_TEMPLATE("cross-entropy stays finite and exact for extreme outputs", T, float, double) {
        std::array<T, 2> d_z{};
        const std::array<T, 2> wrong{T(1e4), T(-1e4)};
        CHECK(CrossEntropy{}(outputs(wrong), 1, std::span<T, 2>(d_z)) == T(2e4));
        CHECK(d_z == std::array<T, 2>{T(1), T(-1)});
        CHECK(CrossEntropy{}(outputs(wrong), 0, std::span<T, 2>(d_z)) == 0);
        CHECK(d_z == std::array<T, 2>{T(0), T(0)});
    }

    TEST_CASE("binary cross-entropy is the mean over the outputs") {
        const std::array<double, 2> z{0.4, -1.5};
        const std::array<float, 2> t{1, 0.25F};
        const auto s = [](double v) { return 1 / (1 + std::exp(-v)); };
        const double first = -std::log(s(0.4));
        const double second = -0.25 * std::log(s(-1.5)) - 0.75 * std::log(1 - s(-1.5));
        CHECK(value(BinaryCrossEntropy{}, z, view(t)) == doctest::Approx((first + second) / 2));
        CHECK(value(BinaryCrossEntropy{.class_weights = {2, 5}}, z, view(t)) ==
              doctest::Approx((5 * first + 5 * -0.25 * std::log(s(-1.5)) + 2 * -0.75 * std::log(1 - s(-1.5))) / 2));
    }

    TEST_CASE("binary cross-entropy of one output takes a label as its target") {
        const std::array<double, 1> z{0.4};
        CHECK(value(BinaryCrossEntropy{}, z, 1) == value(BinaryCrossEntropy{}, z, view(std::array{1.0F})));
        CHECK(value(BinaryCrossEntropy{}, z, 0) == value(BinaryCrossEntropy{}, z, view(std::array{0.0F})));
    }

    TEST_CASE_TEMPLATE("binary cross-entropy stays finite and exact for extreme outputs", T, float, double) {
        std::array<T, 1> d_z{};
        CHECK(BinaryCrossEntropy{}(outputs(std::array{T(1e4)}), 0, std::span<T, 1>(d_z)) == T(1e4));
        CHECK(d_z[0] == 1);
        CHECK(BinaryCrossEntropy{}(outputs(std::array{T(1e4)}), 1, std::span<T, 1>(d_z)) == 0);
        CHECK(d_z[0] == 0);
        CHECK(static_cast<double>(BinaryCrossEntropy{}(outputs(std::array{T(50)}), 1, std::span<T, 1>(d_z))) ==
              doctest::Approx(std::exp(-50.0)));
    }

    TEST_CASE("regression losses have the values of their formulas") {
        const std::array<double, 2> y{1.5, -2};
        const std::array<float, 2> t{1, 1};  // errors 0.5 and -3
        CHECK(value(MeanSquaredError{}, y, view(t)) == doctest::Approx((0.25 + 9) / 2));
        CHECK(value(MeanAbsoluteError{}, y, view(t)) == doctest::Approx((0.5 + 3) / 2));
        CHECK(value(Huber{}, y, view(t)) == doctest::Approx((0.125 + 2.5) / 2));
        CHECK(value(Huber{.delta = 2}, y, view(t)) == doctest::Approx((0.125 + 4) / 2));
        CHECK(value(Huber{.delta = 5}, y, view(t)) == doctest::Approx((0.125 + 4.5) / 2));
    }

    TEST_CASE("the gradient of the absolute error is the error's sign, and 0 where the error is 0") {
        for (const double error : {-3.0, -0.25, 0.0, 0.25, 3.0}) {
            std::array<double, 1> d_y{9};
            const double loss =
                MeanAbsoluteError{}(outputs(std::array{1 + error}), view(std::array{1.0F}), std::span<double, 1>(d_y));
            CHECK(loss == std::abs(error));
            CHECK(d_y[0] == (error > 0 ? 1 : error < 0 ? -1 : 0));
        }
    }

    TEST_CASE("gradients agree with central differences") {
        const std::array<double, 4> y{0.3, -1.2, 2.1, 0.9};
        const std::array<float, 4> shares{0.1F, 0.2F, 0.3F, 0.4F};
        const std::array<float, 4> numbers{1, -1, 0.5F, 3};
        const auto passes = [&](const auto& loss, auto target) {
            const auto report = gradient_check_loss<4>(loss, outputs(y), target);
            CAPTURE(report);
            CHECK(report);
        };
        passes(CrossEntropy{}, 2);
        passes(CrossEntropy{.label_smoothing = 0.1, .class_weights = {0.5, 1, 2, 3}}, 0);
        passes(CrossEntropy{.class_weights = {0.5, 0, 2, 3}}, view(shares));
        passes(BinaryCrossEntropy{}, view(shares));
        passes(BinaryCrossEntropy{.class_weights = {0.3, 4}}, view(shares));
        passes(MeanSquaredError{}, view(numbers));
        passes(MeanAbsoluteError{}, view(numbers));
        passes(Huber{}, view(numbers));
        passes(Huber{.delta = 0.3}, view(numbers));
    }

    TEST_CASE("options out of range are refused") {
        CHECK_NOTHROW(CrossEntropy{.label_smoothing = 0.1, .class_weights = {1, 0, 2}}.validate<3>());
        const double nan = std::numeric_limits<double>::quiet_NaN();
        for (const double smoothing : {-0.1, 1.0, nan}) {
            CHECK_THROWS_AS(CrossEntropy{.label_smoothing = smoothing}.validate<3>(), OptionError);
        }
        CHECK_THROWS_AS((CrossEntropy{.class_weights = {1, 2}}.validate<3>()), OptionError);
        CHECK_THROWS_AS((CrossEntropy{.class_weights = {1, -2, 1}}.validate<3>()), OptionError);
        CHECK_THROWS_AS((CrossEntropy{.class_weights = {1, nan, 1}}.validate<3>()), OptionError);
        CHECK_NOTHROW(BinaryCrossEntropy{.class_weights = {1, 2}}.validate<5>());
        CHECK_THROWS_AS((BinaryCrossEntropy{.class_weights = {1, 2, 3}}.validate<3>()), OptionError);
        CHECK_NOTHROW(Huber{.delta = 0.1}.validate<1>());
        for (const double delta : {0.0, -1.0, nan}) CHECK_THROWS_AS(Huber{.delta = delta}.validate<1>(), OptionError);
    }

    TEST_CASE("accepts tells valid targets from invalid ones") {
        CHECK(CrossEntropy::accepts(view(std::array{0.25F, 0.75F})));
        CHECK_FALSE(CrossEntropy::accepts(view(std::array{0.25F, 0.25F})));
        CHECK_FALSE(CrossEntropy::accepts(view(std::array{-0.25F, 1.25F})));
        CHECK_FALSE(CrossEntropy::accepts(view(std::array{std::numeric_limits<float>::quiet_NaN(), 1.0F})));
        CHECK(BinaryCrossEntropy::accepts(view(std::array{0.0F, 1.0F})));
        CHECK_FALSE(BinaryCrossEntropy::accepts(view(std::array{0.0F, 1.1F})));
    }

    TEST_CASE("describe names the options") {
        CHECK(CrossEntropy{.label_smoothing = 0.1, .class_weights = {1, 2.5}}.describe() ==
              "CrossEntropy(label_smoothing 0.1) with class weights 1, 2.5");
        CHECK(BinaryCrossEntropy{}.describe() == "BinaryCrossEntropy");
        CHECK(BinaryCrossEntropy{.class_weights = {1, 3}}.describe() == "BinaryCrossEntropy with class weights 1, 3");
        CHECK(Huber{.delta = 0.5}.describe() == "Huber(delta 0.5)");
    }
}
