#include <cmath>
#include <typenet/core/random.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <class L>
void check_gradient() {
    for (const std::size_t rows : {1U, 2U, 7U}) {
        const auto report = gradient_check_layer<L>(rows);
        CAPTURE(report);
        CHECK(report);
    }
}

}  // namespace

TEST_SUITE("layers/layer_norm") {
    TEST_CASE("the gradient agrees with central differences at any width") {
        check_gradient<LayerNorm::Bind<double, 3>>();
        check_gradient<LayerNorm::Bind<double, 10>>();
        check_gradient<LayerNorm::Bind<double, 17>>();
    }

    TEST_CASE_TEMPLATE("each output row has mean 0 and variance 1, whatever its input", T, float, double) {
        constexpr std::size_t N = 37;
        using Layer = LayerNorm::Bind<T, N>;
        std::vector<T> parameters(2 * N);
        Random random(Seed{1});
        Layer::initialize(random, parameters.data());
        std::vector<T> x(3 * N);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(100 + 3 * normal(random));
        std::vector<T> y(3 * N);
        Layer::forward(parameters.data(), {x.data(), 3}, {y.data(), 3}, {});
        for (std::size_t r = 0; r < 3; ++r) {
            double mean = 0;
            double square = 0;
            for (std::size_t k = 0; k < N; ++k) {
                mean += static_cast<double>(y[r * N + k]) / N;
                square += static_cast<double>(y[r * N + k]) * static_cast<double>(y[r * N + k]) / N;
            }
            CHECK(std::abs(mean) < 1e-5);
            CHECK(std::abs(square - 1) < 1e-5);
        }
    }

    TEST_CASE("a row of two values, computed by hand, with gain and bias, in training and in prediction") {
        // (1, 3): mean 2, variance 1, so -+1 / sqrt(1 + 1e-5).
        using Layer = LayerNorm::Bind<double, 2>;
        const std::vector<double> parameters{2, 3, 10, 20};
        const std::vector<double> x{1, 3};
        std::vector<double> y(2);
        std::vector<double> saved(3);
        const double one = 1 / std::sqrt(1 + 1e-5);
        Layer::forward(parameters.data(), {x.data(), 1}, {y.data(), 1}, {saved.data(), 1});
        CHECK(y[0] == doctest::Approx(10 - 2 * one).epsilon(1e-14));
        CHECK(y[1] == doctest::Approx(20 + 3 * one).epsilon(1e-14));
        std::vector<double> predicted(2);
        Layer::forward(parameters.data(), {x.data(), 1}, {predicted.data(), 1}, {});
        CHECK(predicted == y);
    }

    TEST_CASE("a row of equal numbers becomes the bias") {
        using Layer = LayerNorm::Bind<float, 3>;
        const std::vector<float> parameters{1, 1, 1, 4, 5, 6};
        const std::vector<float> x{7, 7, 7};
        std::vector<float> y(3);
        Layer::forward(parameters.data(), {x.data(), 1}, {y.data(), 1}, {});
        CHECK(y == std::vector<float>{4, 5, 6});
    }
}
