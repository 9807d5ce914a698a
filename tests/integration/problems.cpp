#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/evaluate/metrics.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/schedules.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Points in the plane, each of class 0 or 1.
struct Points {
    std::vector<float> features;
    std::vector<std::int32_t> labels;

    void add(double x, double y, std::int32_t label) {
        features.push_back(static_cast<float>(x));
        features.push_back(static_cast<float>(y));
        labels.push_back(label);
    }
    Dataset<2> dataset() { return {Features<2>(std::move(features)), Labels(std::move(labels))}; }
};

/// Adds 97 points of each of two spirals that wind three times around each other, the benchmark of Lang and Witbrock,
/// "Learning to tell two spirals apart", Proceedings of the 1988 Connectionist Models Summer School. `shift`, from 0 to
/// 1, moves each point towards the next point of its spiral; the last point of a spiral, which has no next, is then
/// left out.
void add_spirals(Points& points, double shift) {
    const int count = shift > 0 ? 96 : 97;
    for (int i = 0; i < count; ++i) {
        const double angle = (i + shift) * std::numbers::pi / 16;
        const double radius = 6.5 * (104 - i - shift) / 104;
        points.add(radius * std::sin(angle), radius * std::cos(angle), 0);
        points.add(-radius * std::sin(angle), -radius * std::cos(angle), 1);
    }
}

Dataset<2> spirals(std::vector<double> shifts) {
    Points points;
    for (const double shift : shifts) add_spirals(points, shift);
    return points.dataset();
}

/// Returns `count` points of the sine from -pi to pi.
Dataset<1, Targets<1>> sine(int count) {
    std::vector<float> x;
    std::vector<float> y;
    for (int i = 0; i < count; ++i) {
        x.push_back(static_cast<float>(std::numbers::pi * (2.0 * i / (count - 1) - 1)));
        y.push_back(std::sin(x.back()));
    }
    return {Features<1>(std::move(x)), Targets<1>(std::move(y))};
}

/// Returns `rows` points of which 5 % are positive: these lie around (1.5, 1.5), the others around the origin.
Dataset<2> rare(int rows, Seed seed) {
    Points points;
    Random random(seed);
    for (int i = 0; i < rows; ++i) {
        const bool positive = i % 20 == 0;
        const double centre = positive ? 1.5 : 0;
        points.add(centre + normal(random), centre + normal(random), positive ? 1 : 0);
    }
    return points.dataset();
}

/// Returns a network with seed 1, trained on one thread. Checks that two threads give the same bits.
template <class Network, class Data, class Loss, class Optimizer>
Network trained(const Data& data, const Loss& loss, const Optimizer& optimizer, FitOptions<Data> options) {
    Network network(Seed{1});
    fit(network, data, loss, optimizer, options);
    Network by_two(Seed{1});
    options.threads = 2;
    fit(by_two, data, loss, optimizer, options);
    CHECK(parameter_hash(network) == parameter_hash(by_two));
    return network;
}

}  // namespace

TEST_SUITE("integration/problems") {
    TEST_CASE("XOR: all four points are right, with high probability") {
        const Dataset<2> data(Features<2>(std::vector<float>{0, 0, 0, 1, 1, 0, 1, 1}), Labels({0, 1, 1, 0}));
        using Net = Mlp<float, Input<2>, Dense<4, Tanh>, Dense<1, Sigmoid>>;
        const Net net = trained<Net>(data, BinaryCrossEntropy{}, Sgd{.learning_rate = 0.5, .momentum = 0.9},
                                     {.epochs = 300, .batch_size = 4});
        const Evaluation result = evaluate<BinaryCrossEntropy>(net, data);
        CHECK(result.accuracy == 1);
        CHECK(result.loss < 0.01);
    }

    TEST_CASE("two spirals: all 194 training points are right, and so are points between them") {
        const Dataset<2> data = spirals({0});
        REQUIRE(data.size() == 194);
        using Net = Mlp<float, Input<2>, Dense<64, SiLU>, Dense<64, SiLU>, Dense<64, SiLU>, Dense<1, Sigmoid>>;
        const Net net = trained<Net>(data, BinaryCrossEntropy{}, Adam{.learning_rate = 0.005},
                                     {.epochs = 1000, .schedule = CosineDecay{}});
        CHECK(accuracy(net, data) == 1);
        CHECK(accuracy(net, spirals({0.25, 0.5, 0.75})) >= 0.98);
    }

    TEST_CASE("sine: between the training points the error is below 0.02") {
        using Net = Mlp<float, Input<1>, Dense<32, Tanh>, Dense<1, Identity>>;
        const Net net = trained<Net>(sine(100), MeanSquaredError{}, Adam{.learning_rate = 0.03},
                                     {.epochs = 600, .batch_size = 20, .schedule = CosineDecay{}});
        CHECK(std::sqrt(mean_squared_error(net, sine(997))) < 0.02);
    }

    TEST_CASE("5 % positives: with class weights most are found, without them most are missed") {
        using Net = Mlp<float, Input<2>, Dense<8, Tanh>, Dense<1, Sigmoid>>;
        const Dataset<2> train = rare(2000, Seed{1});
        const Dataset<2> test = rare(4000, Seed{2});
        const auto scores = [&](std::vector<double> weights) {
            const Net net = trained<Net>(train, BinaryCrossEntropy{.class_weights = std::move(weights)},
                                         Adam{.learning_rate = 0.01}, {.epochs = 20});
            return class_scores(confusion_matrix(net, test));
        };
        const std::vector<ClassScore> plain = scores({});
        const std::vector<ClassScore> weighted = scores({1, 19});
        const auto balanced = [](const std::vector<ClassScore>& of) { return (of[0].recall + of[1].recall) / 2; };
        CHECK(balanced(weighted) > 0.82);  // always answering "no" gives 0.5, the best straight line 0.856
        CHECK(balanced(weighted) > balanced(plain) + 0.05);
        CHECK(weighted[1].recall > 0.8);
        CHECK(plain[1].recall < 0.6);
        CHECK(plain[1].f1 > 0.45);  // always answering "no" gives 0
    }
}
