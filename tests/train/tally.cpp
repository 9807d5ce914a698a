#include <algorithm>
#include <cmath>
#include <set>
#include <typenet/train/tally.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("train/tally") {
    TEST_CASE("batches of different sizes give the means over all rows") {
        Tally total;
        total.add({.loss_sum = 6, .correct = 1, .weight = 3, .rows = 3});
        total.add({.loss_sum = 1, .correct = 1, .weight = 1, .rows = 1});
        CHECK(total.loss() == 1.75);
        CHECK(total.accuracy() == 0.5);
        CHECK(total.finite);
        total.add({.rows = 1, .finite = false});
        total.add({.rows = 1});
        CHECK_FALSE(total.finite);
    }

    TEST_CASE("an epoch's order has each row once, depends on seed and epoch, and is sorted unless shuffled") {
        const auto order_of = [](bool shuffled, std::uint64_t seed, std::size_t epoch) {
            std::vector<std::uint32_t> order(103);
            detail::order_rows(order, shuffled, Seed{seed}, epoch);
            return order;
        };
        const std::vector<std::uint32_t> first = order_of(true, 1, 1);
        CHECK(std::set<std::uint32_t>(first.begin(), first.end()).size() == 103);
        CHECK_FALSE(std::is_sorted(first.begin(), first.end()));
        CHECK(order_of(true, 1, 1) == first);
        CHECK(order_of(true, 1, 2) != first);
        CHECK(order_of(true, 2, 1) != first);
        const std::vector<std::uint32_t> unshuffled = order_of(false, 1, 1);
        CHECK(std::is_sorted(unshuffled.begin(), unshuffled.end()));
    }

    TEST_CASE("sums over rows that weigh nothing have no mean") {
        const Tally tally{.rows = 2};
        CHECK(std::isnan(tally.loss()));
        CHECK(std::isnan(tally.accuracy()));
    }
}
