#include <array>
#include <cstdint>
#include <limits>
#include <typenet/core/row_weights.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("core/row_weights") {
    TEST_CASE("without weights every row counts 1") {
        const RowWeights none;
        CHECK(none.empty());
        CHECK(none[7] == 1);
        CHECK(none.scaled(7) == 1);
        CHECK(none.total(3) == 3);
        CHECK(none.mean(3, [](std::size_t row) { return row; }) == 1);
        CHECK_NOTHROW(none.check_count(5, "the dataset"));
    }

    TEST_CASE("a mean counts each row by its weight") {
        const RowWeights weights({3, 0, 1});
        CHECK_FALSE(weights.empty());
        CHECK(weights.values() == std::vector<float>{3, 0, 1});
        CHECK(weights[0] == 3);
        CHECK(weights.total(3) == 4);
        CHECK(weights.mean(3, [](std::size_t row) { return row == 2; }) == 0.25);
        CHECK(weights.mean(3, [](std::size_t row) { return 10.0 * static_cast<double>(row); }) == 5);
    }

    TEST_CASE("scaled weights have a mean of 1, and a factor of 2 in all weights changes none of their bits") {
        const RowWeights weights({3, 0, 1, 0.1F});
        const RowWeights doubled({6, 0, 2, 0.2F});
        double sum = 0;
        for (std::size_t row = 0; row < 4; ++row) {
            sum += weights.scaled(row);
            CHECK(weights.scaled(row) == doubled.scaled(row));
        }
        CHECK(sum == doctest::Approx(4));
        CHECK(weights.scaled(0) == doctest::Approx(12 / 4.1));
        CHECK(RowWeights({1, 1, 1}).scaled(2) == 1);
        CHECK(RowWeights({3, 3, 3}).scaled(2) == 1);
    }

    TEST_CASE("a weight is finite and not negative, and not all are 0; the message names the row") {
        CHECK_NOTHROW(RowWeights({0, 0, 1e-30F}));
        CHECK_THROWS_WITH_AS(RowWeights({1, -0.5F}),
                             "the weight in row 1 is -0.5; weights are finite numbers from 0 on", DataError);
        for (const float wrong : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            CHECK_THROWS_AS(RowWeights({1, 2, wrong}), DataError);
        }
        CHECK_THROWS_WITH_AS(RowWeights({0, 0}), "none of the 2 weights is above 0", DataError);
        CHECK_THROWS_AS(RowWeights(std::vector<float>()), DataError);
    }

    TEST_CASE("there must be a weight for each row") {
        CHECK_NOTHROW(RowWeights({1, 2}).check_count(2, "the data"));
        CHECK_THROWS_WITH_AS(RowWeights({1, 2}).check_count(3, "the data"), "the data: 2 weights for 3 rows",
                             DataError);
        CHECK_THROWS_AS(RowWeights({1, 2}).check_count(0, "the data"), DataError);
    }

    TEST_CASE("a subset has the weights of its rows, in their order, and a mean of its own") {
        const RowWeights weights({3, 0, 1, 5});
        const std::array<std::uint32_t, 3> rows{2, 0, 2};
        const RowWeights part = weights.subset(rows);
        CHECK(part.values() == std::vector<float>{1, 3, 1});
        CHECK(part.total(3) == 5);
        CHECK(part.scaled(1) == doctest::Approx(9.0 / 5));
        CHECK(RowWeights().subset(rows).empty());
        CHECK(weights.subset({}).empty());
        const std::array<std::uint32_t, 1> zero{1};
        CHECK_THROWS_AS((void)weights.subset(zero), DataError);
    }
}
