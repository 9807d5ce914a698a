#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <typenet/data/split.hpp>

using namespace typenet;

namespace {

/// Returns a dataset in which the only feature of a row is the row's index.
template <class Target>
Dataset<1, Target> numbered(Target targets) {
    std::vector<float> numbers(targets.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
    return Dataset<1, Target>(Features<1>(std::move(numbers)), std::move(targets));
}

/// Returns a dataset with `counts[c]` rows of each class c; the classes alternate.
Dataset<1> classes_of(std::vector<int> counts) {
    std::vector<std::int32_t> labels;
    for (bool any = true; any;) {
        any = false;
        for (std::size_t c = 0; c < counts.size(); ++c) {
            if (counts[c] == 0) continue;
            --counts[c];
            labels.push_back(static_cast<std::int32_t>(c));
            any = true;
        }
    }
    return numbered(Labels(std::move(labels)));
}

template <class Target>
std::vector<float> numbers_of(const Dataset<1, Target>& data) {
    return std::get<std::vector<float>>(data.features().storage());
}

std::ptrdiff_t count_of(const Dataset<1>& data, std::int32_t label) {
    const std::vector<std::int32_t>& labels = data.targets().values();
    return std::count(labels.begin(), labels.end(), label);
}

}  // namespace

TEST_SUITE("data/split") {
    TEST_CASE("every row is in exactly one of the two datasets") {
        const auto [rest, part] = split(classes_of({40, 30, 30}), {.fraction = 0.3});
        std::vector<float> all = numbers_of(rest);
        const std::vector<float> taken = numbers_of(part);
        all.insert(all.end(), taken.begin(), taken.end());
        std::sort(all.begin(), all.end());
        CHECK(all == numbers_of(classes_of({40, 30, 30})));
    }

    TEST_CASE("rows keep their targets") {
        const Dataset<1> data = classes_of({7, 5, 3});
        const auto [rest, part] = split(data, {.fraction = 0.4});
        for (const Dataset<1>& half : {rest, part}) {
            for (std::size_t i = 0; i < half.size(); ++i) {
                CHECK(half.label(i) == data.label(static_cast<std::size_t>(numbers_of(half)[i])));
            }
        }
    }

    TEST_CASE("both datasets keep the names of classes") {
        const auto [rest, part] = split(numbered(Labels({0, 1, 0, 1}, {"red", "green", "blue"})), {.fraction = 0.5});
        CHECK((rest.class_names() == std::vector<std::string>{"red", "green", "blue"}));
        CHECK((part.class_names() == rest.class_names()));
    }

    TEST_CASE("rows keep their order in both datasets") {
        const auto [rest, part] = split(classes_of({50, 50}), {.fraction = 0.5});
        for (const Dataset<1>& half : {rest, part}) {
            const std::vector<float> numbers = numbers_of(half);
            CHECK(std::is_sorted(numbers.begin(), numbers.end()));
        }
    }

    TEST_CASE("the second dataset has the fraction of the rows, rounded") {
        for (const bool stratified : {true, false}) {
            CAPTURE(stratified);
            CHECK(split(classes_of({4, 4, 3}), {.fraction = 0.3, .stratified = stratified}).second.size() == 3);
            CHECK(split(classes_of({4, 4, 3}), {.fraction = 0.5, .stratified = stratified}).second.size() == 6);
            CHECK(split(classes_of({1, 1, 1, 1}), {.fraction = 0.5, .stratified = stratified}).second.size() == 2);
        }
    }

    TEST_CASE("the default fraction is a tenth") { CHECK(split(classes_of({60, 40})).second.size() == 10); }

    TEST_CASE("stratified splits each class by the fraction") {
        const auto [rest, part] = split(classes_of({50, 30, 20}), {.fraction = 0.2});
        CHECK(count_of(part, 0) == 10);
        CHECK(count_of(part, 1) == 6);
        CHECK(count_of(part, 2) == 4);
    }

    TEST_CASE("rows that remain after rounding down go to the classes with the largest remainders") {
        // Shares of 5 rows: 2.4, 1.0, 1.6.
        const auto [rest, part] = split(classes_of({12, 5, 8}), {.fraction = 0.2});
        CHECK(count_of(part, 0) == 2);
        CHECK(count_of(part, 1) == 1);
        CHECK(count_of(part, 2) == 2);
    }

    TEST_CASE("among classes with equal remainders, the lower ones come first") {
        const auto [rest, part] = split(classes_of({1, 1, 1, 1}), {.fraction = 0.5});
        CHECK(part.targets().values() == std::vector<std::int32_t>{0, 1});
    }

    TEST_CASE("large gaps between class labels cost no memory") {
        std::vector<std::int32_t> labels(10, 0);
        std::fill(labels.begin() + 5, labels.end(), std::numeric_limits<std::int32_t>::max());
        const auto [rest, part] = split(numbered(Labels(std::move(labels))), {.fraction = 0.4});
        CHECK(count_of(part, 0) == 2);
    }

    TEST_CASE("with stratified off, a class's share is random") {
        bool differs = false;
        for (std::uint64_t seed = 0; seed < 8; ++seed) {
            const SplitOptions options = {.fraction = 0.5, .stratified = false, .seed = {seed}};
            differs = differs || count_of(split(classes_of({20, 20}), options).second, 0) != 10;
        }
        CHECK(differs);
    }

    TEST_CASE("the same seed gives the same split, another seed gives another split") {
        const Dataset<1> data = classes_of({50, 50});
        for (const bool stratified : {true, false}) {
            CAPTURE(stratified);
            const auto part = [&](std::uint64_t seed) {
                return numbers_of(split(data, {.fraction = 0.3, .stratified = stratified, .seed = {seed}}).second);
            };
            CHECK(part(1) == part(1));
            CHECK(part(1) != part(2));
        }
    }

    TEST_CASE("every row is chosen with the same probability") {
        std::vector<int> drawn(10, 0);
        for (std::uint64_t seed = 0; seed < 2000; ++seed) {
            const auto part = split(classes_of({5, 5}), {.fraction = 0.4, .seed = {seed}}).second;
            for (const float number : numbers_of(part)) ++drawn[static_cast<std::size_t>(number)];
        }
        // Binomial with 2000 draws and probability 0.4: 800, standard deviation 22.
        for (const int count : drawn) CHECK(std::abs(count - 800) < 110);
    }

    TEST_CASE("datasets with Targets are split too") {
        const auto data = numbered(Targets<2>(std::vector<float>(40)));
        const auto [rest, part] = split(data, {.fraction = 0.25});
        CHECK(rest.size() == 15);
        CHECK(part.size() == 5);
    }

    TEST_CASE("a fraction outside (0, 1) is refused") {
        const Dataset<1> data = classes_of({10});
        CHECK_NOTHROW((void)split(data, {.fraction = 0.5}));
        for (const double fraction : {0.0, 1.0, -0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
            CAPTURE(fraction);
            CHECK_THROWS_AS((void)split(data, {.fraction = fraction}), OptionError);
        }
    }

    TEST_CASE("a dataset without rows is refused") {
        CHECK(split(classes_of({5}), {.fraction = 0.1}).second.size() == 1);
        CHECK_THROWS_WITH_AS((void)split(classes_of({4}), {.fraction = 0.1}),
                             "the fraction 0.1 of 4 rows is 0 rows; both datasets of a split need at least 1",
                             DataError);
        CHECK(split(classes_of({5}), {.fraction = 0.8}).first.size() == 1);
        CHECK_THROWS_AS((void)split(classes_of({4}), {.fraction = 0.9}), DataError);
        CHECK_THROWS_AS((void)split(classes_of({}), {.fraction = 0.5}), DataError);
    }

    TEST_CASE("rows keep their weights") {
        std::vector<float> numbers(20);
        std::iota(numbers.begin(), numbers.end(), 0.0F);
        const auto data = Dataset<1>{Features<1>(numbers), Labels(std::vector<std::int32_t>(20))}.with_weights(numbers);
        const auto [rest, part] = split(data, {.fraction = 0.25});
        for (const auto& rows : {rest, part}) {
            CHECK(rows.weights().values() == std::get<std::vector<float>>(rows.features().storage()));
        }
    }
}
