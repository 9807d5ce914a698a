#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <typenet/data/folds.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <class Target>
Dataset<1, Target> with_targets(Target targets) {
    std::vector<float> features(targets.size());
    return Dataset<1, Target>(Features<1>(std::move(features)), std::move(targets));
}

/// Returns 70 rows of class 0, 23 of class 1 and 8 of class 2, mixed.
Dataset<1> uneven_classes() {
    std::vector<std::int32_t> labels;
    for (int i = 0; i < 101; ++i) labels.push_back(i * 37 % 101 < 70 ? 0 : (i * 37 % 101 < 93 ? 1 : 2));
    return with_targets(Labels(std::move(labels)));
}

using Folds = std::vector<std::vector<std::uint32_t>>;

/// Returns how much folds differ, at most, in the number of their rows for which `counts(row)` is true.
template <class Counts>
std::size_t difference(const Folds& folds, Counts counts) {
    std::vector<std::ptrdiff_t> numbers;
    for (const auto& fold : folds) numbers.push_back(std::count_if(fold.begin(), fold.end(), counts));
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    return static_cast<std::size_t>(*most - *least);
}

}  // namespace

TEST_SUITE("data/folds") {
    TEST_CASE("each row is in exactly one fold, folds are in rising order, and their sizes differ by at most one row") {
        const Dataset<1> data = uneven_classes();
        for (const std::size_t count : {2U, 3U, 5U, 10U, 100U, 101U}) {
            for (const bool stratified : {false, true}) {
                CAPTURE(count);
                CAPTURE(stratified);
                const Folds folds = make_folds(data, {.folds = count, .stratified = stratified});
                REQUIRE(folds.size() == count);
                std::vector<int> seen(data.size());
                for (const auto& fold : folds) {
                    CHECK(std::is_sorted(fold.begin(), fold.end()));
                    for (const std::uint32_t row : fold) ++seen.at(row);
                }
                CHECK(seen == std::vector<int>(data.size(), 1));
                CHECK(difference(folds, [](std::uint32_t) { return true; }) <= 1);
            }
        }
    }

    TEST_CASE("stratified folds divide each class evenly, other folds may not") {
        const Dataset<1> data = uneven_classes();
        std::size_t worst_of_others = 0;
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const Folds stratified = make_folds(data, {.folds = 5, .seed = Seed{seed}});
            const Folds others = make_folds(data, {.folds = 5, .stratified = false, .seed = Seed{seed}});
            for (std::int32_t label = 0; label < 3; ++label) {
                const auto is_of = [&](std::uint32_t row) { return data.label(row) == label; };
                CHECK(difference(stratified, is_of) <= 1);
                worst_of_others = std::max(worst_of_others, difference(others, is_of));
            }
        }
        CHECK(worst_of_others > 3);
    }

    TEST_CASE("the folds depend only on the seed") {
        const Dataset<1> data = uneven_classes();
        std::set<Folds> all;
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            const Folds folds = make_folds(data, {.seed = Seed{seed}});
            CHECK(folds == make_folds(data, {.seed = Seed{seed}}));
            all.insert(folds);
        }
        CHECK(all.size() == 10);
    }

    TEST_CASE("the folds of a small dataset never change") {
        const auto data = with_targets(Targets<1>(std::vector<float>(7)));
        CHECK(make_folds(data, {.folds = 3, .seed = Seed{1}}) == Folds{{1, 3, 5}, {0, 4}, {2, 6}});
    }

    TEST_CASE("`stratified` has no effect on datasets with Targets") {
        const auto data = with_targets(Targets<2>(std::vector<float>(40)));
        CHECK(make_folds(data, {.stratified = true}) == make_folds(data, {.stratified = false}));
    }

    TEST_CASE("fewer than two folds, and more folds than rows, are refused") {
        const auto data = with_targets(Labels({0, 1, 0}));
        CHECK_NOTHROW((void)make_folds(data, {.folds = 2}));
        CHECK_NOTHROW((void)make_folds(data, {.folds = 3}));
        for (const std::size_t count : {0U, 1U, 4U}) {
            CHECK_THROWS_WITH_AS(
                (void)make_folds(data, {.folds = count}),
                ("folds is " + std::to_string(count) + "; it must be at least 2 and at most the number of rows, 3")
                    .c_str(),
                OptionError);
        }
        CHECK_THROWS_AS((void)make_folds(with_targets(Labels({})), {.folds = 2}), OptionError);
    }

    TEST_CASE("weights change no fold") {
        const auto data = with_targets(Labels({0, 1, 0, 1, 1, 0}));
        CHECK(make_folds(data.with_weights(std::vector<float>{0, 9, 0, 0, 1, 0}), {.folds = 3}) ==
              make_folds(data, {.folds = 3}));
    }
}
