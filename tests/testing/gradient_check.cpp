#include <cmath>
#include <string>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Sigmoid with a derivative that is 0.1 % too large.
struct SlightlyWrong {
    static constexpr std::string_view name = "SlightlyWrong";
    static constexpr auto derivative_of = DerivativeOf::output;
    template <class V>
    static V forward(V z) {
        return Sigmoid::forward(z);
    }
    template <class V>
    static V derivative(V y) {
        return V(simd::Element<V>(1.001)) * Sigmoid::derivative(y);
    }
};

/// A squared error that forgets to write the last output's gradient.
struct Forgetful {
    static constexpr std::string_view name = "Forgetful";
    template <class T, std::size_t N>
    T operator()(std::span<const T, N> y, std::span<const float, N> target, std::span<T, N> d_y) const {
        T sum = 0;
        for (std::size_t k = 0; k < N; ++k) {
            const T error = y[k] - static_cast<T>(target[k]);
            sum += error * error;
            if (k + 1 < N) d_y[k] = 2 * error;
        }
        return sum;
    }
};

/// A dense layer whose gradient of bias 1 is 10 % too large.
struct WrongBias : Dense<3, Tanh>::Bind<double, 4> {
    using Base = Dense<3, Tanh>::Bind<double, 4>;
    static void backward_parameters(Rows<const double, 4> x, Rows<const double, saved> z, Rows<const double, 3> d_z,
                                    std::size_t first, std::size_t last, double* d_parameters) {
        Base::backward_parameters(x, z, d_z, first, last, d_parameters);
        if (last == 5) d_parameters[(4 - first) * 3 + 1] *= 1.1;
    }
};

/// A dense layer that adds to d_x instead of overwriting it.
struct Accumulating : Dense<3, Tanh>::Bind<double, 4> {
    using Base = Dense<3, Tanh>::Bind<double, 4>;
    static void backward_input(const double* parameters, const double* prepared, Rows<const double, saved> z,
                               Rows<const double, 3> d_z, Rows<double, 4> d_x) {
        std::vector<double> fresh(d_x.size());
        Base::backward_input(parameters, prepared, z, d_z, {fresh.data(), d_x.count});
        for (std::size_t i = 0; i < fresh.size(); ++i) d_x.data[i] += fresh[i];
    }
};

const std::vector<double> x{0.5, -1, 2, 0.25, 1, -0.5};

template <class A>
GradientReport check_network() {
    const Mlp<double, Input<3>, Dense<4, A>, Dense<2, Softmax>> net(Seed{1});
    return gradient_check(net, CrossEntropy{}, x, [](std::size_t r) { return std::int32_t(r % 2); });
}

}  // namespace

TEST_SUITE("testing/gradient_check") {
    TEST_CASE("a correct network passes, and all its parameters are checked") {
        const GradientReport report = check_network<Sigmoid>();
        CHECK(report.passed());
        CHECK(report.checked == 3 * 4 + 4 + 4 * 2 + 2);
        CHECK(report.largest_relative_error < 1e-7);
    }

    TEST_CASE("a derivative that is 0.1 % too large fails, and the report names its layer") {
        const GradientReport report = check_network<SlightlyWrong>();
        CHECK_FALSE(report.passed());
        CHECK(report.largest_relative_error == doctest::Approx(0.001).epsilon(0.02));
        CHECK(report.worst.find("layer 0 (Dense<4, SlightlyWrong>), ") == 0);
        CHECK(report.analytic / report.numeric == doctest::Approx(1.001).epsilon(1e-4));
    }

    TEST_CASE("the report names the parameter with the largest error") {
        CHECK(gradient_check_layer<WrongBias::Base>(5));
        const GradientReport report = gradient_check_layer<WrongBias>(5);
        CHECK_FALSE(report);
        CHECK(report.worst == "bias [1]");
    }

    TEST_CASE("a gradient that isn't written fails") {
        const std::array<double, 2> y{1, 2};
        const std::array<float, 2> target{0, 0};
        const auto report =
            gradient_check_loss<2>(Forgetful{}, std::span<const double, 2>(y), std::span<const float, 2>(target));
        CHECK_FALSE(report);
        CHECK(std::isnan(report.largest_relative_error));
        CHECK(report.worst == "Forgetful, output 1");
        CHECK(gradient_check_loss<2>(MeanSquaredError{}, std::span<const double, 2>(y),
                                     std::span<const float, 2>(target)));
    }

    TEST_CASE("adding to a buffer that must be overwritten fails") {
        CHECK_FALSE(gradient_check_layer<Accumulating>(2));
        CHECK(gradient_check_layer<Accumulating::Base>(2));
    }

    TEST_CASE("an activation's derivative is checked point by point") {
        const std::vector<double> points{-3, -0.5, 0.5, 2};
        CHECK(gradient_check_activation<Sigmoid>(points));
        const GradientReport report = gradient_check_activation<SlightlyWrong>(points);
        CHECK_FALSE(report);
        CHECK(report.checked == 4);
        CHECK(report.worst.find("SlightlyWrong at ") == 0);
    }

    TEST_CASE("the tolerance is an option, and a check of nothing fails") {
        const std::vector<double> points{-3, 2};
        CHECK(gradient_check_activation<SlightlyWrong>(points, {.tolerance = 0.01}));
        CHECK_FALSE(gradient_check_activation<Sigmoid>(std::vector<double>{}));
    }

    TEST_CASE("incomplete rows and no rows are refused") {
        CHECK_THROWS_AS((void)gradient_check_layer<WrongBias::Base>(0), ShapeError);
        const Mlp<double, Input<4>, Dense<2, Softmax>> net;
        const auto target = [](std::size_t) { return 0; };
        CHECK_THROWS_AS((void)gradient_check(net, CrossEntropy{}, x, target), ShapeError);
        CHECK_THROWS_AS((void)gradient_check(net, CrossEntropy{}, std::vector<double>{}, target), ShapeError);
    }

    TEST_CASE("a target that doesn't fit the network and the loss is refused") {
        const Mlp<double, Input<2>, Dense<3, Softmax>> net(Seed{1});
        const std::vector<double> x{1, 2, 3, 4};
        const auto label = [](std::size_t row) { return static_cast<std::int32_t>(row * 3); };
        CHECK_THROWS_WITH_AS((void)gradient_check(net, CrossEntropy{}, x, label),
                             "gradient_check: the target of row 1 doesn't fit the network and the loss", DataError);
        CHECK_THROWS_AS((void)gradient_check(net, CrossEntropy{}, x, [](std::size_t) { return -1; }), DataError);
        const std::vector<float> shares{0.5F, 0.5F, 0.5F};
        CHECK_THROWS_AS((void)gradient_check(net, CrossEntropy{}, x,
                                             [&](std::size_t) { return std::span<const float, 3>(shares); }),
                        DataError);
    }
}
