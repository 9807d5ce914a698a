#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <string>
#include <support/allocations.hpp>
#include <tuple>
#include <typenet/typenet.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Returns 600 points of two concentric rings, which no straight line separates.
Dataset<2> rings(std::uint64_t seed) {
    Random random(Seed{seed});
    std::vector<float> features;
    std::vector<std::int32_t> labels;
    for (int i = 0; i < 600; ++i) {
        const std::int32_t label = i % 2;
        const double radius = (label == 0 ? 0.5 : 1.2) + 0.08 * normal(random);
        const double angle = uniform(random, 0, 2 * std::numbers::pi);
        features.push_back(static_cast<float>(radius * std::cos(angle)));
        features.push_back(static_cast<float>(radius * std::sin(angle)));
        labels.push_back(label);
    }
    return {Features<2>(std::move(features)), Labels(std::move(labels))};
}

using Network = Mlp<float, Input<2>, Dense<16, Tanh>, Dense<2, Softmax>>;

struct Observer {
    std::vector<std::string>* log;
    std::size_t stop_after = 1000;

    void check(const TrainingPlan&) const { log->push_back("check"); }
    template <class Run>
    void resume(Run&) const {
        log->push_back("resume");
    }
    void on_train_begin(const TrainingPlan& plan) const { log->push_back("begin " + std::to_string(plan.rows)); }
    void on_batch_end(const BatchRecord& batch) const { log->push_back("batch " + std::to_string(batch.rows_done)); }
    CallbackResult on_epoch_end(const EpochRecord& epoch) const {
        log->push_back("epoch " + std::to_string(epoch.epoch));
        return epoch.epoch >= stop_after ? CallbackResult::stop : CallbackResult::proceed;
    }
    void after_epoch(const EpochRecord& epoch) const { log->push_back("after " + std::to_string(epoch.epoch)); }
    void on_train_end(const History& history) const { log->push_back("end " + std::to_string(history.epochs.size())); }
};

/// A dataset that notes which rows are taken for training, in their order.
struct Noted {
    static constexpr std::size_t feature_count = 2;
    const Dataset<2>& data;
    std::vector<std::uint32_t>* taken;

    [[nodiscard]] std::size_t size() const { return data.size(); }
    template <class T>
    void gather(std::span<const std::uint32_t> rows, T* x) const {
        taken->insert(taken->end(), rows.begin(), rows.end());
        data.gather(rows, x);
    }
    [[nodiscard]] std::int32_t target(std::size_t row) const { return data.target(row); }
};

}  // namespace

TEST_SUITE("train/fit") {
    TEST_CASE("it learns a problem that needs a hidden layer") {
        Network net(Seed{1});
        const Dataset<2> validation = rings(2);
        const History history = fit<CrossEntropy>(net, rings(1), Sgd{.learning_rate = 0.1, .momentum = 0.9},
                                                  {.epochs = 40, .batch_size = 32, .validation = &validation});
        CHECK(accuracy(net, rings(3)) >= 0.99);
        REQUIRE(history.epochs.size() == 40);
        CHECK(history.epochs.back().loss < 0.1 * history.epochs.front().loss);
        CHECK(history.epochs.back().seconds > 0);
        CHECK(history.epochs.back().accuracy.value() > 0.98);
        CHECK(history.epochs.back().validation_accuracy.value() == accuracy(net, validation));
        CHECK(history.epochs.back().validation_loss.value() == evaluate<CrossEntropy>(net, validation).loss);
    }

    TEST_CASE("binary classification with one output and a class weight for imbalanced classes") {
        Mlp<double, Input<2>, Dense<16, ReLU>, Dense<1, Sigmoid>> net(Seed{1});
        fit(net, rings(1), BinaryCrossEntropy{.class_weights = {1, 3}}, Sgd{.learning_rate = 0.1, .momentum = 0.9},
            {.epochs = 40});
        CHECK(accuracy(net, rings(3)) >= 0.98);
    }

    TEST_CASE("regression of a sine") {
        std::vector<float> features;
        std::vector<float> targets;
        for (int i = 0; i < 400; ++i) {
            const float x = -3 + 6 * static_cast<float>(i) / 399;
            features.push_back(x);
            targets.push_back(std::sin(x));
        }
        const Dataset<1, Targets<1>> data(Features<1>(std::move(features)), Targets<1>(std::move(targets)));
        Mlp<float, Input<1>, Dense<32, Tanh>, Dense<1, Identity>> net(Seed{1});
        const History history = fit<MeanSquaredError>(net, data, Sgd{.learning_rate = 0.05, .momentum = 0.9},
                                                      {.epochs = 200, .schedule = CosineDecay{}});
        CHECK(r2(net, data) > 0.995);
        CHECK_FALSE(history.epochs.back().accuracy.has_value());
    }

    TEST_CASE("soft targets and one-hot targets train like labels") {
        const Dataset<2> data = rings(1);
        Network from_labels(Seed{1});
        Network from_one_hot(Seed{1});
        fit<CrossEntropy>(from_labels, data, Sgd{.learning_rate = 0.1}, {.epochs = 2});
        const History history =
            fit<CrossEntropy>(from_one_hot, one_hot<2>(data), Sgd{.learning_rate = 0.1}, {.epochs = 2});
        CHECK(parameter_hash(from_labels) == parameter_hash(from_one_hot));
        CHECK(history.epochs.back().accuracy.has_value());
    }

    TEST_CASE("the same seed gives the same bits; another seed or order gives other bits") {
        const auto run = [](FitOptions<Dataset<2>> options) {
            Network net(Seed{1});
            fit<CrossEntropy>(net, rings(1), Sgd{.learning_rate = 0.1, .momentum = 0.9}, options);
            return parameter_hash(net);
        };
        const std::uint64_t hash = run({.epochs = 3, .seed = Seed{5}});
        CHECK(run({.epochs = 3, .seed = Seed{5}}) == hash);
        CHECK(run({.epochs = 3, .seed = Seed{6}}) != hash);
        CHECK(run({.epochs = 3, .shuffle = false, .seed = Seed{5}}) != hash);
        CHECK(run({.epochs = 3, .shuffle = false, .seed = Seed{5}}) ==
              run({.epochs = 3, .shuffle = false, .seed = Seed{6}}));
    }

    TEST_CASE("threads change no bit: parameters and history of fit") {
        const Dataset<2> validation = rings(2);
        const auto run = [&](std::size_t threads) {
            Network net(Seed{1});
            const History history =
                fit<CrossEntropy>(net, rings(1), Sgd{.learning_rate = 0.1, .momentum = 0.9},
                                  {.epochs = 3, .batch_size = 100, .validation = &validation, .threads = threads});
            const EpochRecord& last = history.epochs.back();
            return std::tuple(parameter_hash(net), last.loss, last.accuracy, last.validation_loss,
                              last.validation_accuracy);
        };
        const auto alone = run(1);
        for (const std::size_t threads : {0U, 2U, 3U, 5U}) CHECK(run(threads) == alone);
    }

    TEST_CASE("builds for other processors and by other compilers agree to within rounding") {
        Random random(Seed{9});
        std::vector<float> features;
        std::vector<std::int32_t> labels;
        for (int row = 0; row < 500; ++row) {
            float sum = 0;
            for (int k = 0; k < 20; ++k) {
                features.push_back(static_cast<float>(normal(random)));
                sum += features.back() * static_cast<float>(k % 3 - 1);
            }
            labels.push_back(sum > 1 ? 2 : (sum < -1 ? 0 : 1));
        }
        const Dataset<20> data{Features<20>(std::move(features)), Labels(std::move(labels))};
        Mlp<float, Input<20>, Dense<17, Sigmoid>, Dense<9, Tanh>, Dense<3, Softmax>> net(Seed{7});
        const History history = fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.2, .momentum = 0.9},
                                                  {.epochs = 5, .batch_size = 32, .seed = Seed{3}});
        double sum = 0;
        for (const float p : net.parameters()) sum += std::abs(static_cast<double>(p));
        CHECK(std::abs(history.epochs.back().loss - 0.249137) < 5e-6);
        CHECK(std::abs(sum - 202.92642) < 2e-4);
        CHECK(history.epochs.back().accuracy == doctest::Approx(0.892));
        // Prints the exact bits, which differ from build to build, to compare by hand.
        MESSAGE("parameter hash of this build: " << std::hex << parameter_hash(net));
    }

    TEST_CASE("an epoch takes each row once, and its last batch may be shorter") {
        std::vector<std::uint32_t> order(103);
        detail::order_rows(order, true, Seed{1}, 1);
        CHECK(std::set<std::uint32_t>(order.begin(), order.end()).size() == 103);
        CHECK_FALSE(std::is_sorted(order.begin(), order.end()));

        std::vector<std::string> log;
        Network net;
        const Dataset<2> data = rings(1);
        fit<CrossEntropy>(net, data, Sgd{}, {.epochs = 1, .batch_size = 250}, Observer{&log});
        CHECK(log == std::vector<std::string>{"check", "resume", "begin 600", "batch 250", "batch 500", "batch 600",
                                              "epoch 1", "after 1", "end 1"});
    }

    TEST_CASE("a batch may be larger than the data, and there may be any number of epochs") {
        Network net(Seed{1});
        const std::size_t most = std::numeric_limits<std::size_t>::max();
        std::vector<std::string> log;
        CHECK_NOTHROW(fit<CrossEntropy>(
            net, rings(1), Sgd{}, {.epochs = most, .batch_size = most, .schedule = LinearDecay{}}, Observer{&log, 2}));
        CHECK(log.back() == "end 2");
    }

    TEST_CASE("callbacks are called in their order, and each of them can stop the training") {
        std::vector<std::string> log;
        Network net;
        const History history = fit<CrossEntropy>(net, rings(1), Sgd{}, {.epochs = 5, .batch_size = 600},
                                                  Observer{&log, 2}, Observer{&log});
        CHECK(history.epochs.size() == 2);
        std::vector<std::string> wanted;
        for (const char* call : {"check", "resume", "begin 600", "batch 600", "epoch 1", "after 1", "batch 600",
                                 "epoch 2", "after 2", "end 2"}) {
            wanted.insert(wanted.end(), 2, call);
        }
        CHECK(log == wanted);
    }

    TEST_CASE("a schedule scales the learning rate from step to step") {
        std::vector<double> asked;
        Network net(Seed{1});
        fit<CrossEntropy>(net, rings(1), Sgd{.learning_rate = 0.1},
                          {.epochs = 2, .batch_size = 200, .schedule = [&](const SchedulePoint& point) {
                               asked.push_back(point.progress());
                               return 1 - point.progress();
                           }});
        CHECK(asked.size() == 6);
        for (std::size_t i = 0; i < asked.size(); ++i) CHECK(asked[i] == doctest::Approx(static_cast<double>(i) / 6));
        Network still(Seed{1});
        fit<CrossEntropy>(still, rings(1), Sgd{.learning_rate = 0.1}, {.epochs = 1, .schedule = ConstantRate{0}});
        CHECK(parameter_hash(still) == parameter_hash(Network(Seed{1})));
    }

    TEST_CASE("a step takes the learning rate that the schedule gives for it, not that of its neighbours") {
        const Dataset<2> data = rings(1);
        std::vector<std::uint32_t> rows(100);
        Network wanted(Seed{1});
        Trainer trainer(wanted, CrossEntropy{}, Sgd{.learning_rate = 0.1}, {.batch_size = 100});
        std::iota(rows.begin(), rows.end(), 200U);
        (void)trainer.step(data, rows);
        Network net(Seed{1});
        std::size_t step = 0;
        fit<CrossEntropy>(net, data, Sgd{.learning_rate = 0.1},
                          {.epochs = 1, .batch_size = 100, .shuffle = false, .schedule = [&](const SchedulePoint&) {
                               return step++ == 2 ? 1 : 0;
                           }});
        CHECK(step == 6);
        CHECK(parameter_hash(net) == parameter_hash(wanted));
    }

    TEST_CASE("each epoch takes the rows in an order of its own, which the seed decides") {
        const Dataset<2> data = rings(1);
        const auto orders = [&](bool shuffle, std::uint64_t seed) {
            std::vector<std::uint32_t> taken;
            Network net(Seed{1});
            fit<CrossEntropy>(net, Noted{data, &taken}, Sgd{},
                              {.epochs = 3, .batch_size = 64, .shuffle = shuffle, .seed = Seed{seed}});
            REQUIRE(taken.size() == 3 * data.size());
            std::vector<std::vector<std::uint32_t>> epochs;
            for (auto first = taken.begin(); first != taken.end(); first += 600) {
                epochs.emplace_back(first, first + 600);
                CHECK(std::set<std::uint32_t>(first, first + 600).size() == 600);
            }
            return epochs;
        };
        const auto one = orders(true, 1);
        CHECK((one[0] != one[1]));
        CHECK((one[1] != one[2]));
        CHECK((one[0] != one[2]));
        CHECK((one == orders(true, 1)));
        CHECK((one[0] != orders(true, 2)[0]));
        for (const auto& epoch : orders(false, 1)) CHECK(std::is_sorted(epoch.begin(), epoch.end()));
    }

    TEST_CASE("augmentation draws new values in each epoch of fit") {
        std::set<double> drawn;
        Network net(Seed{1});
        fit<CrossEntropy>(net, rings(1), Sgd{}, {.epochs = 3, .augmentation = [&](std::span<float, 2>, Random& random) {
                                                     drawn.insert(uniform(random));
                                                 }});
        CHECK(drawn.size() == 3 * 600);
    }

    TEST_CASE("epochs after the first make no heap allocation") {
        struct Counter {
            std::vector<std::size_t> counts = std::vector<std::size_t>(64);
            std::size_t batches = 0;
            void on_batch_end(const BatchRecord&) { counts[batches++] = support::allocation_count(); }
        };
        Counter counter;
        Network net(Seed{1});
        fit<CrossEntropy>(net, rings(1), Sgd{.learning_rate = 0.1, .momentum = 0.9}, {.epochs = 3}, counter);
        REQUIRE(counter.batches == 57);
        CHECK(counter.counts[56] == counter.counts[0]);
    }

    TEST_CASE("bad options are refused and leave the network as it was") {
        const Dataset<2> data = rings(1);
        Network net(Seed{1});
        const std::uint64_t hash = parameter_hash(net);
        const double nan = std::numeric_limits<double>::quiet_NaN();
        CHECK_THROWS_AS(fit<CrossEntropy>(net, data, Sgd{}, {.epochs = 0}), OptionError);
        CHECK_THROWS_WITH_AS(fit<CrossEntropy>(net, data, Sgd{}, {.batch_size = 0}),
                             "batch_size is 0; it must be from 1 to 4294967295", OptionError);
        CHECK_THROWS_AS(fit<CrossEntropy>(net, data, Sgd{.learning_rate = nan}), OptionError);
        CHECK_THROWS_AS(fit(net, data, CrossEntropy{.label_smoothing = 2}, Sgd{}), OptionError);
        const Dataset<2> none(Features<2>(std::vector<float>{}), Labels({}));
        CHECK_THROWS_AS(fit<CrossEntropy>(net, none, Sgd{}), DataError);
        CHECK_THROWS_AS(fit<CrossEntropy>(net, data, Sgd{}, {.validation = &none}), DataError);
        const Dataset<2> three(Features<2>(std::vector<float>(4)), Labels({1, 2}));
        CHECK_THROWS_AS(fit<CrossEntropy>(net, three, Sgd{}), DataError);
        CHECK(parameter_hash(net) == hash);
    }

    TEST_CASE("a loss that isn't finite stops the training, says where, and leaves the last good epoch's parameters") {
        std::uint64_t good = 0;
        struct Remember {
            std::uint64_t& hash;
            const Mlp<float, Input<1>, Dense<1, Identity>>& net;
            void on_epoch_end(const EpochRecord&) const { hash = parameter_hash(net); }
        };
        Mlp<float, Input<1>, Dense<1, Identity>> net(Seed{1});
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{1, 2, 3, 4}), Targets<1>({1, 2, 3, 5}));
        std::string message;
        try {
            fit<MeanSquaredError>(net, data, Sgd{.learning_rate = 10}, {.epochs = 100, .batch_size = 2},
                                  Remember{good, net});
        } catch (const DivergenceError& error) {
            message = error.what();
        }
        CHECK(message.find("training diverged in epoch ") == 0);
        CHECK(message.find(", batch ") != std::string::npos);
        CHECK(message.find("the last finite loss was ") != std::string::npos);
        CHECK(good != 0);
        CHECK(parameter_hash(net) == good);
    }

    TEST_CASE("parameters that aren't finite after the very last step are an error") {
        Mlp<float, Input<1>, Dense<1, Identity>> net(Seed{1});
        const std::uint64_t hash = parameter_hash(net);
        const Dataset<1, Targets<1>> data(Features<1>(std::vector<float>{1e15F}), Targets<1>({1}));
        CHECK_THROWS_WITH_AS(
            fit<MeanSquaredError>(net, data, Sgd{.learning_rate = 1e15}, {.epochs = 1}),
            doctest::Contains("in epoch 1, batch 1: the parameters of layer 0 (Dense<1, Identity>) are not finite"),
            DivergenceError);
        CHECK(parameter_hash(net) == hash);
    }

    TEST_CASE("whole weights train like rows that are repeated as often, to within rounding") {
        const Dataset<2> data = rings(1);
        std::vector<float> weights;
        std::vector<std::uint32_t> repeated;
        for (std::uint32_t row = 0; row < data.size(); ++row) {
            weights.push_back(static_cast<float>(row % 4));
            repeated.insert(repeated.end(), row % 4, row);
        }
        const auto run = [](const Dataset<2>& train, const Dataset<2>& validation) {
            Mlp<double, Input<2>, Dense<16, Tanh>, Dense<2, Softmax>> net(Seed{1});
            const History history =
                fit<CrossEntropy>(net, train, Adam{}, {.epochs = 5, .batch_size = 10'000, .validation = &validation});
            return std::pair(net, history);
        };
        const auto [weighted, history] = run(data.with_weights(weights), data.with_weights(weights));
        const auto [many, many_history] = run(data.subset(repeated), data.subset(repeated));
        for (std::size_t i = 0; i < weighted.parameters().size(); ++i) {
            CHECK(weighted.parameters()[i] == doctest::Approx(many.parameters()[i]).epsilon(1e-6).scale(1));
        }
        const EpochRecord& last = history.epochs.back();
        const EpochRecord& many_last = many_history.epochs.back();
        CHECK(last.loss == doctest::Approx(many_last.loss).epsilon(1e-6));
        CHECK(*last.accuracy == doctest::Approx(*many_last.accuracy));
        CHECK(*last.validation_loss == doctest::Approx(*many_last.validation_loss).epsilon(1e-6));
        CHECK(*last.validation_accuracy == doctest::Approx(*many_last.validation_accuracy));
        const auto [plain, plain_history] = run(data, data);
        CHECK(last.loss != doctest::Approx(plain_history.epochs.back().loss).epsilon(1e-6));
    }

    TEST_CASE("a loss and an optimizer of any kind take weights; a factor of 2 in all of them changes no bit") {
        const Dataset<2> validation = rings(2);
        const auto run = [&](float factor, std::size_t threads) {
            std::vector<float> weights(600);
            for (std::size_t row = 0; row < 600; ++row) weights[row] = factor * static_cast<float>(row % 7);
            const Dataset<2> train = rings(1).with_weights(weights);
            Mlp<float, Input<2>, Dense<16, Tanh>, Dropout<std::ratio<1, 4>>, Dense<1, Sigmoid>> net(Seed{1});
            net.template training<0>().l2 = 1e-3;
            const History history = fit<BinaryCrossEntropy>(
                net, train, Adam{}, {.epochs = 2, .validation = &validation, .clip_norm = 0.1, .threads = threads});
            return std::tuple(parameter_hash(net), history.epochs.back().loss, history.epochs.back().accuracy);
        };
        const auto once = run(1, 1);
        CHECK(run(2, 1) == once);
        CHECK(run(1, 3) == once);
    }
}
