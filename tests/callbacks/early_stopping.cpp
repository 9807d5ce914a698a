#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <typenet/activations.hpp>
#include <typenet/callbacks/early_stopping.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/fit.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// Stands in for a TrainingRun: after epoch n both parameters are n.
class Run {
public:
    [[nodiscard]] const History& history() const { return history_; }
    [[nodiscard]] Run& network() { return *this; }
    [[nodiscard]] std::span<float> parameters() { return parameters_; }

    /// Runs epochs with these losses; returns how many ran before the training stopped.
    std::size_t train(EarlyStopping& stopping, std::initializer_list<double> losses) {
        CallbackResult answer = stopping.on_train_begin({}, *this);
        const std::size_t before = history_.epochs.size();
        for (const double loss : losses) {
            if (answer == CallbackResult::stop) break;
            history_.epochs.push_back({.epoch = history_.epochs.size() + 1, .loss = loss});
            parameters_.assign(2, static_cast<float>(history_.epochs.size()));
            answer = stopping.on_epoch_end(history_.epochs.back(), *this);
        }
        return history_.epochs.size() - before;
    }
    float end(EarlyStopping& stopping) {
        stopping.on_train_end(history_, *this);
        CHECK(parameters_[0] == parameters_[1]);
        return parameters_[0];
    }

private:
    History history_;
    std::vector<float> parameters_ = std::vector<float>(2);
};

EarlyStopping on_loss(std::size_t patience, double min_delta = 0, bool restore_best = true) {
    return {.monitor = Monitor::loss, .patience = patience, .min_delta = min_delta, .restore_best = restore_best};
}

}  // namespace

TEST_SUITE("callbacks/early_stopping") {
    TEST_CASE("stops after `patience` epochs in a row without a new best one, and restores the best") {
        EarlyStopping stopping = on_loss(2);
        Run run;
        CHECK(run.train(stopping, {5, 4, 6, 3, 4, 3, 2}) == 6);
        CHECK(stopping.best_epoch() == 4);
        CHECK(stopping.best_value() == 3);
        CHECK(run.end(stopping) == 4);
    }

    TEST_CASE("a training that reaches its last epoch gets the best parameters, too") {
        EarlyStopping stopping = on_loss(5);
        Run run;
        CHECK(run.train(stopping, {5, 3, 4}) == 3);
        CHECK(run.end(stopping) == 2);
    }

    TEST_CASE("without restore_best the last parameters stay") {
        EarlyStopping stopping = on_loss(5, 0, false);
        Run run;
        run.train(stopping, {5, 3, 4});
        CHECK(stopping.best_epoch() == 2);
        CHECK(run.end(stopping) == 3);
    }

    TEST_CASE("an improvement must be larger than min_delta") {
        EarlyStopping stopping = on_loss(2, 0.5);
        Run run;
        CHECK(run.train(stopping, {5, 4.75, 4.5, 4}) == 3);
        CHECK(run.end(stopping) == 1);
    }

    TEST_CASE("a higher accuracy is better") {
        EarlyStopping stopping{.monitor = Monitor::accuracy, .patience = 1};
        Run run;
        stopping.on_train_begin({}, run);
        CHECK(stopping.on_epoch_end({.epoch = 1, .accuracy = 0.5}, run) == CallbackResult::proceed);
        CHECK(stopping.on_epoch_end({.epoch = 2, .accuracy = 0.6}, run) == CallbackResult::proceed);
        CHECK(stopping.on_epoch_end({.epoch = 3, .accuracy = 0.55}, run) == CallbackResult::stop);
        CHECK(stopping.best_value() == 0.6);
    }

    TEST_CASE("an epoch whose value is NaN is never the best") {
        EarlyStopping stopping = on_loss(2);
        Run run;
        CHECK(run.train(stopping, {not_a_number, not_a_number, 1}) == 2);
        CHECK(stopping.best_epoch() == 0);
        CHECK(run.end(stopping) == 2);  // nothing to restore
    }

    TEST_CASE("a second training forgets the first") {
        EarlyStopping stopping = on_loss(2);
        Run first;
        first.train(stopping, {1, 2, 3});
        CHECK(first.end(stopping) == 1);
        Run second;
        CHECK(second.train(stopping, {9, 8, 7, 8, 9}) == 5);
        CHECK(stopping.best_epoch() == 3);
        CHECK(second.end(stopping) == 3);
        Run none;
        none.train(stopping, {});
        CHECK(none.end(stopping) == 0);
    }

    TEST_CASE("with its state restored it continues as if the training had not been stopped") {
        for (const double next : {1.0, 4.0}) {
            EarlyStopping whole = on_loss(2);
            Run one;
            one.train(whole, {5, 3, 4, next, 4.5});
            const float wanted = one.end(whole);

            EarlyStopping before = on_loss(2);
            Run run;
            run.train(before, {5, 3, 4});
            const std::string state = before.save_state();
            EarlyStopping after = on_loss(2);
            after.restore_state(state);
            run.train(after, {next, 4.5});
            CHECK(after.best_epoch() == whole.best_epoch());
            CHECK(run.end(after) == wanted);
        }
    }

    TEST_CASE("it stops at once when it is resumed with no patience left") {
        EarlyStopping before = on_loss(1);
        Run run;
        run.train(before, {5, 6});
        EarlyStopping after = on_loss(1);
        after.restore_state(before.save_state());
        CHECK(run.train(after, {1, 1}) == 0);
        CHECK(run.end(after) == 1);
    }

    TEST_CASE("without a state it counts the epochs before the stop, and restores none of them") {
        EarlyStopping before = on_loss(3);
        Run run;
        run.train(before, {5, 3, 4});
        EarlyStopping after = on_loss(3);
        after.restore_state("");
        CHECK(run.train(after, {4, 4, 4}) == 2);
        CHECK(after.best_epoch() == 2);
        CHECK(run.end(after) == 5);
        before.restore_state("");  // nor parameters of another training
        run.train(before, {});
        CHECK(run.end(before) == 5);
    }

    TEST_CASE("a truncated state is an error, and no parameters are kept") {
        EarlyStopping before = on_loss(3);
        Run run;
        run.train(before, {5, 3, 4});
        const std::string state = before.save_state();
        for (std::size_t size = 1; size < state.size(); ++size) {
            CHECK_THROWS_AS(before.restore_state(std::string_view(state).substr(0, size)), DataError);
        }
        run.train(before, {});
        CHECK(run.end(before) == 3);
    }

    TEST_CASE("options out of range are refused") {
        const TrainingPlan plan{.validates = true};
        CHECK_NOTHROW(EarlyStopping{}.check(plan));
        CHECK_THROWS_WITH_AS(EarlyStopping{.patience = 0}.check(plan),
                             "EarlyStopping: patience is 0; it must be at least 1", OptionError);
        for (const double bad : {-1.0, not_a_number, std::numeric_limits<double>::infinity()}) {
            CHECK_THROWS_AS(EarlyStopping{.min_delta = bad}.check(plan), OptionError);
        }
    }

    TEST_CASE("fit stops and ends with the parameters of the best epoch") {
        using Network = Mlp<float, Input<2>, Dense<8, Sigmoid>, Dense<2, Softmax>>;
        // Random labels: what is learned from the training rows is wrong for others.
        const auto noise = [](std::uint64_t seed) {
            Random random(Seed{seed});
            std::vector<float> features;
            std::vector<std::int32_t> labels;
            for (int i = 0; i < 40; ++i) {
                features.push_back(static_cast<float>(uniform(random)));
                features.push_back(static_cast<float>(uniform(random)));
                labels.push_back(uniform(random) < 0.5 ? 0 : 1);
            }
            return Dataset<2>(Features<2>(features), Labels(labels));
        };
        const Dataset<2> train = noise(1);
        const Dataset<2> validation = noise(2);
        const Sgd sgd{.learning_rate = 1};
        EarlyStopping stopping{.patience = 3};
        Network net(Seed{1});
        const FitOptions<Dataset<2>> options{.epochs = 100, .batch_size = 4, .validation = &validation};
        const History history = fit<CrossEntropy>(net, train, sgd, options, stopping);
        REQUIRE(stopping.best_epoch() > 0);
        CHECK(history.epochs.size() == stopping.best_epoch() + 3);
        CHECK(evaluate(net, validation, CrossEntropy{}).loss == stopping.best_value());

        Network shorter(Seed{1});
        FitOptions<Dataset<2>> until_best = options;
        until_best.epochs = stopping.best_epoch();
        fit<CrossEntropy>(shorter, train, sgd, until_best);
        CHECK(parameter_hash(shorter) == parameter_hash(net));
    }

    TEST_CASE("if the monitored value is not measured, fit refuses before anything changes") {
        using Network = Mlp<float, Input<2>, Dense<2, Softmax>>;
        const Dataset<2> data(Features<2>(std::vector<float>(8)), Labels(std::vector<std::int32_t>(4)));
        Network net(Seed{1});
        CHECK_THROWS_WITH_AS(fit<CrossEntropy>(net, data, Sgd{}, {}, EarlyStopping{}),
                             "EarlyStopping: it watches validation_loss, and fit was given no validation data",
                             OptionError);
        CHECK(parameter_hash(net) == parameter_hash(Network(Seed{1})));
    }
}
