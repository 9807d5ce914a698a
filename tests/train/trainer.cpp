#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <support/allocations.hpp>
#include <support/larger_or_nan.hpp>
#include <support/plain_training.hpp>
#include <support/small_stack.hpp>
#include <thread>
#include <typenet/core/row_weights.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
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

/// Data whose first two calls of `gather` wait for each other: each of two threads must make one of them.
class Meeting {
public:
    static constexpr std::size_t feature_count = 20;

    explicit Meeting(const Dataset<20>& rows) : rows_(rows) {}

    [[nodiscard]] std::size_t size() const { return rows_.size(); }
    [[nodiscard]] std::int32_t target(std::size_t row) const { return rows_.target(row); }
    void gather(std::span<const std::uint32_t> rows, float* x) const {
        rows_.gather(rows, x);
        if (calls_.fetch_add(1) >= 2) return;
        const auto start = std::chrono::steady_clock::now();
        while (calls_ < 2 && std::chrono::steady_clock::now() - start < std::chrono::seconds(20)) {
            std::this_thread::yield();
        }
        if (calls_ < 2) missed_ = true;
    }
    [[nodiscard]] bool was_missed() const { return missed_; }

private:
    const Dataset<20>& rows_;
    mutable std::atomic<int> calls_ = 0;
    mutable std::atomic<bool> missed_ = false;
};

/// Data with a row that can be read once only.
class Once {
public:
    static constexpr std::size_t feature_count = 20;

    Once(const Dataset<20>& rows, std::uint32_t row) : rows_(rows), row_(row) {}

    [[nodiscard]] std::size_t size() const { return rows_.size(); }
    [[nodiscard]] std::int32_t target(std::size_t row) const { return rows_.target(row); }
    void gather(std::span<const std::uint32_t> rows, float* x) const {
        const bool is_there = std::find(rows.begin(), rows.end(), row_) != rows.end();
        if (is_there && std::exchange(was_read_, true)) throw std::runtime_error("can't be read again");
        rows_.gather(rows, x);
    }

private:
    const Dataset<20>& rows_;
    std::uint32_t row_;
    mutable bool was_read_ = false;
};

/// Data that notes which rows are to be prefetched.
struct Asked {
    static constexpr std::size_t feature_count = 20;
    const Dataset<20>* rows;
    std::vector<std::size_t>* asked;

    [[nodiscard]] std::size_t size() const { return rows->size(); }
    [[nodiscard]] std::int32_t target(std::size_t row) const { return rows->target(row); }
    void gather(std::span<const std::uint32_t> indices, float* x) const { rows->gather(indices, x); }
    void prefetch(std::size_t row) const { asked->push_back(row); }
};

/// A dense layer that multiplies zeros too: it skips no input.
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

/// Returns rows of 150 features, of which a share of about `density` differs from 0.
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

/// Returns the hash of the parameters after training on batches of 70 rows; the last batch of an epoch is shorter.
template <class Net, class Data>
std::uint64_t trained(const Data& data, TrainerOptions<Net::inputs> options) {
    Net net(Seed{1});
    options.batch_size = 70;
    Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.3, .momentum = 0.9, .weight_decay = 1e-3}, options);
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

/// Data of one's own whose weights may be too few.
struct Weighted {
    static constexpr std::size_t feature_count = 20;
    Dataset<20> data = some_data(3);
    RowWeights row_weights;
    [[nodiscard]] std::size_t size() const { return data.size(); }
    void gather(std::span<const std::uint32_t> rows, float* x) const { data.gather(rows, x); }
    [[nodiscard]] std::int32_t target(std::size_t row) const { return data.label(row); }
    [[nodiscard]] const RowWeights& weights() const { return row_weights; }
};

/// Returns weights for rows: 0, 0.3, 0.6, 0.9, 0, 0.3, ...
std::vector<float> some_weights(std::size_t rows, float factor = 1) {
    std::vector<float> weights(rows);
    for (std::size_t row = 0; row < rows; ++row) weights[row] = factor * 0.3F * static_cast<float>(row % 4);
    return weights;
}

/// Checks a step's gradient of the weighted mean loss of all rows against central differences of what `evaluate`
/// computes.
template <class Net, class Loss, class Data>
void check_weighted_gradient(const Data& data, const Loss& loss) {
    Net net(Seed{1});
    const Net start = net;
    Trainer trainer(net, loss, Sgd{.learning_rate = 1}, {.batch_size = data.size()});
    (void)trainer.step(data);
    for (std::size_t i = 0; i < Net::parameter_count; ++i) {
        CAPTURE(i);
        const double analytic = start.parameters()[i] - net.parameters()[i];
        Net moved = start;
        const auto loss_at = [&](double h) {
            moved.parameters()[i] = start.parameters()[i] + h;
            return evaluate(moved, data, loss).loss;
        };
        const double numeric = (loss_at(1e-5) - loss_at(-1e-5)) / 2e-5;
        CHECK(analytic == doctest::Approx(numeric).epsilon(1e-5).scale(0.1));
    }
}

}  // namespace

TEST_SUITE("train/trainer") {
    TEST_CASE("a step moves the parameters down the gradient") {
        // One weight, one row: y = w x + b, L = (y - t)^2.
        Mlp<double, Input<1>, Dense<1, Identity>> net;
        net.weights<0>() = 0.5;
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{3}), Targets<1>({2}));
        Trainer trainer(net, MeanSquaredError{}, Sgd{.learning_rate = 0.1}, {.batch_size = 1});
        const std::array<std::uint32_t, 1> rows{0};
        const Tally tally = trainer.step(data, rows);
        CHECK(tally.rows == 1);
        CHECK(tally.loss() == 0.25);
        CHECK(net.weights<0>()(0, 0) == doctest::Approx(0.5 - 0.1 * 2 * (1.5 - 2) * 3));
        CHECK(net.biases<0>()(0) == doctest::Approx(0.1));
    }

    TEST_CASE(
        "many steps are those of the plain loops, with penalties, clipping, momentum and layers frozen meanwhile") {
        using Net = Mlp<double, Input<20>, Dense<17, Tanh>, Dense<9, Tanh>, Dense<3, Softmax>>;
        const Dataset<20> data = some_data(23);
        struct Case {
            std::optional<double> clip_value = {};
            std::optional<double> clip_norm = {};
            double penalty = 0;
            double momentum = 0;
        };
        const std::vector<Case> cases{{},
                                      {.penalty = 0.02, .momentum = 0.9},
                                      {.clip_value = 0.03, .penalty = 0.02},
                                      {.clip_norm = 0.4, .momentum = 0.9},
                                      {.clip_value = 0.1, .clip_norm = 0.3, .penalty = 0.02, .momentum = 0.9}};
        for (std::size_t c = 0; c < cases.size(); ++c) {
            CAPTURE(c);
            Net net(Seed{7});
            support::PlainTraining plain{{}, 0.3, cases[c].momentum, 0.01, cases[c].clip_value, cases[c].clip_norm};
            Net::Layers::for_each([&]<std::size_t I>() {
                using Layer = Net::Layer<I>;
                net.training<I>() = {.l1 = cases[c].penalty / 3, .l2 = cases[c].penalty};
                if (I == 1) net.training<I>().rate_factor = 0.5;
                const auto begin = net.parameters().begin() + static_cast<std::ptrdiff_t>(Net::Layers::offsets[I]);
                plain.layers.push_back({Layer::inputs,
                                        Layer::outputs,
                                        {begin, begin + Layer::parameter_rows * Layer::parameter_columns},
                                        net.training<I>()});
            });
            Trainer trainer(
                net, CrossEntropy{}, Sgd{.learning_rate = 0.3, .momentum = cases[c].momentum, .weight_decay = 0.01},
                {.batch_size = 10, .threads = 2, .clip_value = cases[c].clip_value, .clip_norm = cases[c].clip_norm});
            for (std::size_t step = 0; step < 12; ++step) {
                CAPTURE(step);
                if (step == 4) freeze<0>(net);
                if (step == 7) unfreeze<0>(net);
                if (step == 9) trainer.set_learning_rate(plain.rate = 0.1);
                plain.layers[0].training = net.training<0>();
                std::vector<std::uint32_t> rows;
                std::vector<std::vector<double>> features;
                std::vector<std::int32_t> labels;
                for (auto row = static_cast<std::uint32_t>(step % 3 * 10); row < 23 && rows.size() < 10; ++row) {
                    rows.push_back(row);
                    const auto values = data.row(row);
                    features.emplace_back(values.begin(), values.end());
                    labels.push_back(data.label(row));
                }
                const Tally tally = trainer.step(data, rows);
                CHECK(tally.loss_sum == doctest::Approx(plain.step(features, labels)).epsilon(1e-12));
                double worst = 0;
                for (std::size_t i = 0; i < plain.layers.size(); ++i) {
                    for (std::size_t p = 0; p < plain.layers[i].w.size(); ++p) {
                        const double w = net.parameters()[Net::Layers::offsets[i] + p];
                        worst = support::larger_or_nan(worst, std::abs(w - plain.layers[i].w[p]));
                    }
                }
                CHECK(worst < 1e-13);
            }
        }
    }

    TEST_CASE("each step has dropout masks of its own, and so has each seed") {
        // A step on one row of ones moves exactly the weights whose inputs weren't dropped.
        using Net = Mlp<double, Input<64>, Dropout<std::ratio<1, 2>>, Dense<1, Identity>>;
        const Dataset<64, Targets<1>> data(Features<64>(std::vector<float>(64, 1)), Targets<1>({50}));
        const auto kept = [&](std::uint64_t seed) {
            Net net(Seed{1});
            Trainer trainer(net, MeanSquaredError{}, Sgd{.learning_rate = 1e-4}, {.batch_size = 1, .seed = Seed{seed}});
            std::vector<std::vector<bool>> steps;
            for (int step = 0; step < 3; ++step) {
                const std::vector<double> before(net.parameters().begin(), net.parameters().end());
                (void)trainer.step(data);
                std::vector<bool>& moved = steps.emplace_back();
                for (std::size_t i = 0; i < 64; ++i) moved.push_back(net.parameters()[i] != before[i]);
                const auto count = std::count(moved.begin(), moved.end(), true);
                CHECK(count > 10);
                CHECK(count < 54);
            }
            return steps;
        };
        const auto one = kept(1);
        CHECK((one[0] != one[1]));
        CHECK((one[1] != one[2]));
        CHECK((one == kept(1)));
        CHECK((one[0] != kept(2)[0]));
    }

#if TYPENET_HAS_SMALL_STACK
    TEST_CASE("a row of any width can be augmented on a small stack") {
        using Wide = Mlp<double, Input<40'000>, Dense<1, Identity>>;
        const Dataset<40'000, Targets<1>> data{Features<40'000>(std::vector<float>(40'000, 1)), Targets<1>({0})};
        const auto train = [&] {
            Wide net(Seed{1});
            const auto last_by_ten = [](std::span<float, 40'000> row, Random&) { row[39'999] *= 10; };
            Trainer trainer(net, MeanSquaredError{}, Sgd{}, {.batch_size = 1, .augmentation = last_by_ten});
            return trainer.step(data).loss_sum;
        };
        const double wanted = train();
        CHECK(support::runs_on_small_stack([&] { return train() == wanted; }));
    }
#endif

    TEST_CASE("a step refuses a target that doesn't fit and a row that isn't there, and changes nothing") {
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{.momentum = 0.9}, {.batch_size = 8});
        const std::uint64_t hash = parameter_hash(net);
        const auto labelled = [](std::vector<std::int32_t> labels) {
            Features<20> features(std::vector<float>(20 * labels.size(), 1));
            return Dataset<20>(std::move(features), Labels(std::move(labels)));
        };
        CHECK_THROWS_WITH_AS((void)trainer.step(labelled({0, 3, 1, 2})),
                             doctest::Contains("the label 3 in row 1 of a step's data is too large"), DataError);
        CHECK_THROWS_WITH_AS((void)trainer.step(labelled({1, 2, 3})), doctest::Contains("labels count from 0"),
                             DataError);
        CHECK_THROWS_AS((void)trainer.step(labelled({0, 100'000'000})), DataError);
        CHECK_THROWS_WITH_AS((void)trainer.step(labelled({0, 1}), std::vector<std::uint32_t>{1, 2}),
                             "a step was given row 2 of data with 2 rows", ShapeError);
        CHECK(parameter_hash(net) == hash);
        CHECK(trainer.state().steps == 0);
        // A wrong label in a row that the step doesn't take is another step's business.
        CHECK_NOTHROW((void)trainer.step(labelled({0, 3}), std::vector<std::uint32_t>{0}));

        const Dataset<20, Targets<3>> shares(Features<20>(std::vector<float>(40, 1)), Targets<3>({1, 0, 0, 1, 1, 0}));
        CHECK_THROWS_WITH_AS((void)trainer.step(shares),
                             "the target in row 1 of a step's data doesn't fit CrossEntropy, which takes shares of at "
                             "least 0 that sum to 1",
                             DataError);
        Mlp<float, Input<20>, Dense<1, Sigmoid>> detector;
        Trainer detects(detector, BinaryCrossEntropy{}, Sgd{}, {.batch_size = 8});
        CHECK_NOTHROW((void)detects.step(labelled({0, 1})));
        CHECK_THROWS_AS((void)detects.step(labelled({2})), DataError);
    }

    TEST_CASE("the gradient of a batch is the mean of its rows' gradients") {
        const Dataset<20> data = some_data(5);
        const Network start(Seed{1});
        const auto moved_by = [&](std::vector<std::uint32_t> rows) {
            Network net = start;
            Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 1}, {.batch_size = rows.size()});
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

    TEST_CASE("a step counts the correctly classified rows before it updates the parameters") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(9);
        std::vector<std::uint32_t> rows(9);
        std::iota(rows.begin(), rows.end(), 0U);
        std::size_t correct = 0;
        for (std::size_t row = 0; row < 9; ++row) correct += net.classify(data.row(row)) == data.label(row);
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.5}, {.batch_size = 9});
        CHECK(trainer.step(data, rows).correct == correct);
    }

    TEST_CASE("a step makes no heap allocation") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(64);
        std::vector<std::uint32_t> rows(64);
        std::iota(rows.begin(), rows.end(), 0U);
        Trainer trainer(net, CrossEntropy{.label_smoothing = 0.1, .class_weights = {1, 2, 3}},
                        Sgd{.learning_rate = 0.1, .momentum = 0.9, .nesterov = true}, {.batch_size = 64});
        (void)trainer.step(data, rows);
        const std::size_t before = support::allocation_count();
        for (int step = 0; step < 10; ++step) (void)trainer.step(data, rows);
        (void)trainer.step(data, std::span(rows).first(13));
        CHECK(support::allocation_count() == before);
    }

    TEST_CASE("threads change no bit, and neither does skipping zeros") {
        using Skips = Mlp<float, Input<150>, Dense<40, Tanh>, Dense<3, Softmax>>;
        using Looks = Mlp<float, Input<150>, EveryInput<40, Tanh>, Dense<3, Softmax>>;
        REQUIRE(Skips::Layer<0>::skips_zeros);
        for (const double density : {0.1, 0.59, 1.0}) {  // 0.59: zeros are skipped in some batches only
            CAPTURE(density);
            const Dataset<150> data = sparse_data(200, density);
            const std::uint64_t hash = trained<Looks>(data, {.threads = 1});
            for (const std::size_t threads : {1U, 2U, 3U}) {
                CAPTURE(threads);
                CHECK(trained<Skips>(data, {.threads = threads}) == hash);
                CHECK(trained<Looks>(data, {.threads = threads}) == hash);
            }
        }
    }

    TEST_CASE("threads change no bit: layers with large weights") {
        using Large = Mlp<float, Input<150>, Dense<600, Tanh>, Dense<500, Tanh>, Dense<3, Softmax>>;
        REQUIRE(gemm::is_large<float, 600, 500>);
        const Dataset<150> data = sparse_data(140, 0.2);
        const std::uint64_t hash = trained<Large>(data, {.threads = 1});
        for (const std::size_t threads : {2U, 3U, 8U}) CHECK(trained<Large>(data, {.threads = threads}) == hash);
        // A first layer with large weights, which two threads halve.
        using Wide = Mlp<float, Input<150>, Dense<1800, Tanh>, Dense<3, Softmax>>;
        CHECK(trained<Wide>(data, {.threads = 2}) == trained<Wide>(data, {.threads = 1}));
    }

    TEST_CASE("a step on several threads makes no heap allocation") {
        using Net = Mlp<float, Input<150>, Dense<40, Tanh>, Dense<3, Softmax>>;
        Net net(Seed{1});
        const Dataset<150> data = sparse_data(140, 0.2);
        std::vector<std::uint32_t> rows(140);
        std::iota(rows.begin(), rows.end(), 0U);
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.1}, {.batch_size = 140, .threads = 3});
        (void)trainer.step(data, rows);
        const std::size_t before = support::allocation_count();
        for (int step = 0; step < 10; ++step) (void)trainer.step(data, rows, rows);
        CHECK(support::allocation_count() == before);
    }

    TEST_CASE("a step with large weights makes no heap allocation") {
        Mlp<float, Input<20>, Dense<600, Tanh>, Dense<500, Tanh>, Dense<3, Softmax>> net(Seed{1});
        const Dataset<20> data = some_data(8);
        const std::vector<std::uint32_t> rows{0, 1, 2, 3, 4, 5, 6, 7};
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.1, .momentum = 0.9}, {.batch_size = 8});
        (void)trainer.step(data, rows);
        const std::size_t before = support::allocation_count();
        (void)trainer.step(data, rows);
        CHECK(support::allocation_count() == before);
    }

    TEST_CASE("threads change no bit: dropout, augmentation, clipping, penalties, frozen layers") {
        using Net = Mlp<float, Input<150>, Dense<40, Tanh>, Dropout<std::ratio<1, 4>>,
                        Residual<LayerNorm, Dense<40, Tanh>>, Dense<3, Softmax>>;
        const Dataset<150> data = sparse_data(200, 0.2);
        const auto noise = [](std::span<float, 150> row, Random& random) {
            for (float& value : row) value += value != 0 ? static_cast<float>(normal(random)) : 0;
        };
        const auto run = [&](std::size_t threads) {
            return trained<Net>(
                data,
                {.threads = threads, .seed = Seed{5}, .clip_value = 0.1, .clip_norm = 0.2, .augmentation = noise});
        };
        const std::uint64_t hash = run(1);
        CHECK(run(2) == hash);
        CHECK(run(3) == hash);
        CHECK(trained<Net>(data, {.seed = Seed{5}}) != hash);
    }

    TEST_CASE("a step with dropout, augmentation, clipping and penalties makes no heap allocation") {
        using Net = Mlp<float, Input<150>, Dense<40, Tanh>, Dropout<std::ratio<1, 4>>,
                        Residual<LayerNorm, Dense<40, Tanh>>, Dense<3, Softmax>>;
        Net net(Seed{1});
        net.training<0>().l2 = 1e-3;
        const Dataset<150> data = sparse_data(140, 0.2);
        Trainer trainer(
            net, CrossEntropy{}, Sgd{.learning_rate = 0.1},
            {.batch_size = 140,
             .threads = 2,
             .clip_value = 1,
             .clip_norm = 1,
             .augmentation = [](std::span<float, 150> row, Random& random) { row[0] = uniform(random) < 0.5; }});
        (void)trainer.step(data);
        const std::size_t before = support::allocation_count();
        for (int step = 0; step < 10; ++step) (void)trainer.step(data);
        CHECK(support::allocation_count() == before);
    }

    TEST_CASE("gradient values and norms above their limit are clipped to it, others are unchanged") {
        const Dataset<20> data = some_data(64);
        // With a learning rate of 1 a step subtracts exactly the gradient.
        const auto gradient = [&](TrainerOptions<20> options) {
            Network net(Seed{1});
            const std::vector<float> before(net.parameters().begin(), net.parameters().end());
            options.batch_size = 64;
            Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 1}, options);
            (void)trainer.step(data);
            std::vector<double> moved(before.size());
            for (std::size_t i = 0; i < moved.size(); ++i) {
                moved[i] = static_cast<double>(before[i]) - static_cast<double>(net.parameters()[i]);
            }
            return moved;
        };
        const auto norm = [](const std::vector<double>& v) {
            return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
        };
        const std::vector<double> free = gradient({});
        const double length = norm(free);
        REQUIRE(length > 0.2);
        CHECK(gradient({.clip_norm = length * 1.01}) == free);
        CHECK(gradient({.clip_value = length}) == free);

        const std::vector<double> shortened = gradient({.clip_norm = 0.1});
        CHECK(norm(shortened) == doctest::Approx(0.1).epsilon(1e-5));
        const std::vector<double> cut = gradient({.clip_value = 0.02});
        for (std::size_t i = 0; i < free.size(); ++i) {
            CHECK(std::abs(shortened[i] - free[i] * 0.1 / length) < 1e-6);
            CHECK(std::abs(cut[i] - std::clamp(free[i], -0.02, 0.02)) < 1e-6);
        }
        CHECK(*std::max_element(free.begin(), free.end()) > 0.03);
    }

    TEST_CASE("a step on a batch equals a step on the same rows of a dataset") {
        const Dataset<20> data = some_data(8);
        const std::vector<std::uint32_t> rows{0, 1, 2, 3, 4, 5, 6, 7};
        Network one(Seed{1});
        Network other(Seed{1});
        Trainer trains_rows(one, CrossEntropy{}, Sgd{.learning_rate = 0.1}, {.batch_size = 8});
        Trainer trains_batch(other, CrossEntropy{}, Sgd{.learning_rate = 0.1}, {.batch_size = 8});
        CHECK(trains_rows.step(data, rows).loss_sum == trains_batch.step(data).loss_sum);
        CHECK(parameter_hash(one) == parameter_hash(other));
        CHECK_THROWS_AS((void)trains_batch.step(some_data(9)), ShapeError);
    }

    TEST_CASE("a step prefetches the rows of the next one, as far as there are such rows") {
        const Dataset<20> rows = some_data(10);
        std::vector<std::size_t> asked;
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 4});
        trainer.step(Asked{&rows, &asked}, std::vector<std::uint32_t>{0, 1, 2, 3},
                     std::vector<std::uint32_t>{9, 10, 4});
        CHECK(asked == std::vector<std::size_t>{9, 4});
    }

    TEST_CASE("two threads share the rows of a step") {
        const Dataset<20> rows = some_data(64);
        const Meeting data(rows);
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 64, .threads = 2});
        trainer.partial_fit(data);
        CHECK_FALSE(data.was_missed());
    }

    TEST_CASE("a step of one row begins an epoch, which the next partial_fit ends") {
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 8});
        const Dataset<20> data = some_data(20);
        trainer.step(data, std::vector<std::uint32_t>{3});
        trainer.partial_fit(data);
        CHECK(trainer.state().epochs == 2);
    }

    TEST_CASE("a feature that isn't finite is named by its row, wherever the row is in its batch") {
        const Dataset<20> good = some_data(40);
        std::vector<float> features = std::get<1>(good.features().storage());
        features[27 * 20 + 4] = std::numeric_limits<float>::quiet_NaN();
        const Dataset<20> data(Features<20>(std::move(features)), good.targets());
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            Network net(Seed{1});
            Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 2, .seed = Seed{seed}});
            CHECK_THROWS_WITH_AS((void)trainer.partial_fit(data), doctest::Contains("row 27"), DataError);
        }
    }

    TEST_CASE("how layers are trained is checked before each epoch") {
        const Dataset<20> data = some_data(40);
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 8});
        trainer.partial_fit(data);
        const std::uint64_t before = parameter_hash(net);
        for (const LayerTraining& wrong :
             {LayerTraining{.rate_factor = -1}, LayerTraining{.l2 = std::numeric_limits<double>::quiet_NaN()}}) {
            net.training<1>() = wrong;
            CHECK_THROWS_WITH_AS((void)trainer.partial_fit(data), doctest::Contains("layer 1 (Dense<3, Softmax>)"),
                                 OptionError);
            CHECK(parameter_hash(net) == before);
        }
    }

    TEST_CASE("the parameters are put back also where the report of a divergence can't be made") {
        const Dataset<20> good = some_data(40);
        std::vector<float> features = std::get<1>(good.features().storage());
        features[27 * 20 + 4] = std::numeric_limits<float>::quiet_NaN();
        const Dataset<20> rows(Features<20>(std::move(features)), good.targets());
        Network net(Seed{1});
        const std::uint64_t before = parameter_hash(net);
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 2});
        CHECK_THROWS_WITH_AS((void)trainer.partial_fit(Once(rows, 27)), "can't be read again", std::runtime_error);
        CHECK(parameter_hash(net) == before);
    }

    TEST_CASE("a network may be assigned to between two steps, and its last parameters are looked at") {
        const Dataset<20> data = some_data(40);
        Network net(Seed{1});
        Network infinite(Seed{2});
        infinite.parameters()[3] = std::numeric_limits<float>::infinity();
        const std::uint64_t before = parameter_hash(net);
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 2});
        std::size_t steps = 0;
        CHECK_THROWS_AS((void)trainer.run_epoch(
                            data, true, true, [] {},
                            [&](const Tally&) {
                                if (++steps == 20) net = infinite;
                                return true;
                            }),
                        DivergenceError);
        CHECK(parameter_hash(net) == before);
    }

    TEST_CASE("rows that don't count have no last finite loss") {
        std::vector<float> features(3 * 20, 1.0F);
        std::fill_n(features.begin() + 2 * 20, 20, 3e38F);
        const Dataset<20> data =
            Dataset<20>(Features<20>(std::move(features)), Labels({0, 1, 2})).with_weights(RowWeights({0, 0, 1}));
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            Network net(Seed{1});
            Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 1, .seed = Seed{seed}});
            std::string message;
            try {
                trainer.partial_fit(data);
            } catch (const DivergenceError& error) {
                message = error.what();
            }
            CHECK(message.find("diverged") != std::string::npos);
            CHECK(message.find("last finite loss") == std::string::npos);
        }
    }

    TEST_CASE("data that arrives batch by batch is learned with partial_fit") {
        const Dataset<20> data = some_data(100);
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.05, .momentum = 0.9}, {.batch_size = 16});
        const double first = trainer.partial_fit(data).loss();
        for (int pass = 0; pass < 200; ++pass) (void)trainer.partial_fit(data);
        const auto last = trainer.partial_fit(data);
        CHECK(first > 1);
        CHECK(last.loss() < 0.1);  // random labels, memorised
        CHECK(last.accuracy() == 1);
        CHECK(trainer.state().epochs == 202);
        CHECK(trainer.state().steps == 202 * 7);
        const Dataset<20> wrong(Features<20>(std::vector<float>(20)), Labels({3}));
        CHECK_THROWS_AS((void)trainer.partial_fit(wrong), DataError);
    }

    TEST_CASE("partial_fit refuses a wrong target before it trains on the rows before it") {
        const Dataset<20> wrong(Features<20>(std::vector<float>(4 * 20, 1.0F)), Labels({0, 1, 2, 3}));
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.1}, {.batch_size = 1});
        CHECK_THROWS_WITH_AS((void)trainer.partial_fit(wrong), doctest::Contains("in row 3 of the training data"),
                             DataError);
        CHECK(parameter_hash(net) == parameter_hash(Network(Seed{1})));
        CHECK(trainer.state().steps == 0);
    }

    TEST_CASE("partial_fit takes the rows in another order each time, and ends an epoch that steps began") {
        std::vector<float> seen;
        const auto note = [&](std::span<float, 20> row, Random&) { seen.push_back(row[0]); };
        std::vector<float> features(12 * 20);
        for (std::size_t r = 0; r < 12; ++r) features[r * 20] = static_cast<float>(r);
        const Dataset<20> data(Features<20>(std::move(features)), Labels(std::vector<std::int32_t>(12)));
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 12, .augmentation = note});
        const std::vector<std::uint32_t> rows{0, 1, 2};
        (void)trainer.step(data, rows);
        const auto order = [&] {
            seen.clear();
            (void)trainer.partial_fit(data);
            return seen;
        };
        const std::vector<float> first = order();
        CHECK(trainer.state().epochs == 2);
        const std::vector<float> second = order();
        CHECK_FALSE(std::is_sorted(first.begin(), first.end()));
        CHECK(first != second);
        CHECK(std::set<float>(first.begin(), first.end()).size() == 12);
    }

    TEST_CASE("a step whose layers' gradients overflow changes nothing, also where its loss is finite") {
        Mlp<float, Input<1>, Dense<1, Identity>, Dense<1, Identity>> net;
        const std::vector<float> parameters{0, 0, 1e30F, 1e15F};
        std::copy(parameters.begin(), parameters.end(), net.parameters().begin());
        const std::uint64_t hash = parameter_hash(net);
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{1}), Targets<1>({0}));
        Trainer trainer(net, MeanSquaredError{}, Sgd{.learning_rate = 0.1}, {.batch_size = 1});
        const Tally tally = trainer.step(data);
        CHECK(tally.loss() == doctest::Approx(1e30));
        CHECK_FALSE(tally.finite);
        CHECK(parameter_hash(net) == hash);
    }

    TEST_CASE("parameters that overflow in the last step are reported with that step's batch") {
        Mlp<float, Input<1>, Dense<1, Identity>> net;
        net.parameters()[0] = 0;
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{1, 1}), Targets<1>({10, 10}));
        Trainer trainer(net, MeanSquaredError{}, Sgd{.learning_rate = 1e38}, {.batch_size = 2});
        CHECK_THROWS_WITH_AS((void)trainer.partial_fit(data), doctest::Contains("diverged in epoch 1, batch 1:"),
                             DivergenceError);
        CHECK(net.parameters()[0] == 0);
    }

    TEST_CASE("a step whose gradient isn't finite leaves the parameters, and partial_fit names the layer") {
        // The square of these numbers overflows a float, and so does the loss at the first layer's outputs.
        using Net = Mlp<float, Input<1>, Dense<2, Identity>, Dense<1, Identity>>;
        Net net(Seed{1});
        const std::uint64_t hash = parameter_hash(net);
        Trainer trainer(net, MeanSquaredError{}, Sgd{.learning_rate = 0.1}, {.batch_size = 2});
        const Dataset<1, Targets<1>> far(Features<1>(std::vector<float>{1, 1e30F}), Targets<1>({1, 1}));
        const std::string scale(detail::scale_advice);
        const auto fails_with = [](auto& some_trainer, const auto& data, const std::string& message) {
            CHECK_THROWS_WITH_AS((void)some_trainer.partial_fit(data), message.c_str(), DivergenceError);
        };
        CHECK_FALSE(trainer.step(far).finite);
        CHECK(parameter_hash(net) == hash);
        fails_with(
            trainer, far,
            "training diverged in epoch 2, batch 1: the loss is not finite. Features are as large as 1e+30; " + scale);
        CHECK(parameter_hash(net) == hash);

        net.parameters()[0] = std::numeric_limits<float>::infinity();
        fails_with(trainer, far,
                   "training diverged in epoch 2, batch 1: the parameters of layer 0 (Dense<2, Identity>) are not "
                   "finite. Features are as large as 1e+30; " +
                       scale);
        net.parameters()[0] = 3e38F;
        fails_with(trainer, far,
                   "training diverged in epoch 2, batch 1: the outputs of layer 0 (Dense<2, Identity>) are not finite. "
                   "Features are as large as 1e+30; " +
                       scale);

        // The loss and all values before it are finite, but the gradient of the weight isn't.
        Mlp<float, Input<1>, Dense<1, Identity>> line;
        line.parameters()[0] = 0;
        const Dataset<1, Targets<1>> huge(Features<1>(std::vector<float>{3e38F, 3e38F}), Targets<1>({-4, -4}));
        Trainer clips(line, MeanSquaredError{}, Sgd{.learning_rate = 0.1}, {.batch_size = 2, .clip_norm = 1});
        CHECK_FALSE(clips.step(huge).finite);
        CHECK(line.parameters()[0] == 0);
        fails_with(clips, huge,
                   "training diverged in epoch 2, batch 1: the gradient of the parameters is not finite. "
                   "Features are as large as 3e+38; " +
                       scale);
    }

    TEST_CASE("if a loss takes over the activation, the message still names the layer as the network declares it") {
        using Net = Mlp<float, Input<1>, Dense<2, Softmax>>;
        Net net(Seed{1});
        net.parameters()[0] = 3e38F;
        net.parameters()[1] = 3e38F;
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 1});
        const Dataset<1> data(Features<1>(std::vector<float>{10}), Labels({0}));
        CHECK_THROWS_WITH_AS((void)trainer.partial_fit(data),
                             doctest::Contains("the outputs of layer 0 (Dense<2, Softmax>), before its activation, are "
                                               "not finite"),
                             DivergenceError);
    }

    TEST_CASE("an epoch that diverges restores the parameters from before it") {
        Mlp<float, Input<1>, Dense<1, Identity>> net(Seed{1});
        Trainer trainer(net, MeanSquaredError{}, Sgd{.learning_rate = 10}, {.batch_size = 1});
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{1, 2, 3, 4}), Targets<1>({1, 2, 3, 5}));
        std::uint64_t before = 0;
        const auto train_on = [&] {
            for (int epoch = 0; epoch < 100; ++epoch) {
                before = parameter_hash(net);
                (void)trainer.partial_fit(data);
            }
        };
        CHECK_THROWS_WITH_AS(train_on(), doctest::Contains("; the last finite loss was "), DivergenceError);
        CHECK(parameter_hash(net) == before);
    }

    TEST_CASE("a feature that isn't finite is reported as an error in the data, with its row") {
        Network net(Seed{1});
        const std::uint64_t hash = parameter_hash(net);
        std::vector<float> features(5 * 20, 0.5F);
        features[3 * 20 + 7] = std::numeric_limits<float>::quiet_NaN();
        const Dataset<20> data(Features<20>(std::move(features)), Labels({0, 1, 2, 0, 1}));
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 2});
        CHECK_THROWS_WITH_AS((void)trainer.partial_fit(data),
                             "feature 7 of row 3 is NaN; replace it, leave the row out, or begin the network with "
                             "Standardize, which takes NaN as a missing value",
                             DataError);
        CHECK(parameter_hash(net) == hash);
    }

    TEST_CASE("augmentation draws new values in each pass over the data, also if only step is called") {
        std::vector<double> drawn;
        const auto note = [&](std::span<float, 20>, Random& random) { drawn.push_back(uniform(random)); };
        const Dataset<20> data = some_data(4);
        Network net(Seed{1});
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 4, .augmentation = note});
        const std::vector<std::uint32_t> rows{0, 1, 2, 3};
        for (int pass = 0; pass < 3; ++pass) {
            (void)trainer.step(data, std::span(rows).first(2));
            (void)trainer.step(data, std::span(rows).last(2));
        }
        REQUIRE(drawn.size() == 12);
        CHECK(std::set<double>(drawn.begin(), drawn.end()).size() == 12);
        CHECK(trainer.state().epochs == 2);  // the third epoch ends when the next step begins
        const std::vector<double> by_steps = drawn;

        // A row gets the same draws in steps as in the same pass of epochs.
        drawn.clear();
        Network other(Seed{1});
        Trainer by_epochs(other, CrossEntropy{}, Sgd{}, {.batch_size = 4, .augmentation = note});
        for (int pass = 0; pass < 3; ++pass) (void)by_epochs.partial_fit(data);
        CHECK(std::set<double>(drawn.begin(), drawn.end()) == std::set<double>(by_steps.begin(), by_steps.end()));
    }

    TEST_CASE("a step takes at least one row and at most the batch size") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(4);
        const std::vector<std::uint32_t> rows{0, 1, 2, 3};
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 3});
        CHECK_NOTHROW((void)trainer.step(data, std::span(rows).first(3)));
        CHECK_THROWS_AS((void)trainer.step(data, rows), ShapeError);
        CHECK_THROWS_AS((void)trainer.step(data, std::span(rows).first(0)), ShapeError);
    }

    TEST_CASE("the learning rate can change between steps") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(4);
        const std::vector<std::uint32_t> rows{0, 1, 2, 3};
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.5}, {.batch_size = 4});
        trainer.set_learning_rate(0);
        const std::uint64_t before = parameter_hash(net);
        (void)trainer.step(data, rows);
        CHECK(parameter_hash(net) == before);
        trainer.set_learning_rate(0.5);
        (void)trainer.step(data, rows);
        CHECK(parameter_hash(net) != before);
        CHECK_THROWS_WITH_AS(trainer.set_learning_rate(-1),
                             "Trainer: learning_rate is -1; it must be at least 0 and finite, as a float too",
                             OptionError);
    }

    TEST_CASE("options out of range are refused") {
        Network net(Seed{1});
        const auto make = [&](const CrossEntropy& loss, const Sgd& sgd, std::size_t batch_size) {
            const Trainer trainer(net, loss, sgd, {.batch_size = batch_size});
        };
        CHECK_NOTHROW(make({}, {}, 1));
        CHECK_THROWS_AS(make({}, {}, 0), OptionError);
        CHECK_THROWS_WITH_AS(make({}, {}, std::size_t{1} << 32),
                             "batch_size is 4.29497e+09; it must be from 1 to 4294967295", OptionError);
        CHECK_THROWS_AS(make({}, {}, std::numeric_limits<std::size_t>::max()), OptionError);
        CHECK_THROWS_AS(make({}, {.learning_rate = std::numeric_limits<double>::quiet_NaN()}, 1), OptionError);
        CHECK_THROWS_AS(make({.class_weights = {1, 2}}, {}, 1), OptionError);
    }

    TEST_CASE("the gradient of weighted rows is that of the loss that evaluate reports") {
        const auto data = some_data(7).with_weights(some_weights(7));
        check_weighted_gradient<Mlp<double, Input<20>, Dense<4, Tanh>, Dense<3, Softmax>>>(data, CrossEntropy{});
        std::vector<float> targets(14);
        for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = std::sin(static_cast<float>(i));
        const auto numbers =
            Dataset<20, Targets<2>>(data.features(), Targets<2>(targets)).with_weights(some_weights(7));
        check_weighted_gradient<Mlp<double, Input<20>, Dense<4, Tanh>, Dense<2, Identity>>>(numbers,
                                                                                            MeanSquaredError{});
    }

    TEST_CASE("a batch's gradient is the mean of its rows' gradients times their weights, which have a mean of 1") {
        const Dataset<20> data = some_data(4);
        const Network start(Seed{1});
        const auto moved_by = [&](const Dataset<20>& rows_of, std::vector<std::uint32_t> rows) {
            Network net = start;
            Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 1}, {.batch_size = rows.size()});
            (void)trainer.step(rows_of, rows);
            std::vector<double> movement;
            for (std::size_t i = 0; i < Network::parameter_count; ++i) {
                movement.push_back(static_cast<double>(net.parameters()[i] - start.parameters()[i]));
            }
            return movement;
        };
        // The mean of the weights of all rows is 2, that of the batch's rows isn't.
        const auto batch = moved_by(data.with_weights(std::vector<float>{1, 5, 0, 2}), {0, 1, 2});
        const auto first = moved_by(data, {0});
        const auto second = moved_by(data, {1});
        for (std::size_t i = 0; i < batch.size(); ++i) {
            CHECK(batch[i] == doctest::Approx((0.5 * first[i] + 2.5 * second[i]) / 3).epsilon(1e-4).scale(0.01));
        }
    }

    TEST_CASE("weights of 1 change no bit, and neither do a factor of 2 in all weights and threads") {
        const Dataset<20> data = some_data(150);
        const auto weighted = [&](std::vector<float> weights, std::size_t threads) {
            return trained<Network>(data.with_weights(std::move(weights)), {.threads = threads});
        };
        const std::uint64_t plain = trained<Network>(data, {});
        CHECK(weighted(std::vector<float>(150, 1), 1) == plain);
        CHECK(weighted(std::vector<float>(150, 3), 1) == plain);
        const std::uint64_t hash = weighted(some_weights(150), 1);
        CHECK(hash != plain);
        CHECK(weighted(some_weights(150, 2), 1) == hash);
        CHECK(weighted(some_weights(150, 0.25F), 1) == hash);
        for (const std::size_t threads : {2U, 3U}) CHECK(weighted(some_weights(150), threads) == hash);
    }

    TEST_CASE("a step sums losses, correct rows and weights by the weights as they are given") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(9).with_weights(some_weights(9));
        const Evaluation before = evaluate<CrossEntropy>(net, data);
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 9});
        const Tally tally = trainer.step(data);
        CHECK(tally.rows == 9);
        CHECK(tally.weight == doctest::Approx(3.6));
        CHECK(tally.loss() == doctest::Approx(before.loss));
        CHECK(tally.accuracy() == doctest::Approx(*before.accuracy));
        CHECK(tally.accuracy() != Trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 9}).step(some_data(9)).accuracy());
    }

    TEST_CASE("a batch whose rows weigh nothing changes nothing, and the epoch goes on") {
        Network net(Seed{1});
        const std::uint64_t start = parameter_hash(net);
        const Dataset<20> data = some_data(4).with_weights(std::vector<float>{0, 0, 1, 0});
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.1}, {.batch_size = 1});
        const std::array<std::uint32_t, 1> nothing = {1};
        const Tally tally = trainer.step(data, nothing);
        CHECK(tally.finite);
        CHECK(std::isnan(tally.loss()));
        CHECK(parameter_hash(net) == start);
        const double loss = trainer.partial_fit(data).loss();
        CHECK(loss > 0);
        CHECK(parameter_hash(net) != start);
    }

    TEST_CASE("a step and partial_fit refuse data without a weight for each row, and change nothing") {
        Network net(Seed{1});
        const std::uint64_t start = parameter_hash(net);
        Trainer trainer(net, CrossEntropy{}, Sgd{.learning_rate = 0.1}, {.batch_size = 3});
        CHECK_THROWS_WITH_AS((void)trainer.step(Weighted{.row_weights = RowWeights({1, 2})}),
                             "a step's data: 2 weights for 3 rows", DataError);
        CHECK_THROWS_WITH_AS((void)trainer.partial_fit(Weighted{.row_weights = RowWeights({1, 2})}),
                             "the training data: 2 weights for 3 rows", DataError);
        CHECK(parameter_hash(net) == start);
        CHECK_NOTHROW((void)trainer.step(Weighted{.row_weights = RowWeights({1, 2, 3})}));
        CHECK(parameter_hash(net) != start);
    }

    TEST_CASE("a step on weighted rows makes no heap allocation") {
        Network net(Seed{1});
        const Dataset<20> data = some_data(64).with_weights(some_weights(64));
        Trainer trainer(net, CrossEntropy{}, Sgd{}, {.batch_size = 64});
        (void)trainer.step(data);
        const std::size_t before = support::allocation_count();
        (void)trainer.step(data);
        CHECK(support::allocation_count() == before);
    }
}
