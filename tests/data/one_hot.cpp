#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include <typenet/data/one_hot.hpp>

using namespace typenet;

TEST_SUITE("data/one_hot") {
    TEST_CASE("writes 1 at the label's index and 0 elsewhere") {
        const Targets<3> targets = one_hot<3>(Labels({2, 0}));
        CHECK(targets.values() == std::vector<float>{0, 0, 1, 1, 0, 0});
    }

    TEST_CASE("keeps the features of a dataset") {
        const Dataset<2> data(Features<2>(std::vector<std::uint8_t>{1, 2, 3, 4}, 0.5F), Labels({1, 0}));
        const Dataset<2, Targets<2>> hot = one_hot<2>(data);
        CHECK(hot.features().storage() == data.features().storage());
        CHECK(hot.features().scale() == 0.5F);
        CHECK(hot.targets().values() == std::vector<float>{0, 1, 1, 0});
    }

    TEST_CASE("accepts the largest label and refuses the one above it") {
        CHECK(one_hot<3>(Labels({2})).values() == std::vector<float>{0, 0, 1});
        CHECK_THROWS_WITH_AS((void)one_hot<3>(Labels({0, 3})),
                             "the label 3 in row 1 is too large for 3 classes; labels count from 0 to 2", DataError);
        CHECK_THROWS_WITH_AS((void)one_hot<3>(Labels({1, 4})),
                             "the label 4 in row 1 is too large for 3 classes; labels count from 0 to 2", DataError);
        CHECK_THROWS_WITH_AS(
            (void)one_hot<3>(Labels({1, 2, 3})),
            "the label 3 in row 2 is too large for 3 classes; labels count from 0 to 2, but these seem "
            "to count from 1",
            DataError);
    }

    TEST_CASE("no labels give no targets") { CHECK(one_hot<3>(Labels({})).size() == 0); }

    TEST_CASE("rows keep their weights") {
        const auto data = make_dataset<1>(std::vector{1, 2}, std::vector{0, 1});
        CHECK(one_hot<2>(data).weights().empty());
        CHECK(one_hot<2>(data.with_weights(std::vector<float>{3, 5})).weights().values() == std::vector<float>{3, 5});
    }
}
