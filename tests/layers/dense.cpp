#include <array>
#include <numeric>
#include <support/buffers.hpp>
#include <support/larger_or_nan.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/testing/gradient_check.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// A user's own activation, written for single numbers, not for SIMD batches.
struct Square {
    static constexpr std::string_view name = "Square";
    static constexpr auto derivative_of = DerivativeOf::input;

    template <Real T>
    static T forward(T z) {
        return z * z;
    }
    template <Real T>
    static T derivative(T z) {
        return 2 * z;
    }
};

template <class A>
void check_gradients() {
    const auto check = []<std::size_t Inputs, std::size_t Outputs>() {
        for (const std::size_t rows : {1U, 2U, 7U}) {
            const auto report = gradient_check_layer<typename Dense<Outputs, A>::template Bind<double, Inputs>>(rows);
            CAPTURE(report);
            CHECK(report);
        }
    };
    if constexpr (!RowActivation<A>) check.template operator()<1, 1>();
    check.template operator()<3, 10>();
    check.template operator()<17, 3>();
    check.template operator()<10, 17>();
}

}  // namespace

TEST_SUITE("layers/dense") {
    TEST_CASE("forward computes f(x w + b)") {
        using Layer = Dense<2, ReLU>::Bind<float, 3>;
        Buffer<float> parameters(8);
        const std::array<float, 8> values{1, 2, 3, 4, 5, 6, /* b */ -30, 1};
        std::copy(values.begin(), values.end(), parameters.data());
        const std::array<float, 6> x{1, 0, 2, 3, 1, 1};
        std::array<float, 4> y{};
        Layer::forward(parameters.data(), {x.data(), 2}, {y.data(), 2}, {});
        CHECK(y == std::array<float, 4>{0, 15, 0, 17});
    }

    TEST_CASE_TEMPLATE("gradients agree with central differences", A, Identity, Sigmoid, Tanh, ReLU, LeakyReLU, ELU,
                       GELU, SiLU, Softplus, Softmax, Square) {
        check_gradients<A>();
    }

    TEST_CASE("gradients agree for large weights too") {
        using Layer = Dense<520, Tanh>::Bind<double, 260>;
        REQUIRE(gemm::is_large<double, 260, 520>);
        // Central differences of all 135,720 derivatives would take too long. Small weights are checked above, so
        // compare with its gradient.
        Random random(Seed{3});
        const auto fill = [&](Buffer<double>& buffer) {
            std::generate_n(buffer.data(), buffer.size(), [&] { return normal(random); });
        };
        constexpr std::size_t rows = 5;
        Buffer<double> x(rows * 260);
        Buffer<double> d_z(rows * 520);
        fill(x);
        fill(d_z);
        Buffer<double> d_parameters = support::nan_buffer<double>(261 * 520);
        Layer::backward_parameters({x.data(), rows}, {}, {d_z.data(), rows}, 0, 261, d_parameters.data());
        double worst = 0;
        for (std::size_t i = 0; i <= 260; ++i) {
            for (std::size_t k = 0; k < 520; ++k) {
                double sum = 0;
                for (std::size_t r = 0; r < rows; ++r)
                    sum += (i < 260 ? x.data()[r * 260 + i] : 1) * d_z.data()[r * 520 + k];
                worst = support::larger_or_nan(worst, std::abs(sum - d_parameters.data()[i * 520 + k]));
            }
        }
        CHECK(worst < 1e-13);

        Buffer<double> w(261 * 520);
        fill(w);
        Buffer<double> prepared(Layer::prepared);
        Layer::prepare(w.data(), prepared.data());
        Buffer<double> d_x = support::nan_buffer<double>(rows * 260);
        Layer::backward_input(w.data(), prepared.data(), {}, {d_z.data(), rows}, {d_x.data(), rows});
        worst = 0;
        for (std::size_t r = 0; r < rows; ++r) {
            for (std::size_t i = 0; i < 260; ++i) {
                const double sum =
                    std::inner_product(w.data() + i * 520, w.data() + (i + 1) * 520, d_z.data() + r * 520, 0.0);
                worst = support::larger_or_nan(worst, std::abs(sum - d_x.data()[r * 260 + i]));
            }
        }
        CHECK(worst < 1e-11);
    }

    TEST_CASE("dividing the parameters into any slices gives the same bits") {
        using Layer = Dense<5, Tanh>::Bind<float, 9>;
        Random random(Seed{3});
        Buffer<float> x(11 * 9);
        Buffer<float> d_z(11 * 5);
        std::generate_n(x.data(), x.size(), [&] { return static_cast<float>(normal(random)); });
        std::generate_n(d_z.data(), d_z.size(), [&] { return static_cast<float>(normal(random)); });
        Buffer<float> whole(10 * 5);
        Layer::backward_parameters({x.data(), 11}, {}, {d_z.data(), 11}, 0, 10, whole.data());
        for (std::size_t first = 0; first <= 10; ++first) {
            for (std::size_t last = first; last <= 10; ++last) {
                Buffer<float> part(10 * 5);
                Layer::backward_parameters({x.data(), 11}, {}, {d_z.data(), 11}, first, last, part.data());
                REQUIRE(std::equal(part.data(), part.data() + (last - first) * 5, whole.data() + first * 5));
            }
        }
    }

    TEST_CASE("the default initializer is the activation's own, and biases start at 0") {
        CHECK(std::same_as<Dense<3, ReLU>, Dense<3, ReLU, HeUniform>>);
        CHECK(std::same_as<Dense<3, Sigmoid>, Dense<3, Sigmoid, GlorotUniform>>);
        using Layer = Dense<4, Tanh, Constant<std::ratio<1, 2>>>::Bind<float, 2>;
        std::array<float, 12> parameters{};
        parameters.fill(9);
        Random random(Seed{1});
        Layer::initialize(random, parameters.data());
        CHECK(parameters == std::array<float, 12>{.5, .5, .5, .5, .5, .5, .5, .5, 0, 0, 0, 0});
    }

    TEST_CASE("describe names the layer") { CHECK(Dense<3, Tanh>::Bind<float, 2>::describe() == "Dense<3, Tanh>"); }
}
