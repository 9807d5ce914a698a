#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <class Network, class Loss>
void check(const Loss& loss) {
    for (const std::size_t rows : {1U, 7U}) {
        Random random(Seed{rows});
        std::vector<double> x(rows * Network::inputs);
        for (double& value : x) value = normal(random);
        std::vector<float> targets(rows * Network::outputs);
        for (float& target : targets) target = static_cast<float>(normal(random));
        const auto report = gradient_check(Network(Seed{3}), loss, x, [&](std::size_t r) {
            if constexpr (typenet::detail::fuses<Loss>) {
                return static_cast<std::int32_t>(r % Network::outputs);
            } else {
                return std::span<const float, Network::outputs>(targets.data() + r * Network::outputs,
                                                                Network::outputs);
            }
        });
        CAPTURE(Network::architecture());
        CAPTURE(report);
        CHECK(report);
    }
}

}  // namespace

TEST_SUITE("layers/residual") {
    TEST_CASE("gradients agree with central differences, wherever the block stands") {
        check<Mlp<double, Input<5>, Dense<6, Tanh>, Residual<Dense<9, Tanh>, Dense<6, Identity>>, Dense<3, Softmax>>>(
            CrossEntropy{});
        check<Mlp<double, Input<5>, Residual<Dense<5, Tanh>>, Dense<3, Softmax>>>(CrossEntropy{});
        check<Mlp<double, Input<5>, Dense<4, Tanh>, Residual<LayerNorm, Dense<4, Sigmoid>>>>(MeanSquaredError{});
        check<Mlp<double, Input<5>,
                  Residual<Residual<Dense<5, Tanh>>, Dense<7, Tanh>, Residual<Dense<7, Sigmoid>>, Dense<5, Identity>>>>(
            MeanSquaredError{});
        check<Mlp<double, Input<5>, Dense<4, Tanh>, Residual<Residual<Dense<4, Tanh>>>, Dense<3, Softmax>>>(
            CrossEntropy{});
    }

    TEST_CASE("gradients agree with dropout inside the block") {
        check<Mlp<double, Input<5>, Dense<8, Tanh>, Residual<Dense<8, Tanh>, Dropout<std::ratio<1, 4>>>,
                  Dropout<std::ratio<1, 2>>, Dense<3, Softmax>>>(CrossEntropy{});
    }

    TEST_CASE("the output is the block's output plus its input") {
        using Plain = Mlp<float, Input<4>, Dense<4, Tanh>, Dense<6, Sigmoid>, Dense<4, Tanh>>;
        using Skipping = Mlp<float, Input<4>, Dense<4, Tanh>, Residual<Dense<6, Sigmoid>, Dense<4, Tanh>>>;
        const Plain plain(Seed{1});
        const Skipping skipping(Seed{1});
        REQUIRE(parameter_hash(plain) == parameter_hash(skipping));
        Mlp<float, Input<4>, Dense<4, Tanh>> first;
        std::copy_n(plain.parameters().begin(), first.parameters().size(), first.parameters().begin());

        auto x = Matrix<float>::from_shape({130, 4});
        for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 7) - 3;
        const auto between = first.predict(x);
        const auto behind = plain.predict(x);
        const auto sum = skipping.predict(x);
        for (std::size_t i = 0; i < sum.size(); ++i) CHECK(sum.data()[i] == behind.data()[i] + between.data()[i]);
        CHECK(skipping.predict(std::span<const float, 4>(x.data(), 4))(2) == sum(0, 2));
    }

    TEST_CASE("the input is also added if it is wide and mostly zeros") {
        using Net = Mlp<float, Input<200>, Residual<Dense<200, Tanh>>>;
        REQUIRE(Net::Layers::skips_zeros);
        const Net net(Seed{1});
        auto x = Matrix<float>::from_shape({3, 200});
        x.fill(0);
        x(0, 7) = 1;
        x(2, 199) = -2;
        const auto y = net.predict(x);
        for (std::size_t r = 0; r < 3; ++r) {
            const auto row = net.predict(std::span<const float, 200>(x.data() + r * 200, 200));
            for (std::size_t k = 0; k < 200; ++k) CHECK(y(r, k) == row(k));
        }
        CHECK(y(1, 5) == 0);
        CHECK(std::abs(y(2, 199) + 2) < 1);
    }

    TEST_CASE("describe names the layers of the block") {
        using Net = Mlp<float, Input<4>, Residual<Dense<6, Tanh>, Residual<Dense<6, Tanh>>, Dense<4, Identity>>>;
        CHECK(Net::layer_count == 5);
        CHECK(Net::architecture() ==
              "Input<4>, Dense<6, Tanh>, Dense<6, Tanh>, SkipSum<1>, Dense<4, Identity>, SkipSum<4>");
    }
}
