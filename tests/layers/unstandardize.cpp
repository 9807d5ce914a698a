#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <support/temporary_file.hpp>
#include <type_traits>
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/split.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/selection/cross_validate.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/train/fit.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Houses = Dataset<4, Targets<1>>;
using Net = Mlp<float, Input<4>, Standardize, Dense<32, ReLU>, Dense<16, ReLU>, Dense<1, Identity>, Unstandardize>;
using WithoutUnits = Mlp<float, Input<4>, Standardize, Dense<32, ReLU>, Dense<16, ReLU>, Dense<1, Identity>>;
using Pair = Mlp<float, Input<1>, Dense<2, Identity>, Unstandardize>;

/// Returns houses with their area, rooms, age and distance from the centre, and prices around 250,000.
Houses houses(std::size_t rows = 600) {
    Random random(Seed{11});
    std::vector<float> features;
    std::vector<float> prices;
    for (std::size_t i = 0; i < rows; ++i) {
        const double area = uniform(random, 50, 200);
        const double rooms = std::round(area / 30 + uniform(random, 0, 2));
        const double age = uniform(random, 0, 100);
        const double distance = uniform(random, 1, 30);
        const double price = (90000 + 1300 * area + 8000 * rooms - 600 * age) * (1.3 - 0.02 * distance);
        for (const double value : {area, rooms, age, distance}) features.push_back(static_cast<float>(value));
        prices.push_back(static_cast<float>(price + 8000 * normal(random)));
    }
    return {Features<4>(std::move(features)), Targets<1>(std::move(prices))};
}

template <class Network>
Network prepared(const Houses& data) {
    Network net(Seed{1});
    standardize(net, data);
    if constexpr (std::is_same_v<Network, Net>) standardize_targets(net, data);
    return net;
}

Dataset<1, Targets<2>> pairs(std::vector<float> targets) {
    return {Features<1>(std::vector<float>(targets.size() / 2)), Targets<2>(std::move(targets))};
}

}  // namespace

TEST_SUITE("layers/unstandardize") {
    TEST_CASE("house prices are learned with the usual recipe, by Adam as by SGD") {
        const auto [train, test] = split(houses(), {.fraction = 0.25});
        Net net = prepared<Net>(train);
        const History history = fit<MeanSquaredError>(net, train, Adam{}, {.epochs = 50});
        CHECK(r2(net, test) > 0.9);
        CHECK(history.epochs.front().loss < 10);  // in units of the deviation
        CHECK(history.epochs.back().loss < 0.1);
        CHECK(std::sqrt(mean_squared_error(net, test)) > 5000);  // in the prices' unit
        CHECK(std::sqrt(mean_squared_error(net, test)) < 25000);
        CHECK(net.predict(test.row(0))(0) == doctest::Approx(test.target(0)[0]).epsilon(0.3));

        Net by_sgd = prepared<Net>(train);
        fit<MeanSquaredError>(by_sgd, train, Sgd{.learning_rate = 0.01}, {.epochs = 50});
        CHECK(r2(by_sgd, test) > 0.9);

        WithoutUnits without = prepared<WithoutUnits>(train);
        fit<MeanSquaredError>(without, train, Adam{}, {.epochs = 50});
        CHECK(r2(without, test) < 0.5);
    }

    TEST_CASE("training has the bits of a training on targets that were standardized by hand") {
        const Houses data = houses(100);
        Net net = prepared<Net>(data);
        const float mean = net.parameters()[net.parameter_count - 2];
        const float deviation = net.parameters()[net.parameter_count - 1];
        std::vector<float> targets = data.targets().values();
        for (float& target : targets) target = (target - mean) / deviation;
        const Houses by_hand(data.features(), Targets<1>(targets));
        WithoutUnits without = prepared<WithoutUnits>(by_hand);
        const FitOptions<Houses> options{.epochs = 3, .batch_size = 16, .clip_norm = 1, .threads = 2};
        const History history = fit(net, data, Huber{.delta = 0.5}, Adam{}, options);
        const History other = fit(without, by_hand, Huber{.delta = 0.5}, Adam{}, options);
        CHECK(std::equal(without.parameters().begin(), without.parameters().end(), net.parameters().begin()));
        CHECK(history.epochs.back().loss == other.epochs.back().loss);
        CHECK(evaluate(net, data, Huber{.delta = 0.5}).loss == evaluate(without, by_hand, Huber{.delta = 0.5}).loss);
        CHECK(net.parameters()[net.parameter_count - 2] == mean);
        CHECK(net.parameters()[net.parameter_count - 1] == deviation);
    }

    TEST_CASE("forward multiplies by the deviations and adds the means, at first 1 and 0") {
        Mlp<float, Input<3>, Unstandardize> net;
        const std::vector<float> x{1, 2, 3};
        const auto same = net.predict(x);
        CHECK(std::equal(same.begin(), same.end(), x.begin()));
        const std::vector<float> parameters{1, 0, 5, 2, 4, 0.5};
        std::copy(parameters.begin(), parameters.end(), net.parameters().begin());
        const auto y = net.predict(x);
        CHECK(y(0) == 3);
        CHECK(y(1) == 8);
        CHECK(y(2) == 6.5F);
    }

    TEST_CASE("it begins with the means 0 and the deviations 1, whatever stood in their memory") {
        std::array<float, 6> parameters{9, 9, 9, 9, 9, 9};
        Random random(Seed{1});
        Unstandardize::Bind<float, 3>::initialize(random, parameters.data());
        CHECK(parameters == std::array<float, 6>{0, 0, 0, 1, 1, 1});
    }

    TEST_CASE("the gradient of the inputs agrees with central differences") {
        const auto report = gradient_check_layer<Unstandardize::Bind<double, 7>>(3);
        CAPTURE(report);
        CHECK(report);
        CHECK(report.checked == 3 * 7);  // the inputs only: its parameters are set, not trained
    }

    TEST_CASE("layers before it get the gradients of the standardized problem") {
        Mlp<double, Input<2>, Dense<3, Tanh>, Dense<2, Identity>, Unstandardize> net(Seed{1});
        const std::vector<double> units{250000, -3, 80000, 0.01};
        std::copy(units.begin(), units.end(), net.parameters().end() - 4);
        const std::vector<double> x{0.5, -1, 2, 0.25};
        const std::array<float, 4> targets{310000, -2.99F, 200000, -3.02F};
        const auto target = [&](std::size_t r) { return std::span<const float, 2>(targets.data() + 2 * r, 2); };
        const auto report = gradient_check(net, MeanSquaredError{}, x, target);
        CAPTURE(report);
        CHECK(report);
        CHECK(report.checked == net.parameter_count - 4);
    }

    TEST_CASE("standardize_targets sets means and deviations of each target, and no other parameter") {
        Pair net(Seed{1});
        const Pair before = net;
        standardize_targets(net, pairs({1, 10, 3, 30, 5, 20, 7, 20}));
        const auto p = net.parameters().last<4>();
        CHECK(p[0] == 4);
        CHECK(p[1] == 20);
        CHECK(p[2] == doctest::Approx(std::sqrt(5.0)));
        CHECK(p[3] == doctest::Approx(std::sqrt(50.0)));
        CHECK(std::equal(net.parameters().begin(), net.parameters().end() - 4, before.parameters().begin()));
    }

    TEST_CASE("a constant target gets deviation 1") {
        Pair net;
        standardize_targets(net, pairs({0.1F, 1, 0.1F, 2, 0.1F, 3}));
        CHECK(net.parameters().last<4>()[0] == 0.1F);
        CHECK(net.parameters().last<4>()[2] == 1);
    }

    TEST_CASE(
        "standardize_targets refuses a dataset without rows and targets that aren't finite, and changes nothing") {
        Pair net(Seed{1});
        const std::uint64_t before = parameter_hash(net);
        CHECK_THROWS_WITH_AS(standardize_targets(net, pairs({})),
                             "standardize_targets: the dataset has no rows to take means and deviations from",
                             DataError);
        for (const float value : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            CHECK_THROWS_WITH_AS(
                standardize_targets(net, pairs({1, 2, 3, value})),
                "standardize_targets: target 1 of row 1 is not a finite number; replace it or leave the row out",
                DataError);
        }
        CHECK(parameter_hash(net) == before);
    }

    TEST_CASE("the loss of predicting the mean is 1, whatever the targets' unit") {
        Pair net;
        for (auto& parameter : net.parameters()) parameter = 0;
        const auto data = pairs({1e6F, 0.01F, 3e6F, 0.03F, 2e6F, 0.05F});
        standardize_targets(net, data);
        CHECK(evaluate<MeanSquaredError>(net, data).loss == doctest::Approx(1));
        CHECK(mean_squared_error(net, data) == doctest::Approx(1e12 / 3));
        CHECK(r2(net, data) == doctest::Approx(0));
    }

    TEST_CASE("model files hold means and deviations, under names as PyTorch has them") {
        const support::TemporaryDirectory folder;
        const Houses data = houses(100);
        const Net net = prepared<Net>(data);
        save(net, folder / "net.safetensors");
        save_npz(net, folder / "net.npz");
        CHECK(support::bytes_of(folder / "net.safetensors").find("\"6.mean\"") != std::string::npos);
        CHECK(support::bytes_of(folder / "net.safetensors").find("\"6.deviation\"") != std::string::npos);
        Net loaded;
        load(loaded, folder / "net.safetensors");
        CHECK(parameter_hash(loaded) == parameter_hash(net));
        Net from_npz;
        load_npz(from_npz, folder / "net.npz");
        CHECK(parameter_hash(from_npz) == parameter_hash(net));
        WithoutUnits without;
        CHECK_THROWS_AS((void)load(without, folder / "net.safetensors"), FileError);
    }

    TEST_CASE(
        "a training that is resumed from a checkpoint keeps the units and has the bits of one that never stopped") {
        const support::TemporaryDirectory folder;
        const Houses data = houses(100);
        Net whole = prepared<Net>(data);
        fit<MeanSquaredError>(whole, data, Adam{}, {.epochs = 4});
        Net first = prepared<Net>(data);
        fit<MeanSquaredError>(first, data, Adam{}, {.epochs = 2}, Checkpoint(folder / "state"));
        Net second(Seed{1});
        fit<MeanSquaredError>(second, data, Adam{}, {.epochs = 4}, Checkpoint(folder / "state", {.resume = true}));
        CHECK(parameter_hash(second) == parameter_hash(whole));
    }

    TEST_CASE("each network of a cross-validation takes its units from its own training rows") {
        const Houses data = houses(200);
        std::vector<float> means;
        const auto prepare = [&](Net& net, const Houses& train) {
            standardize(net, train);
            standardize_targets(net, train);
            means.push_back(net.parameters()[net.parameter_count - 2]);
        };
        const CrossValidation result = cross_validate<Net>(data, MeanSquaredError{}, Adam{.learning_rate = 0.01},
                                                           {.epochs = 20}, {.folds = 3, .prepare = prepare});
        CHECK(result.loss.mean < 0.2);
        REQUIRE(means.size() == 3);
        CHECK(means[0] != means[1]);
    }
}
