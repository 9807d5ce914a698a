#include <array>
#include <limits>
#include <numeric>
#include <support/allocations.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/trainer.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Network = Mlp<float, Input<20>, Dense<17, GELU>, Dense<3, Softmax>>;

Dataset<20> some_data(std::size_t rows) {
    Random random(Seed{1});
    std::vector<float> features(rows * 20);
    std::vector<std::int32_t> labels(rows);
    for (float& value : features) value = static_cast<float>(normal(random));
    for (std::int32_t& label : labels) label = static_cast<std::int32_t>(uniform_index(random, 3));
    return {Features<20>(std::move(features)), Labels(std::move(labels))};
}

/// A dense layer that looks at every input.
template <class T, std::size_t Inputs, std::size_t Outputs, class A>
struct EveryInputLayer : DenseLayer<T, Inputs, Outputs, A, GlorotUniform> {
    static constexpr bool skips_zeros = false;
};
template <std::size_t Outputs, class A>
struct EveryInput {
    static constexpr std::size_t outputs(std::size_t) { return Outputs; }
    template <class T, std::size_t Inputs>
    using Bind = EveryInputLayer<T, Inputs, Outputs, A>;
};

/// Rows of which about `density` of the 150 features are not zero.
Dataset<150> sparse_data(std::size_t rows, double density) {
    Random random(Seed{2});
    std::vector<float> features(rows * 150);
    std::vector<std::int32_t> labels(rows);
    for (float& value : features) {
        if (uniform(random) < density) value = static_cast<float>(normal(random));
    }
    for (std::int32_t& label : labels) label = static_cast<std::int32_t>(uniform_index(random, 3));
    return {Features<150>(std::move(features)), Labels(std::move(labels))};
}

/// The parameters' hash after training on batches of 70 rows, so that the last is short.
template <class Net, class Data>
std::uint64_t trained(const Data& data, std::size_t threads) {
    Net net(Seed{1});
    Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.3, .momentum = 0.9, .weight_decay = 1e-3}, 70, threads);
    std::vector<std::uint32_t> rows(data.size());
    std::iota(rows.begin(), rows.end(), 0U);
    for (int epoch = 0; epoch < 3; ++epoch) {
        for (std::size_t first = 0; first < rows.size(); first += 70) {
            const std::size_t count = std::min<std::size_t>(70, rows.size() - first);
            (void)trainer.step(data, std::span(rows).subspan(first, count), std::span(rows).first(first / 2));
        }
    }
    return parameter_hash(net);
}

}  // namespace

TEST_SUITE("train/trainer") {
    TEST_CASE("a step moves the parameters down the gradient") {
        // One weight, one row: y = w x + b, L = (y - t)^2.
        Mlp<double, Input<1>, Dense<1, Identity>> net;
        net.weights<0>() = 0.5;
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{3}), Targets<1>({2}));
        Trainer trainer(net, MeanSquaredError{}, Sgd{.learning_rate = 0.1}, 1);
        const std::array<std::uint32_t, 1> rows{0};
        const BatchResult result = trainer.step(data, rows);
        CHECK(result.loss == 0.25);
        CHECK(net.weights<0>()(0, 0) == doctest::Approx(0.5 - 0.1 * 2 * (1.5 - 2) * 3));
        CHECK(net.biases<0>()(0) == doctest::Approx(0.1));
    }

    TEST_CASE("the gradient of a batch is the mean of its rows' gradients") {
        const Dataset<20> data = some_data(5);
        const Network start(Seed{1});
        const auto moved_by = [&](std::vector<std::uint32_t> rows) {
            Network net = start;
            Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 1}, rows.size());
            (void)trainer.step(data, rows);
            std::vector<double> movement;
            for (std::size_t i = 0; i < Network::parameter_count; ++i) {
                movement.push_back(static_cast<double>(net.parameters()[i]) -
                                   static_cast<double>(start.parameters()[i]));
            }
            return movement;
        };
        const std::vector<double> batch = moved_by({0, 1, 2, 3, 4});
        std::vector<double> mean(batch.size());
        for (std::uint32_t row = 0; row < 5; ++row) {
            const std::vector<double> one = moved_by({row});
            for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += one[i] / 5;
        }
        for (std::size_t i = 0; i < mean.size(); ++i)
            CHECK(batch[i] == doctest::Approx(mean[i]).epsilon(1e-4).scale(0.01));
    }

    TEST_CASE("a step counts the hits before it moves") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(9);
        std::vector<std::uint32_t> rows(9);
        std::iota(rows.begin(), rows.end(), 0U);
        std::size_t hits = 0;
        for (std::size_t row = 0; row < 9; ++row) hits += net.classify(data.row(row)) == data.label(row);
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.5}, 9);
        CHECK(trainer.step(data, rows).hits == hits);
    }

    TEST_CASE("a step makes no heap allocation") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(64);
        std::vector<std::uint32_t> rows(64);
        std::iota(rows.begin(), rows.end(), 0U);
        Trainer trainer(net, CrossEntropy{.label_smoothing = 0.1, .class_weights = {1, 2, 3}},
                        Sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}, 64);
        (void)trainer.step(data, rows);
        const std::size_t before = support::allocation_count();
        for (int step = 0; step < 10; ++step) (void)trainer.step(data, rows);
        (void)trainer.step(data, std::span(rows).first(13));
        CHECK(support::allocation_count() == before);
    }

    TEST_CASE("leaving out zeros, and any number of threads, change no bit of the parameters") {
        using Skips = Mlp<float, Input<150>, Dense<40, Tanh>, Dense<3, Softmax>>;
        using Looks = Mlp<float, Input<150>, EveryInput<40, Tanh>, Dense<3, Softmax>>;
        REQUIRE(Skips::Layer<0>::skips_zeros);
        for (const double density : {0.1, 0.59, 1.0}) {  // the second one: some batches with, some without zeros
            CAPTURE(density);
            const Dataset<150> data = sparse_data(200, density);
            const std::uint64_t hash = trained<Looks>(data, 1);
            for (const std::size_t threads : {1U, 2U, 3U}) {
                CAPTURE(threads);
                CHECK(trained<Skips>(data, threads) == hash);
                CHECK(trained<Looks>(data, threads) == hash);
            }
        }
    }

    TEST_CASE("the number of threads changes no bit where layers go through xtensor-blas") {
        using Large = Mlp<float, Input<150>, Dense<600, Tanh>, Dense<500, Tanh>, Dense<3, Softmax>>;
        REQUIRE(Large::Layer<1>::path == gemm::Path::blas);
        const Dataset<150> data = sparse_data(140, 0.2);
        CHECK(trained<Large>(data, 2) == trained<Large>(data, 1));
    }

    TEST_CASE("a step with helpers makes no heap allocation either") {
        using Net = Mlp<float, Input<150>, Dense<40, Tanh>, Dense<3, Softmax>>;
        Net net(Seed{1});
        const Dataset<150> data = sparse_data(140, 0.2);
        std::vector<std::uint32_t> rows(140);
        std::iota(rows.begin(), rows.end(), 0U);
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.1}, 140, 3);
        (void)trainer.step(data, rows);
        const std::size_t before = support::allocation_count();
        for (int step = 0; step < 10; ++step) (void)trainer.step(data, rows, rows);
        CHECK(support::allocation_count() == before);
    }

    TEST_CASE("a step through xtensor-blas allocates at most what OpenBLAS does for threads of its own") {
        Mlp<float, Input<20>, Dense<600, Tanh>, Dense<500, Tanh>, Dense<3, Softmax>> net(Seed{1});
        REQUIRE(decltype(net)::Layer<1>::path == gemm::Path::blas);
        const Dataset<20> data = some_data(8);
        const std::vector<std::uint32_t> rows{0, 1, 2, 3, 4, 5, 6, 7};
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.1, .momentum = 0.9}, 8);
        (void)trainer.step(data, rows);
        const std::size_t before = support::allocation_count();
        (void)trainer.step(data, rows);
        // Once for each product that it shares out, four in this step: the gradient of 600 rows of weights comes in
        // two.
        CHECK(support::allocation_count() <= before + 4);
    }

    TEST_CASE("a step takes between one row and the batch size") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(4);
        const std::vector<std::uint32_t> rows{0, 1, 2, 3};
        Trainer trainer(net, CrossEntropy{}, Sgd{}, 3);
        CHECK_NOTHROW((void)trainer.step(data, std::span(rows).first(3)));
        CHECK_THROWS_AS((void)trainer.step(data, rows), ShapeError);
        CHECK_THROWS_AS((void)trainer.step(data, std::span(rows).first(0)), ShapeError);
    }

    TEST_CASE("the learning rate can change between steps") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(4);
        const std::vector<std::uint32_t> rows{0, 1, 2, 3};
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.5}, 4);
        trainer.set_learning_rate(0);
        const std::uint64_t before = parameter_hash(net);
        (void)trainer.step(data, rows);
        CHECK(parameter_hash(net) == before);
        trainer.set_learning_rate(0.5);
        (void)trainer.step(data, rows);
        CHECK(parameter_hash(net) != before);
        CHECK_THROWS_AS(trainer.set_learning_rate(-1), OptionError);
    }

    TEST_CASE("options out of range are refused") {
        Network net(Seed{1});
        const auto make = [&](const CrossEntropy& loss, const Sgd& sgd, std::size_t batch_size) {
            const Trainer trainer(net, loss, sgd, batch_size);
        };
        CHECK_NOTHROW(make({}, {}, 1));
        CHECK_THROWS_AS(make({}, {}, 0), OptionError);
        CHECK_THROWS_AS(make({}, {.learning_rate = std::numeric_limits<double>::quiet_NaN()}, 1), OptionError);
        CHECK_THROWS_AS(make({.class_weights = {1, 2}}, {}, 1), OptionError);
    }
}
