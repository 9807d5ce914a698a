#include <limits>
#include <string>
#include <typenet/data/dataset.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>

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

}  // namespace

TEST_SUITE("evaluate/checks") {
    TEST_CASE("labels must be classes that the network tells apart") {
        CHECK_NOTHROW((detail::check_targets<Three, CrossEntropy>(labelled({0, 2, 1}))));
        CHECK_THROWS_WITH_AS((detail::check_targets<Three, CrossEntropy>(labelled({0, 3}))),
                             "label 3 in row 1 is too large: the network tells 3 classes apart", DataError);
        CHECK_NOTHROW((detail::check_targets<One, BinaryCrossEntropy>(labelled({0, 1}))));
        CHECK_THROWS_AS((detail::check_targets<One, BinaryCrossEntropy>(labelled({2}))), DataError);
    }

    TEST_CASE("targets must be what the loss takes") {
        CHECK_NOTHROW((detail::check_targets<Three, CrossEntropy>(targeted<3>({0, 1, 0}))));
        CHECK_THROWS_WITH_AS(
            (detail::check_targets<Three, CrossEntropy>(targeted<3>({0, 1, 0, 0, 1, 1}))),
            "the target in row 1 is none for CrossEntropy, which takes shares of at least 0 that sum to 1", DataError);
        CHECK_NOTHROW((detail::check_targets<Three, MeanSquaredError>(targeted<3>({-5, 1, 7}))));
        CHECK_THROWS_AS((detail::check_targets<Three, MeanSquaredError>(
                            targeted<3>({-5, std::numeric_limits<float>::infinity(), 7}))),
                        DataError);
    }

    TEST_CASE("no rows are refused") {
        CHECK_THROWS_AS((detail::check_targets<Three, CrossEntropy>(labelled({}))), DataError);
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
}
