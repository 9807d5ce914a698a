#include <cmath>
#include <cstdint>
#include <set>
#include <typenet/data/split.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/selection/cross_validate.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Returns 90 points in the plane with coordinates in the thousands. The label is 1 in the right half, else 0, and the
/// other way round for every tenth point. The third feature is the row's index, which says nothing about the label.
Dataset<3> halves() {
    std::vector<float> features;
    std::vector<std::int32_t> labels;
    Random random(Seed{5});
    for (int i = 0; i < 90; ++i) {
        const double x = uniform(random, -1, 1);
        features.push_back(static_cast<float>(5000 + 1000 * x));
        features.push_back(static_cast<float>(uniform(random, -3, 3)));
        features.push_back(static_cast<float>(i));
        labels.push_back((x > 0) != (i % 10 == 0) ? 1 : 0);
    }
    return {Features<3>(std::move(features)), Labels(std::move(labels))};
}

using Net = Mlp<float, Input<3>, Standardize, Dense<4, Tanh>, Dense<2, Softmax>>;
using Data = Dataset<3>;
const Sgd optimizer{.learning_rate = 0.1};

const auto standardized = [](Net& network, const Data& train) { standardize(network, train); };

}  // namespace

TEST_SUITE("selection/cross_validate") {
    TEST_CASE("estimates the accuracy and the loss on rows that weren't trained on") {
        const CrossValidation result = cross_validate<Net>(halves(), CrossEntropy{}, optimizer, {.epochs = 40},
                                                           {.folds = 6, .prepare = standardized});
        REQUIRE(result.folds.size() == 6);
        REQUIRE(result.accuracy.has_value());
        CHECK(result.accuracy->mean > 0.8);  // the ideal network has 0.9
        CHECK(result.accuracy->mean < 0.92);
        CHECK(result.loss.mean > 0.3);  // the ideal probabilities, 0.9 and 0.1, have a loss of 0.33
        CHECK(result.loss.mean < 0.6);
    }

    TEST_CASE("each network is trained on the other folds and evaluated on its own") {
        const Data data = halves();
        std::vector<std::set<float>> trained;
        const auto note_rows = [&](Net& network, const Data& train) {
            standardize(network, train);
            trained.emplace_back();
            for (std::size_t r = 0; r < train.size(); ++r) trained.back().insert(train.row(r)[2]);
        };
        const CrossValidation result = cross_validate<Net>(
            data, CrossEntropy{}, optimizer, {.epochs = 1, .seed = Seed{3}}, {.folds = 4, .prepare = note_rows});
        const auto folds = make_folds(data, {.folds = 4, .seed = Seed{3}});
        REQUIRE(trained.size() == 4);
        for (std::size_t fold = 0; fold < 4; ++fold) {
            CHECK(trained[fold].size() == data.size() - folds[fold].size());
            for (const std::uint32_t row : folds[fold]) CHECK(!trained[fold].contains(static_cast<float>(row)));

            // The same training, step by step.
            FitOptions<Data> options{.epochs = 1, .seed = detail::seed_of_fold(Seed{3}, fold)};
            const Data train = data.subset(detail::rows_beside(folds[fold], data.size()));
            Net network(options.seed);
            standardize(network, train);
            fit(network, train, CrossEntropy{}, optimizer, options);
            const Evaluation wanted = evaluate<CrossEntropy>(network, data.subset(folds[fold]));
            CHECK(result.folds[fold].loss == wanted.loss);
            CHECK(result.folds[fold].accuracy == wanted.accuracy);
        }
    }

    TEST_CASE("mean and deviation are computed over the folds") {
        const CrossValidation result =
            cross_validate<Net>(halves(), CrossEntropy{}, optimizer, {.epochs = 2}, {.folds = 2});
        const double a = result.folds[0].loss;
        const double b = result.folds[1].loss;
        CHECK(result.loss.mean == doctest::Approx((a + b) / 2));
        CHECK(result.loss.deviation == doctest::Approx(std::abs(a - b) / std::sqrt(2.0)));
        const std::vector<double> numbers{1, 2, 3, 6};
        CHECK(detail::spread_of(numbers).mean == 3);
        CHECK(detail::spread_of(numbers).deviation == doctest::Approx(std::sqrt(14.0 / 3)));
    }

    TEST_CASE("threads change no bit: cross-validation, whose result the seed determines") {
        const auto loss = [](std::uint64_t seed, std::size_t threads) {
            return cross_validate<Net>(halves(), CrossEntropy{}, optimizer,
                                       {.epochs = 2, .seed = Seed{seed}, .threads = threads},
                                       {.folds = 3, .prepare = standardized})
                .loss.mean;
        };
        CHECK(loss(1, 1) == loss(1, 1));
        CHECK(loss(1, 1) == loss(1, 2));
        CHECK(loss(1, 1) != loss(2, 1));
    }

    TEST_CASE("networks of different folds start with different parameters") {
        std::set<std::uint64_t> hashes;
        cross_validate<Net>(
            halves(), CrossEntropy{}, optimizer, {.epochs = 1},
            {.folds = 5, .prepare = [&](const Net& network, const Data&) { hashes.insert(parameter_hash(network)); }});
        CHECK(hashes.size() == 5);
    }

    TEST_CASE("regression has losses and no accuracy") {
        std::vector<float> features;
        std::vector<float> targets;
        for (int i = 0; i < 30; ++i) {
            features.push_back(static_cast<float>(i % 10) / 10);
            targets.push_back(3 * features.back() + 1);
        }
        const Dataset<1, Targets<1>> data(Features<1>(std::move(features)), Targets<1>(std::move(targets)));
        const CrossValidation result = cross_validate<Mlp<float, Input<1>, Dense<1, Identity>>>(
            data, MeanSquaredError{}, Sgd{.learning_rate = 0.3}, {.epochs = 200, .batch_size = 8});
        CHECK(result.folds.size() == 5);
        CHECK(result.loss.mean < 1e-4);
        CHECK_FALSE(result.accuracy.has_value());
        CHECK_FALSE(result.folds[0].accuracy.has_value());
    }

    TEST_CASE("callbacks are called for each epoch of each fold") {
        std::vector<std::size_t> epochs;
        cross_validate<Net>(halves(), CrossEntropy{}, optimizer, {.epochs = 2}, {.folds = 3},
                            [&](const EpochRecord& record) { epochs.push_back(record.epoch); });
        CHECK(epochs == std::vector<std::size_t>{1, 2, 1, 2, 1, 2});
    }

    TEST_CASE("invalid options are refused before anything is trained") {
        const Data data = halves();
        int prepared = 0;
        const auto count = [&](Net&, const Data&) { ++prepared; };
        for (const std::size_t folds : {0U, 1U, 91U}) {
            CHECK_THROWS_AS(
                cross_validate<Net>(data, CrossEntropy{}, optimizer, {}, {.folds = folds, .prepare = count}),
                OptionError);
        }
        CHECK_THROWS_WITH_AS(
            cross_validate<Net>(data, CrossEntropy{}, optimizer, {.validation = &data}, {.prepare = count}),
            "cross_validate: the option `validation` must not be set; each fold is that in its turn", OptionError);
        CHECK(prepared == 0);
    }

    TEST_CASE("rows keep their weights in training and evaluation") {
        const auto run = [](const Data& data) {
            return cross_validate<Net>(data, CrossEntropy{}, optimizer, {.epochs = 3}, {.prepare = standardized});
        };
        const auto weighted = [](float factor) {
            std::vector<float> weights(90);
            for (std::size_t row = 0; row < 90; ++row) weights[row] = factor * static_cast<float>(row % 3);
            return halves().with_weights(weights);
        };
        const double loss = run(weighted(1)).loss.mean;
        CHECK(loss != run(halves()).loss.mean);
        CHECK(loss == run(weighted(2)).loss.mean);
        CHECK(run(halves()).loss.mean == run(halves().with_weights(std::vector<float>(90, 1))).loss.mean);
    }
}
