#include <cmath>
#include <cstddef>
#include <cstdint>
#include <typenet/activations.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/roc.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// The area by its definition: over all pairs of a row of class 1 and one of class 0.
double area_by_pairs(const std::vector<double>& scores, const std::vector<std::int32_t>& labels,
                     const RowWeights& weights = {}) {
    double won = 0;
    double all = 0;
    for (std::size_t a = 0; a < scores.size(); ++a) {
        for (std::size_t b = 0; b < scores.size(); ++b) {
            if (labels[a] != 1 || labels[b] != 0) continue;
            const double weight = static_cast<double>(weights[a]) * static_cast<double>(weights[b]);
            all += weight;
            won += scores[a] > scores[b] ? weight : scores[a] == scores[b] ? weight / 2 : 0;
        }
    }
    return won / all;
}

}  // namespace

TEST_SUITE("evaluate/roc") {
    TEST_CASE("a curve of four rows, by hand") {
        const RocCurve curve = roc_curve(std::vector{0.9, 0.8, 0.3, 0.1}, std::vector{1, 0, 1, 0});
        REQUIRE(curve.points.size() == 5);
        CHECK(curve.points[0].threshold == detail::infinity<double>);
        CHECK(curve.points[0].false_positives == 0);
        CHECK(curve.points[0].true_positives == 0);
        CHECK(curve.points[1].threshold == 0.9);
        CHECK(curve.points[1].false_positives == 0);
        CHECK(curve.points[1].true_positives == 0.5);
        CHECK(curve.points[2].threshold == 0.8);
        CHECK(curve.points[2].false_positives == 0.5);
        CHECK(curve.points[2].true_positives == 0.5);
        CHECK(curve.points[4].false_positives == 1);
        CHECK(curve.points[4].true_positives == 1);
        CHECK(curve.area == 0.75);
    }

    TEST_CASE("the area is the probability that a row of class 1 has the higher score") {
        Random random(Seed{1});
        std::vector<double> scores;
        std::vector<std::int32_t> labels;
        std::vector<float> weights;
        for (int i = 0; i < 200; ++i) {
            scores.push_back(std::floor(uniform(random, 0, 20)));  // with ties
            labels.push_back(uniform(random, 0, 20) < scores.back() ? 1 : 0);
            weights.push_back(static_cast<float>(std::floor(uniform(random, 0, 4))));
        }
        CHECK(roc_curve(scores, labels).area == doctest::Approx(area_by_pairs(scores, labels)).epsilon(1e-12));
        CHECK(roc_curve(scores, labels, weights).area ==
              doctest::Approx(area_by_pairs(scores, labels, weights)).epsilon(1e-12));
    }

    TEST_CASE("a weight of 2 is a row that comes twice") {
        const std::vector<double> scores{0.9, 0.5, 0.5, 0.2};
        const std::vector<std::int32_t> labels{1, 0, 1, 0};
        const RocCurve weighted = roc_curve(scores, labels, RowWeights({1, 2, 1, 1}));
        const RocCurve repeated = roc_curve(std::vector{0.9, 0.5, 0.5, 0.5, 0.2}, std::vector{1, 0, 0, 1, 0});
        CHECK(weighted.area == doctest::Approx(repeated.area));
        CHECK(weighted.points.size() == repeated.points.size());
    }

    TEST_CASE("scores that are all equal tell nothing") {
        const RocCurve curve = roc_curve(std::vector{1.0, 1.0, 1.0}, std::vector{0, 1, 1});
        CHECK(curve.points.size() == 2);
        CHECK(curve.area == 0.5);
    }

    TEST_CASE("what can't have a curve is refused") {
        CHECK_THROWS_AS((void)roc_curve(std::vector<double>{}, std::vector<std::int32_t>{}), DataError);
        CHECK_THROWS_AS((void)roc_curve(std::vector{1.0}, std::vector{0, 1}), DataError);
        CHECK_THROWS_WITH_AS((void)roc_curve(std::vector{1.0, 2.0}, std::vector{1, 1}),
                             "roc_curve: there are no rows of class 0", DataError);
        CHECK_THROWS_AS((void)roc_curve(std::vector{1.0, 2.0}, std::vector{0, 2}), DataError);
        CHECK_THROWS_WITH_AS((void)roc_curve(std::vector{1.0, detail::nan<double>}, std::vector{0, 1}),
                             "roc_curve: the score of row 1 is NaN", DataError);
        CHECK_THROWS_AS((void)roc_curve(std::vector{1.0, 2.0}, std::vector{0, 1}, RowWeights({1, 0})), DataError);
        CHECK_NOTHROW((void)roc_curve(std::vector{1.0, 2.0}, std::vector{0, 1}, RowWeights({1, 2})));
    }

    TEST_CASE("a network's score is its only output, or the second of two") {
        const std::vector<float> x{-1, 2, 0.5F, -3};
        const std::vector<int> labels{0, 1, 0, 1};
        const Dataset<1> data = make_dataset<1>(x, labels);
        Mlp<float, Input<1>, Dense<1, Sigmoid>> one;
        one.weights<0>()(0, 0) = 1;
        CHECK(roc_curve(one, data).area == 0.5);
        CHECK(roc_curve(one, data).points[1].threshold == doctest::Approx(1 / (1 + std::exp(-2.0))));
        Mlp<float, Input<1>, Dense<2, Softmax>> two;
        two.weights<0>()(0, 0) = 0;
        two.weights<0>()(0, 1) = -1;
        CHECK(roc_curve(two, data).area == 0.5);
        CHECK(roc_curve(two, data).points[1].threshold == doctest::Approx(1 / (1 + std::exp(-3.0))));
        CHECK(roc_curve(two, data.with_weights(RowWeights({1, 0, 1, 1}))).area == 1);
    }
}
