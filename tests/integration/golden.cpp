#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <span>
#include <string_view>
#include <vector>

#include <typenet/activations.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/trainer.hpp>

#include <golden/networks.hpp>

using namespace typenet;

namespace {

constexpr std::size_t rows = 5;
constexpr std::size_t steps = 10;
constexpr double learning_rate = 0.25;

// The formulas of golden/networks.py. All values are exact in float.
double parameter(std::size_t i) { return (static_cast<double>((37 * i + 11) % 64) - 32) / 64; }
float feature(std::size_t i) { return (static_cast<float>((29 * i + 7) % 64) - 32) / 16; }
float target(std::size_t i) { return static_cast<float>((7 * i + 3) % 5) / 4; }

Labels labels() {
    std::vector<std::int32_t> classes(rows);
    for (std::size_t row = 0; row < rows; ++row) classes[row] = static_cast<std::int32_t>((2 * row + 1) % 3);
    return Labels(classes);
}
Targets<3> numbers() {
    std::vector<float> values(rows * 3);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = target(i);
    return Targets<3>(values);
}
Targets<3> shares() {
    return Targets<3>({0.25F, 0.5F, 0.25F, 0, 0, 1, 0.5F, 0.5F, 0, 0.75F, 0.25F, 0, 0.25F, 0.25F, 0.5F});
}

/// Checks that values differ from `wanted` by rounding alone.
void check_near(std::string_view what, std::span<const double> values, std::span<const double> wanted) {
    REQUIRE(values.size() == wanted.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        CAPTURE(what);
        CAPTURE(i);
        CAPTURE(values[i]);
        CAPTURE(wanted[i]);
        CHECK(std::abs(values[i] - wanted[i]) <= 1e-13);
    }
}

/// Checks a network's outputs, its loss, the gradient that a step of 1 subtracts, and its parameters after 10 steps.
template <class... Layers, class Loss, class Target, std::size_t P>
void check(const Loss& loss, const Target& targets, const golden::TrainedNetwork<P>& wanted) {
    using Network = Mlp<double, Input<4>, Layers...>;
    static_assert(Network::parameter_count == P);
    Network network;
    for (std::size_t i = 0; i < P; ++i) network.parameters()[i] = parameter(i);
    if constexpr (Network::template Layer<0>::fixed) {
        for (double& deviation : network.parameters().template subspan<4, 4>()) deviation += 1;
    }

    std::vector<float> x(rows * 4);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = feature(i);
    std::vector<double> outputs;
    for (std::size_t row = 0; row < rows; ++row) {
        const std::vector<double> features(x.begin() + static_cast<std::ptrdiff_t>(4 * row),
                                           x.begin() + static_cast<std::ptrdiff_t>(4 * row + 4));
        const auto y = network.predict(features);
        outputs.insert(outputs.end(), y.begin(), y.end());
    }
    check_near("outputs", outputs, wanted.outputs);

    const Dataset<4, Target> data(Features<4>(x), targets);
    Network once = network;
    Trainer first(once, loss, Sgd{.learning_rate = 1}, {.batch_size = rows});
    check_near("loss", std::vector{first.step(data).loss()}, std::vector{wanted.loss});
    std::vector<double> gradient(P);
    for (std::size_t i = 0; i < P; ++i) gradient[i] = network.parameters()[i] - once.parameters()[i];
    check_near("gradient", gradient, wanted.gradient);

    Trainer trainer(network, loss, Sgd{.learning_rate = learning_rate}, {.batch_size = rows});
    for (std::size_t step = 0; step < steps; ++step) (void)trainer.step(data);
    check_near("trained", network.parameters(), wanted.trained);
}

/// Checks an activation in a hidden layer.
template <class Activation>
void check_activation(const golden::TrainedNetwork<27>& wanted) {
    check<Dense<3, Activation>, Dense<3, Identity>>(MeanSquaredError{}, numbers(), wanted);
}

/// Checks a loss with the final activation that it needs.
template <class Activation, class Loss, class Target>
void check_loss(const Loss& loss, const Target& targets, const golden::TrainedNetwork<27>& wanted) {
    check<Dense<3, Tanh>, Dense<3, Activation>>(loss, targets, wanted);
}

}  // namespace

TEST_SUITE("integration/golden") {
    TEST_CASE("each activation gives PyTorch's outputs, gradients and trained parameters") {
        check_activation<Identity>(golden::identity);
        check_activation<Sigmoid>(golden::sigmoid);
        check_activation<Tanh>(golden::tanh);
        check_activation<ReLU>(golden::relu);
        check_activation<LeakyReLUWith<std::ratio<1, 4>>>(golden::leaky_relu);
        check_activation<ELU>(golden::elu);
        check_activation<GELU>(golden::gelu);
        check_activation<SiLU>(golden::silu);
        check_activation<Softplus>(golden::softplus);
        check_loss<Softmax>(MeanSquaredError{}, numbers(), golden::squared_error_of_softmax);
    }

    TEST_CASE("each loss gives PyTorch's value, gradients and trained parameters") {
        check_loss<Softmax>(CrossEntropy{}, labels(), golden::cross_entropy);
        check_loss<Softmax>(CrossEntropy{.label_smoothing = 0.25}, labels(), golden::smoothed_cross_entropy);
        check_loss<Softmax>(CrossEntropy{.class_weights = {0.5, 2, 1}}, labels(), golden::weighted_cross_entropy);
        check_loss<Softmax>(CrossEntropy{}, shares(), golden::cross_entropy_of_shares);
        check_loss<Sigmoid>(BinaryCrossEntropy{}, numbers(), golden::binary_cross_entropy);
        check_loss<Sigmoid>(BinaryCrossEntropy{.class_weights = {0.5, 2}}, numbers(),
                            golden::weighted_binary_cross_entropy);
        check_loss<Identity>(MeanAbsoluteError{}, numbers(), golden::mean_absolute_error);
        check_loss<Identity>(Huber{.delta = 0.5}, numbers(), golden::huber);
    }

    TEST_CASE("each layer gives PyTorch's outputs, gradients and trained parameters") {
        check<Dense<3, Identity>, LayerNorm, Dense<3, Identity>>(MeanSquaredError{}, numbers(), golden::layer_norm);
        check<Standardize, Dense<3, Tanh>, Dense<3, Identity>>(MeanSquaredError{}, numbers(), golden::standardize);
        check<Dense<3, Tanh>, Residual<LayerNorm, Dense<3, ReLU>>, Dense<3, Identity>>(MeanSquaredError{}, numbers(),
                                                                                       golden::residual);
    }
}
