#include <algorithm>
#include <cstdint>
#include <string>
#include <support/small_stack.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/train/schedules.hpp>
#include <typenet/train/training_run.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Network = Mlp<float, Input<2>, Dense<3, Softmax>>;
using Data = Dataset<2>;

Data some_data(float feature = 4, std::int32_t label = 2) {
    return {Features<2>(std::vector<float>{1, 2, 3, feature}), Labels({0, label})};
}

/// Returns the names of the entries in which two runs' descriptions differ.
std::vector<std::string> differences(const FitOptions<Data>& a, const FitOptions<Data>& b,
                                     const Data& data_a = some_data(), const Data& data_b = some_data(),
                                     const Sgd& sgd_a = {}, const Sgd& sgd_b = {}, double rate_b = 1,
                                     double smoothing_b = 0) {
    Network net;
    Network net_b;
    net_b.training<0>().rate_factor = rate_b;
    const CrossEntropy loss;
    const CrossEntropy loss_b{.label_smoothing = smoothing_b};
    const auto one = TrainingRun(net, data_a, loss, sgd_a, a).description();
    const auto other = TrainingRun(net_b, data_b, loss_b, sgd_b, b).description();
    REQUIRE(one.size() == other.size());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < one.size(); ++i) {
        CHECK(one[i].first == other[i].first);
        if (one[i].second != other[i].second) names.push_back(one[i].first);
    }
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_SUITE("train/training_run") {
#if TYPENET_HAS_SMALL_STACK
    TEST_CASE("data of any width are hashed on a small stack") {
        const Dataset<40'000> data{Features<40'000>(std::vector<float>(40'000, 1)), Labels({0})};
        CHECK(support::runs_on_small_stack([&] { return detail::data_hash(data) != 0; }));
    }
#endif

    TEST_CASE("the description has every setting that a resumed run must keep, and no other") {
        CHECK(differences({}, {}) == Names{});
        CHECK(differences({}, {.threads = 2}) == Names{});
        CHECK(differences({}, {.epochs = 20}) == Names{});
        CHECK(differences({}, {.batch_size = 1}) == Names{"batches"});
        CHECK(differences({}, {.batch_size = 2}) == Names{});  // a batch has at most as many rows as the data
        CHECK(differences({}, {.shuffle = false}) == Names{"batches"});
        CHECK(differences({}, {.seed = Seed{1}}) == Names{"seed"});
        CHECK(differences({}, {.clip_norm = 1}) == Names{"clipping"});
        CHECK(differences({}, {.clip_value = 1}) == Names{"clipping"});
        CHECK(differences({}, {.augmentation = [](std::span<float, 2>, Random&) {}}) == Names{"augmentation"});
        CHECK(differences({}, {.schedule = CosineDecay{}}) == Names{"schedule"});
        CHECK(differences({.schedule = CosineDecay{}}, {.schedule = CosineDecay{.last = 0.1}}) == Names{"schedule"});
        const Data some = some_data();
        const Data others = some_data(4.5F);
        CHECK(differences({}, {.validation = &some}) == Names{"validation data"});
        CHECK(differences({.validation = &some}, {.validation = &others}) == Names{"validation data"});
        CHECK(differences({.validation = &some}, {.validation = &some}) == Names{});
        CHECK(differences({}, {}, some_data(), some_data(4.5F)) == Names{"data"});
        CHECK(differences({}, {}, some_data(), some_data(4, 1)) == Names{"data"});
        CHECK(differences({}, {}, some_data(), some_data(), Sgd{}, Sgd{.momentum = 0.5}) == Names{"optimizer"});
        CHECK(differences({}, {}, some_data(), some_data(), Sgd{}, Sgd{}, 0.5) == Names{"treatment of the layers"});
        CHECK(differences({}, {}, some_data(), some_data(), Sgd{}, Sgd{}, 1, 0.1) == Names{"loss"});
    }

    TEST_CASE("two types of network differ in their description") {
        Network net;
        Mlp<double, Input<2>, Dense<3, Softmax>> wide;
        const Data data = some_data();
        const CrossEntropy loss;
        const Sgd sgd;
        const FitOptions<Data> options;
        CHECK(TrainingRun(net, data, loss, sgd, options).description()[0].second ==
              "Input<2>, Dense<3, Softmax> (float)");
        CHECK(TrainingRun(wide, data, loss, sgd, options).description()[0].second ==
              "Input<2>, Dense<3, Softmax> (double)");
        Mlp<float, Columns<Number<"size">, Number<"age">>, Dense<3, Softmax>> named;
        CHECK(TrainingRun(named, data, loss, sgd, options).description()[0].second ==
              "Input<2>, Dense<3, Softmax> (float) of " + Columns<Number<"size">, Number<"age">>::describe());
    }

    TEST_CASE("the hash of data covers each row's features and targets, labels or numbers") {
        const auto hash = [](std::vector<float> features, std::vector<float> targets) {
            return detail::data_hash(Dataset<1, Targets<2>>(Features<1>(std::move(features)), Targets<2>(targets)));
        };
        const std::uint64_t original = hash({1, 2, 3}, {1, 2, 3, 4, 5, 6});
        CHECK(hash({1, 2, 3}, {1, 2, 3, 4, 5, 6}) == original);
        for (std::size_t i = 0; i < 3; ++i) {
            std::vector<float> features{1, 2, 3};
            features[i] += 1;
            CHECK(hash(features, {1, 2, 3, 4, 5, 6}) != original);
        }
        for (std::size_t i = 0; i < 6; ++i) {
            std::vector<float> targets{1, 2, 3, 4, 5, 6};
            targets[i] += 1;
            CHECK(hash({1, 2, 3}, targets) != original);
        }
        CHECK(detail::data_hash(some_data()) !=
              detail::data_hash(Data(Features<2>(std::vector<float>{1, 2, 3, 4}), Labels({1, 2}))));
    }

    TEST_CASE("the description names each layer's treatment") {
        Mlp<float, Input<2>, Dense<3, Tanh>, Dense<3, Softmax>> net;
        net.training<1>().l2 = 0.5;
        const Data data = some_data();
        const CrossEntropy loss;
        const Sgd sgd;
        const FitOptions<Data> options;
        CHECK(TrainingRun(net, data, loss, sgd, options).description()[1].second ==
              "0(rate_factor 1, l1 0, l2 0), 1(rate_factor 1, l1 0, l2 0.5)");
    }

    TEST_CASE("a schedule that watches what isn't measured is refused") {
        Network net;
        const Data data = some_data();
        const CrossEntropy loss;
        const Sgd sgd;
        const FitOptions<Data> options{.schedule = ReduceOnPlateau{.monitor = Monitor::validation_loss}};
        CHECK_THROWS_AS(TrainingRun(net, data, loss, sgd, options), OptionError);
        const FitOptions<Data> with_data{.validation = &data,
                                         .schedule = ReduceOnPlateau{.monitor = Monitor::validation_loss}};
        CHECK_NOTHROW(TrainingRun(net, data, loss, sgd, with_data));
    }

    TEST_CASE("a schedule sets the trainer's rate before each step; without one the trainer keeps its own") {
        const Data data = some_data();
        const CrossEntropy loss;
        const Sgd sgd{.learning_rate = 0.5};
        const auto moves = [&](const FitOptions<Data>& options) {
            Network net(Seed{1});
            TrainingRun run(net, data, loss, sgd, options);
            run.trainer().set_learning_rate(0);
            CHECK(run.schedule_step() == 0.5);
            (void)run.trainer().step(data);
            return parameter_hash(net) != parameter_hash(Network(Seed{1}));
        };
        CHECK_FALSE(moves({}));
        CHECK(moves({.schedule = [](const SchedulePoint&) { return 1.0; }}));
    }

    TEST_CASE("the steps of an epoch count its short last batch") {
        Network net;
        const Data data(Features<2>(std::vector<float>(20)), Labels(std::vector<std::int32_t>(10)));
        const CrossEntropy loss;
        const Sgd sgd;
        const FitOptions<Data> options{.batch_size = 4};
        CHECK(TrainingRun(net, data, loss, sgd, options).plan().steps_an_epoch() == 3);
    }

    TEST_CASE("the hash of data covers each row's weight, and is the same as ever without weights") {
        const auto hash = [](std::vector<float> weights) {
            return detail::data_hash(some_data().with_weights(std::move(weights)));
        };
        std::vector<float> weights(some_data().size(), 1);
        const std::uint64_t ones = hash(weights);
        CHECK(ones == hash(weights));
        CHECK(ones != detail::data_hash(some_data()));
        for (float& weight : weights) {
            weight = 2;
            CHECK(hash(weights) != ones);
            weight = 1;
        }
    }
}
