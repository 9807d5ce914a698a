#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <typenet/core/row_weights.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Three = Mlp<float, Input<1>, Dense<3, Softmax>>;
using One = Mlp<float, Input<1>, Dense<1, Sigmoid>>;

Dataset<1> labelled(std::vector<std::int32_t> labels) {
    return {Features<1>(std::vector<float>(labels.size())), Labels(std::move(labels))};
}

template <std::size_t N>
Dataset<1, Targets<N>> targeted(std::vector<float> values) {
    return {Features<1>(std::vector<float>(values.size() / N)), Targets<N>(std::move(values))};
}

/// Data of one's own, with a label that no network has.
struct Own {
    static constexpr std::size_t feature_count = 1;
    [[nodiscard]] static std::size_t size() { return 2; }
    static void gather(std::span<const std::uint32_t>, float*) {}
    [[nodiscard]] static std::int32_t target(std::size_t row) { return row == 0 ? 1 : -1; }
};

/// Data of one's own with weights, perhaps too few.
struct Weighted {
    static constexpr std::size_t feature_count = 1;
    RowWeights row_weights;
    [[nodiscard]] static std::size_t size() { return 2; }
    static void gather(std::span<const std::uint32_t> rows, float* x) { std::fill_n(x, rows.size(), 1.0F); }
    [[nodiscard]] static std::int32_t target(std::size_t) { return 0; }
    [[nodiscard]] const RowWeights& weights() const { return row_weights; }
};

}  // namespace

TEST_SUITE("evaluate/checks") {
    TEST_CASE("labels must be classes of the network; the message names row and data, and says where labels begin") {
        const auto fails_with = [](std::vector<std::int32_t> labels, const char* message) {
            CHECK_THROWS_WITH_AS(
                (detail::check_targets<Three, CrossEntropy>(labelled(std::move(labels)), "the training data")), message,
                DataError);
        };
        CHECK_NOTHROW((detail::check_targets<Three, CrossEntropy>(labelled({0, 2, 1}))));
        fails_with({0, 3},
                   "the label 3 in row 1 of the training data is too large for 3 classes; labels count from 0 to 2");
        fails_with(
            {1, 2, 3, 1},
            "the label 3 in row 2 of the training data is too large for 3 classes; labels count from 0 to 2, but "
            "these seem to count from 1");
        fails_with({3, 1, 0},
                   "the label 3 in row 0 of the training data is too large for 3 classes; labels count from 0 to 2");
        fails_with({}, "the training data has no rows");
        CHECK_NOTHROW((detail::check_targets<One, BinaryCrossEntropy>(labelled({0, 1}))));
        CHECK_THROWS_AS((detail::check_targets<One, BinaryCrossEntropy>(labelled({2}))), DataError);
    }

    TEST_CASE("a negative label, which data of one's own may have, is called negative") {
        CHECK_THROWS_WITH_AS((detail::check_targets<Three, CrossEntropy>(Own{})),
                             "the label -1 in row 1 of the dataset is negative; labels count from 0 to 2", DataError);
    }

    TEST_CASE("targets must be what the loss takes") {
        CHECK_NOTHROW((detail::check_targets<Three, CrossEntropy>(targeted<3>({0, 1, 0}))));
        CHECK_THROWS_WITH_AS(
            (detail::check_targets<Three, CrossEntropy>(targeted<3>({0, 1, 0, 0, 1, 1}))),
            "the target in row 1 of the dataset doesn't fit CrossEntropy, which takes shares of at least "
            "0 that sum to 1",
            DataError);
        CHECK_NOTHROW((detail::check_targets<Three, MeanSquaredError>(targeted<3>({-5, 1, 7}))));
        CHECK_THROWS_AS((detail::check_targets<Three, MeanSquaredError>(
                            targeted<3>({-5, std::numeric_limits<float>::infinity(), 7}))),
                        DataError);
    }

    TEST_CASE("a loss that names an activation takes it over") {
        CHECK(detail::fuses<CrossEntropy>);
        CHECK_FALSE(detail::fuses<Huber>);
    }

    TEST_CASE("labels or a loss of classes make a classification") {
        CHECK(detail::classifies<CrossEntropy, Dataset<1, Targets<3>>>);
        CHECK(detail::classifies<CrossEntropy, Dataset<1>>);
        CHECK_FALSE(detail::classifies<MeanSquaredError, Dataset<1, Targets<3>>>);
    }

    TEST_CASE("a feature that isn't finite is named; NaN passes only where the first layer takes missing values") {
        constexpr double missing = std::numeric_limits<double>::quiet_NaN();
        constexpr double infinity = std::numeric_limits<double>::infinity();
        const auto check = [](std::vector<double> x, bool takes_missing) {
            detail::check_features(std::span<const double>(x), 17, takes_missing);
        };
        CHECK_NOTHROW(check({1, 2}, false));
        CHECK_THROWS_WITH_AS(check({1, missing}, false),
                             "feature 1 of row 17 is NaN; replace it, leave the row out, or begin the network with "
                             "Standardize, which takes NaN as a missing value",
                             DataError);
        CHECK_NOTHROW(check({missing, 1}, true));
        CHECK_THROWS_WITH_AS(check({missing, -infinity}, true),
                             "feature 1 of row 17 is infinite; replace it or leave the row out", DataError);
    }

    TEST_CASE("data of one's own may have weights, one for each row") {
        CHECK(detail::weights_of(Own()).empty());
        CHECK(detail::weights_of(Weighted{RowWeights({1, 3})})[1] == 3);
        CHECK_NOTHROW((detail::check_targets<Three, CrossEntropy>(Weighted{RowWeights({1, 3})})));
        CHECK_NOTHROW((detail::check_targets<Three, CrossEntropy>(Weighted{})));
        CHECK_THROWS_WITH_AS(
            (detail::check_targets<Three, CrossEntropy>(Weighted{RowWeights({1})}, "the training data")),
            "the training data: 1 weights for 2 rows", DataError);
    }
}
