#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/optimizers/sgd.hpp>
#include <typenet/selection/cross_validate.hpp>
#include <typenet/selection/random_search.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

struct Point {
    double x;
    double y;
};

Point draw_point(Random& random) { return {uniform(random, -2, 2), uniform(random, -2, 2)}; }

/// Returns a score that is 0 at (1, -0.5) and higher everywhere else.
double bowl(const Point& p) { return (p.x - 1) * (p.x - 1) + (p.y + 0.5) * (p.y + 0.5); }

double draw_number(Random& random) { return uniform(random); }

}  // namespace

TEST_SUITE("selection/random_search") {
    TEST_CASE("gets close to the minimum of a known function") {
        const auto trials = random_search({.trials = 2000, .seed = Seed{1}}, draw_point, bowl);
        REQUIRE(trials.size() == 2000);
        // Scores below 0.01 fill a share of 0.002 of the square, so four of the 2000 trials are expected there.
        CHECK(trials.front().score < 0.01);
        CHECK(trials.front().candidate.x == doctest::Approx(1).epsilon(0.1));
        CHECK(trials.front().candidate.y == doctest::Approx(-0.5).epsilon(0.2));
        CHECK(std::is_sorted(trials.begin(), trials.end(),
                             [](const auto& a, const auto& b) { return a.score < b.score; }));
        for (const auto& trial : trials) REQUIRE(trial.score == bowl(trial.candidate));
    }

    TEST_CASE("Goal::maximise puts the highest score first") {
        const auto trials = random_search({.trials = 50, .goal = Goal::maximise}, draw_point, bowl);
        CHECK(trials.front().score > trials.back().score);
        CHECK(std::is_sorted(trials.begin(), trials.end(),
                             [](const auto& a, const auto& b) { return a.score > b.score; }));
    }

    TEST_CASE("a candidate depends on the seed and its trial's index alone") {
        const auto candidates = [](std::size_t count, std::uint64_t seed, std::size_t drawn_more) {
            auto trials = random_search(
                {.trials = count, .seed = Seed{seed}},
                [&](Random& random) {
                    const double x = uniform(random);
                    for (std::size_t i = 0; i < drawn_more; ++i) (void)random();
                    return x;
                },
                [](double x) { return x; });
            std::vector<double> by_number(count);
            for (const auto& trial : trials) by_number.at(trial.number) = trial.candidate;
            return by_number;
        };
        const std::vector<double> ten = candidates(10, 1, 0);
        const std::vector<double> more = candidates(15, 1, 3);
        CHECK(std::equal(ten.begin(), ten.end(), more.begin()));
        CHECK(candidates(10, 2, 0) != ten);
    }

    TEST_CASE("trials with equal scores stay in their order") {
        const auto trials = random_search({.trials = 5}, draw_number, [](double) { return 1; });
        for (std::size_t i = 0; i < 5; ++i) CHECK(trials[i].number == i);
    }

    TEST_CASE("trials that diverge or whose score isn't finite come last, and the search goes on") {
        for (const Goal goal : {Goal::minimise, Goal::maximise}) {
            std::size_t number = 0;
            const auto trials = random_search({.trials = 6, .goal = goal}, draw_number, [&](double) -> double {
                switch (number++) {
                    case 0:
                        throw DivergenceError("training diverged");
                    case 1:
                        return std::numeric_limits<double>::infinity();
                    case 2:
                        return 2;
                    case 3:
                        return -std::numeric_limits<double>::infinity();
                    case 4:
                        return 1;
                    default:
                        return std::numeric_limits<double>::quiet_NaN();
                }
            });
            std::vector<std::size_t> order;
            for (const auto& trial : trials) order.push_back(trial.number);
            CHECK(order == (goal == Goal::minimise ? std::vector<std::size_t>{4, 2, 0, 1, 3, 5}
                                                   : std::vector<std::size_t>{2, 4, 0, 1, 3, 5}));
            CHECK(std::isnan(trials[2].score));
        }
    }

    TEST_CASE("other errors end the search, and 0 trials are refused") {
        CHECK_THROWS_AS(random_search({.trials = 3}, draw_number, [](double) -> double { throw DataError("no rows"); }),
                        DataError);
        CHECK_THROWS_WITH_AS(random_search({.trials = 0}, draw_number, [](double x) { return x; }),
                             "trials is 0; it must be at least 1", OptionError);
    }

    TEST_CASE("the observer gets a record after each trial, with the best score so far") {
        std::vector<SearchRecord> records;
        const std::vector<double> scores{std::nan(""), 3, 5, 2, 2.5};
        std::size_t next = 0;
        random_search(
            {.trials = 5}, draw_number, [&](double) { return scores[next++]; },
            [&](const SearchRecord& record) { records.push_back(record); });
        REQUIRE(records.size() == 5);
        CHECK(std::isnan(records[0].best));
        for (std::size_t i = 1; i < 5; ++i) {
            CHECK(records[i].done == i + 1);
            CHECK(records[i].trials == 5);
            CHECK(records[i].score == scores[i]);
            CHECK(records[i].best == *std::min_element(scores.begin() + 1, scores.begin() + 1 + static_cast<int>(i)));
            CHECK(records[i].seconds >= records[i - 1].seconds);
        }
    }

    TEST_CASE("SearchProgress prints a plain line for each trial where there is no terminal") {
        std::ostringstream out;
        SearchProgress progress(out);
        progress({.done = 1, .trials = 20, .score = std::nan(""), .seconds = 0.5});
        progress({.done = 2, .trials = 20, .score = 0.125, .best = 0.0625, .seconds = 2});
        CHECK(out.str() == "trial  1/20  score nan  0.5 s\ntrial  2/20  score 0.125  best 0.0625  2.0 s\n");
    }

    TEST_CASE("SearchProgress redraws one line of less than 80 columns on a terminal; the last trial ends it") {
        std::ostringstream out;
        SearchProgress progress(out, true);
        progress({.done = 5, .trials = 20, .score = 0.5, .best = 0.25, .seconds = 10});
        CHECK(out.str() == "trial  5/20 [===>        ] score 0.5 best 0.25 30 s left");
        out.str("");
        progress({.done = 20, .trials = 20, .score = -1.2345678e-101, .best = -1.2345678e-100, .seconds = 86'400});
        CHECK(out.str().size() < 80);
        CHECK(out.str().back() == '\n');
    }

    TEST_CASE("SearchProgress ends an unfinished line in its destructor") {
        std::ostringstream out;
        { SearchProgress(out, true)({.done = 1, .trials = 2, .score = 1, .best = 1, .seconds = 1}); }
        CHECK(out.str().back() == '\n');
    }

    TEST_CASE("finds a learning rate that trains a network, among many that don't") {
        std::vector<float> features;
        std::vector<std::int32_t> labels;
        for (int i = 0; i < 120; ++i) {
            features.push_back(static_cast<float>(i % 4 / 2 * 2 - 1));
            features.push_back(static_cast<float>(i % 2 * 2 - 1));
            labels.push_back(i % 4 == 0 || i % 4 == 3 ? 0 : 1);
        }
        const Dataset<2> data(Features<2>(std::move(features)), Labels(std::move(labels)));
        using Net = Mlp<double, Input<2>, Dense<6, Tanh>, Dense<2, Softmax>>;
        const auto draw = [](Random& random) {
            return Sgd{.learning_rate = log_uniform(random, 1e-6, 1e6), .momentum = choose(random, {0.0, 0.9})};
        };
        const auto score = [&](const Sgd& optimizer) {
            return cross_validate<Net>(data, CrossEntropy{}, optimizer, {.epochs = 30}, {.folds = 3}).loss.mean;
        };
        const auto trials = random_search({.trials = 24, .seed = Seed{2}}, draw, score);
        CHECK(trials.front().score < 0.01);
        CHECK(trials[12].score > 0.1);
        const auto again = random_search({.trials = 24, .seed = Seed{2}}, draw, score);
        CHECK(again.front().number == trials.front().number);
        CHECK(again.front().score == trials.front().score);
    }
}
