#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <typenet/activations.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/any.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/trainer.hpp>

#include <support/optimizers.hpp>

// What must hold for any network and any data, whatever the numbers are.

using namespace typenet;

namespace {

constexpr std::size_t inputs = 6;
constexpr std::size_t classes = 3;
constexpr std::size_t rows = 30;

template <class T>
using Net = Mlp<T, Input<inputs>, Dense<8, Tanh>, Residual<LayerNorm, Dense<8, GELU>>, Dense<classes, Softmax>>;

std::vector<std::uint8_t> some_bytes() {
    Random random(Seed{3});
    std::vector<std::uint8_t> bytes(rows * inputs);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(uniform(random, 0, 256));
    return bytes;
}

std::vector<std::int32_t> some_labels() {
    std::vector<std::int32_t> labels(rows);
    for (std::size_t row = 0; row < rows; ++row) labels[row] = static_cast<std::int32_t>(row * row % 7 % classes);
    return labels;
}

Dataset<inputs> some_data(const std::vector<std::int32_t>& labels = some_labels()) {
    return {Features<inputs>(some_bytes(), 1.0F / 128), Labels(labels)};
}

template <class T>
void check_near(const Net<T>& a, const Net<T>& b, double tolerance) {
    for (std::size_t i = 0; i < a.parameters().size(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(a.parameters()[i] - b.parameters()[i]) <= tolerance);
    }
}

/// Makes ten steps on all rows.
template <class T>
Net<T> trained(Net<T> network, const Dataset<inputs>& data, const CrossEntropy& loss, double learning_rate) {
    Trainer trainer(network, loss, Sgd{.learning_rate = learning_rate}, {.batch_size = rows});
    for (int step = 0; step < 10; ++step) (void)trainer.step(data);
    return network;
}

/// Exchanges classes 0 and 2 in the last layer.
void exchange_classes(Net<double>& network) {
    auto weights = network.weights<Net<double>::layer_count - 1>();
    auto biases = network.biases<Net<double>::layer_count - 1>();
    for (std::size_t i = 0; i < weights.shape()[0]; ++i) std::swap(weights(i, 0), weights(i, 2));
    std::swap(biases(0), biases(2));
}

}  // namespace

TEST_SUITE("integration/properties") {
    TEST_CASE("features stored as bytes or as floats train to the same bits") {
        const std::vector<std::uint8_t> bytes = some_bytes();
        const Dataset<inputs> as_floats(Features<inputs>(std::vector<float>(bytes.begin(), bytes.end()), 1.0F / 128),
                                        Labels(some_labels()));
        Net<float> a(Seed{1});
        Net<float> b = a;
        fit<CrossEntropy>(a, some_data(), Sgd{.learning_rate = 0.1}, {.epochs = 5, .batch_size = 8});
        fit<CrossEntropy>(b, as_floats, Sgd{.learning_rate = 0.1}, {.epochs = 5, .batch_size = 8});
        CHECK(parameter_hash(a) == parameter_hash(b));
        CHECK(parameter_hash(a) != parameter_hash(Net<float>(Seed{1})));
    }

    TEST_CASE("the rows of a batch may stand in any order") {
        const Dataset<inputs> data = some_data();
        std::vector<std::uint32_t> order(rows);
        for (std::size_t row = 0; row < rows; ++row) order[row] = static_cast<std::uint32_t>(row * 7 % rows);
        const Net<double> start(Seed{1});
        check_near(trained(start, data, {}, 0.1), trained(start, data.subset(order), {}, 0.1), 1e-13);
    }

    TEST_CASE("classes may be numbered in any order") {
        const Dataset<inputs> data = some_data();
        std::vector<std::int32_t> labels = some_labels();
        for (std::int32_t& label : labels) label = 2 - label;
        const Net<double> start(Seed{1});
        Net<double> exchanged = start;
        exchange_classes(exchanged);
        exchanged = trained(exchanged, some_data(labels), {}, 0.1);
        exchange_classes(exchanged);
        check_near(trained(start, data, {}, 0.1), exchanged, 1e-13);
    }

    TEST_CASE("class weights that are all equal scale the gradient") {
        const Dataset<inputs> data = some_data();
        const Net<double> start(Seed{1});
        check_near(trained(start, data, {}, 0.1), trained(start, data, {.class_weights = {4, 4, 4}}, 0.025), 1e-13);
        check_near(trained(start, data, {.label_smoothing = 0.2}, 0.1),
                   trained(start, data, {.label_smoothing = 0.2, .class_weights = {4, 4, 4}}, 0.025), 1e-13);
    }

    TEST_CASE("probabilities sum to 1 for inputs of any size") {
        const Mlp<float, Input<2>, Dense<12, Softmax>> network(Seed{1});
        for (const float size : {0.0F, 1e-30F, 1.0F, 1e4F, 1e15F, 1e30F}) {
            CAPTURE(size);
            const auto y = network.predict(std::vector<float>{size, -size / 3});
            float sum = 0;
            for (const float probability : y) {
                CHECK(probability >= 0);
                sum += probability;
            }
            CHECK(sum == doctest::Approx(1).epsilon(1e-6));
        }
    }

    TEST_CASE("each optimizer reaches the bottom of a convex bowl") {
        constexpr std::size_t size = 21;
        constexpr int steps = 3000;
        const auto bottom = [](std::size_t i) { return static_cast<double>(i * 5 % 11) / 5 - 1; };
        detail::AllOptimizers::for_each([&](const std::string& name, const AnyOptimizer& optimizer) {
            CAPTURE(name);
            support::OptimizerRun<double, AnyOptimizer> run(optimizer, std::vector<double>(size, 0.0));
            std::vector<double> d_w(size);
            for (int step = 0; step < steps; ++step) {
                run.learning_rate = 0.1 * (1 - static_cast<double>(step) / steps);
                for (std::size_t i = 0; i < size; ++i) {
                    const double curvature = 0.5 + static_cast<double>(i % 4);
                    d_w[i] = curvature * (run.w[i] - bottom(i));
                }
                run.step(d_w);
            }
            for (std::size_t i = 0; i < size; ++i) {
                CAPTURE(i);
                CHECK(std::abs(run.w[i] - bottom(i)) < 0.02);
            }
        });
    }
}
