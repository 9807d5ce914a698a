#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <support/allocations.hpp>
#include <support/small_stack.hpp>
#include <type_traits>
#include <variant>
#include <vector>

#include <typenet/data/dataset.hpp>

using namespace typenet;

TEST_SUITE("data/dataset") {
    TEST_CASE("prefetching a row doesn't change the row") {
        const Features<3> bytes(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, 0.5F);
        bytes.prefetch(1);
        std::array<float, 3> row{};
        bytes.gather(std::array<std::uint32_t, 1>{1}, row.data());
        CHECK(row == std::array<float, 3>{2, 2.5, 3});
    }

    TEST_CASE("make_dataset takes arrays and their views, and keeps bytes as bytes") {
        const xt::xtensor<double, 2> x{{1, 2, 3}, {4, 5, 6}};
        const xt::xtensor<int, 1> labels{1, 0};
        const Dataset<2> data = make_dataset<2>(xt::view(x, xt::all(), xt::range(1, 3)), labels, 0.5F);
        CHECK(data.row(1)(0) == 2.5F);
        CHECK(data.label(0) == 1);
        const xt::xtensor<std::uint8_t, 2> bytes{{0, 255, 7}};
        const auto of_bytes = make_dataset<3>(bytes, xt::xtensor<int, 1>{0});
        CHECK(std::holds_alternative<std::vector<std::uint8_t>>(of_bytes.features().storage()));
        const auto numbers = make_dataset<3, 1>(x, xt::xtensor<float, 2>{{0.5F}, {-1}});
        CHECK(numbers.targets()[1][0] == -1);
    }

    TEST_CASE("make_dataset takes vectors: values row by row, or rows") {
        const std::vector<float> flat{1, 2, 3, 4};
        const std::vector<int> labels{1, 0};
        const std::vector<std::vector<float>> rows{{1, 2}, {3, 4}};
        const std::vector<std::array<double, 2>> fixed_rows{{1, 2}, {3, 4}};
        const auto wanted = Features<2>::Storage(flat);
        const auto storage_of = [&](const auto& features) {
            return make_dataset<2>(features, labels).features().storage();
        };
        CHECK((storage_of(flat) == wanted));
        CHECK((storage_of(std::vector<double>{1, 2, 3, 4}) == wanted));
        CHECK((storage_of(std::array{1, 2, 3, 4}) == wanted));
        CHECK((storage_of(std::span(flat)) == wanted));
        CHECK((storage_of(rows) == wanted));
        CHECK((storage_of(fixed_rows) == wanted));
        CHECK((storage_of(std::span(fixed_rows)) == wanted));
        CHECK((storage_of(xt::adapt(flat)) == wanted));
        CHECK((storage_of(xt::adapt(flat, {2, 2})) == wanted));
        CHECK((storage_of(xt::adapt(flat, std::vector<std::size_t>{2, 2})) == wanted));
        const float numbers[2][2] = {{1, 2}, {3, 4}};
        CHECK((storage_of(numbers) == wanted));
        CHECK(make_dataset<2>(flat, labels, 0.5F).row(1)(0) == 1.5F);
    }

    TEST_CASE("make_dataset keeps vectors of bytes as bytes") {
        const std::vector<int> label{1};
        const auto wanted = Features<2>::Storage(std::vector<std::uint8_t>{7, 255});
        CHECK((make_dataset<2>(std::vector<std::uint8_t>{7, 255}, label).features().storage() == wanted));
        const std::vector<std::array<std::uint8_t, 2>> rows{{7, 255}};
        CHECK((make_dataset<2>(rows, label).features().storage() == wanted));
    }

    TEST_CASE("make_dataset takes labels of any type of number, and Labels with their names") {
        const std::vector<float> x{1, 2};
        const std::vector<std::int32_t> wanted{1, 0};
        CHECK(make_dataset<1>(x, std::vector<std::uint8_t>{1, 0}).targets().values() == wanted);
        CHECK(make_dataset<1>(x, std::vector<double>{1, 0}).targets().values() == wanted);
        CHECK(make_dataset<1>(x, std::array{1L, 0L}).targets().values() == wanted);
        CHECK(make_dataset<1>(x, xt::adapt(wanted, std::vector<std::size_t>{2})).targets().values() == wanted);
        CHECK(make_dataset<1>(x, Labels({1, 0}, {"no", "yes"})).class_names()[1] == "yes");
    }

    TEST_CASE("make_dataset takes targets as it takes features") {
        const std::vector<float> x{1, 2};
        const std::vector<double> flat{1, 2, 3, 4};
        CHECK(make_dataset<1, 2>(x, flat).targets()[1][0] == 3);
        CHECK(make_dataset<1, 2>(x, std::vector<std::array<int, 2>>{{1, 2}, {3, 4}}).targets()[1][0] == 3);
        CHECK(make_dataset<1, 1>(x, std::vector<float>{5, 6}).targets()[1][0] == 6);
    }

    TEST_CASE("make_dataset refuses vectors that don't fill rows, values that aren't finite, and too few labels") {
        const std::vector<int> y{0, 1};
        CHECK_THROWS_WITH_AS((void)make_dataset<2>(std::vector<float>(3), y),
                             "the 3 feature values don't fill whole rows of 2", ShapeError);
        CHECK_THROWS_WITH_AS((void)make_dataset<2>(std::vector<std::vector<float>>{{1, 2}, {3}}, y),
                             "row 1 of the features has 1 values; expected 2", ShapeError);
        CHECK_THROWS_WITH_AS((void)(make_dataset<2, 2>(std::vector<float>(4), std::vector<float>(3))),
                             "the 3 target values don't fill whole rows of 2", ShapeError);
        CHECK_THROWS_WITH_AS((void)make_dataset<2>(std::vector<double>{1, 2, 3, 1e300}, y),
                             "the feature in row 1, column 1 is not finite as a float", DataError);
        const std::vector<float> cube(8);
        CHECK_THROWS_WITH_AS((void)make_dataset<2>(xt::adapt(cube, std::vector<std::size_t>{2, 2, 2}), y),
                             "the array of features has 3 dimensions; expected 2", ShapeError);
        CHECK_THROWS_WITH_AS((void)make_dataset<4>(cube, xt::adapt(cube, std::vector<std::size_t>{4, 2})),
                             "the array of labels has 2 dimensions; expected 1", ShapeError);
        CHECK_THROWS_AS((void)make_dataset<2>(std::vector<float>(2), y), DataError);
    }

    TEST_CASE("make_dataset refuses a wrong width, infinities, and labels that aren't whole numbers") {
        const xt::xtensor<double, 2> x{{1, 2}, {3, 4}};
        const xt::xtensor<double, 1> good{0, 1};
        CHECK_NOTHROW((void)make_dataset<2>(x, good));
        CHECK_THROWS_AS((void)make_dataset<3>(x, good), ShapeError);
        CHECK_THROWS_AS((void)make_dataset<2>(xt::xtensor<double, 2>{{1, 1e300}, {3, 4}}, good), DataError);
        for (const double bad : {0.5, -1.0, 1e10, std::nan("")}) {
            CHECK_THROWS_AS((void)make_dataset<2>(x, xt::xtensor<double, 1>{0, bad}), DataError);
        }
        CHECK_THROWS_WITH_AS((void)make_dataset<2>(x, xt::xtensor<double, 1>{0, 0.5}),
                             "the label in row 1 is 0.5; labels are whole numbers from 0 to 2^31 - 1", DataError);
        CHECK_THROWS_WITH_AS((void)make_dataset<2>(x, xt::xtensor<double, 1>{-1, 1}),
                             "the label in row 0 is -1; labels count from 0", DataError);
        CHECK_THROWS_AS((void)make_dataset<2>(x, xt::xtensor<double, 1>{0}), DataError);
    }

    TEST_CASE("a row beyond the last is refused") {
        const Dataset<1> data(Features<1>(std::vector<float>{1}), Labels({0}));
        CHECK(data.row(0)(0) == 1);
        CHECK_THROWS_AS((void)data.row(1), DataError);
    }

    TEST_CASE("bytes are stored as bytes and scaled when they are read") {
        const Features<2> features(std::vector<std::uint8_t>{0, 255, 51, 102}, 1.0F / 255);
        CHECK(std::holds_alternative<std::vector<std::uint8_t>>(features.storage()));
        const std::array<std::uint32_t, 1> rows = {1};
        std::array<float, 2> out{};
        features.gather(std::span(rows), out.data());
        CHECK(out[0] == 51 * (1.0F / 255));
        CHECK(out[1] == 102 * (1.0F / 255));
    }

    TEST_CASE("gather copies rows in the given order, also repeated ones, as float or double") {
        const Features<1> features(std::vector<float>{0.5F, 1.5F, 2.5F}, 2);
        const std::array<std::uint32_t, 4> rows = {2, 0, 2, 1};
        std::array<float, 4> floats{};
        std::array<double, 4> doubles{};
        features.gather(std::span(rows), floats.data());
        features.gather(std::span(rows), doubles.data());
        CHECK(floats == std::array<float, 4>{5, 1, 5, 3});
        CHECK(doubles == std::array<double, 4>{5, 1, 5, 3});
    }

    TEST_CASE("numbers in braces are features") {
        const Features<2> features({1, 2.5, -3, 4});
        REQUIRE(features.size() == 2);
        CHECK(std::get<1>(features.storage()) == std::vector<float>{1, 2.5F, -3, 4});
        CHECK(features.scale() == 1);
    }

    TEST_CASE("features must fill whole rows") {
        CHECK(Features<3>(std::vector<float>(6)).size() == 2);
        CHECK_THROWS_WITH_AS(Features<3>(std::vector<float>(7)), "the 7 feature values don't fill whole rows of 3",
                             DataError);
    }

    TEST_CASE("a scale of 0, or one that isn't finite, is refused") {
        CHECK_NOTHROW(Features<1>(std::vector<float>(1), -2));
        for (const float scale :
             {0.0F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
            CHECK_THROWS_AS(Features<1>(std::vector<float>(1), scale), OptionError);
        }
    }

    TEST_CASE("a dataset returns the same rows and targets as its Features and its Targets") {
        const Dataset<1, Targets<2>> data{Features<1>(std::vector<float>{1, 2}, 3), Targets<2>({4, 5, 6, 7})};
        const std::array<std::uint32_t, 1> rows = {1};
        double x = 0;
        data.prefetch(1);
        data.gather(std::span(rows), &x);
        CHECK(x == 6);
        CHECK(data.target(1)[1] == 7);
    }

    TEST_CASE("labels must not be negative") {
        CHECK(Labels({0, 4}).size() == 2);
        CHECK_THROWS_WITH_AS(Labels({0, -1}), "the label in row 1 is -1; labels count from 0", DataError);
    }

    TEST_CASE("the number of classes is the largest label plus one") {
        CHECK(Labels({0, 4, 2}).classes() == 5);
        CHECK(Labels({}).classes() == 0);
    }

    TEST_CASE("classes can have names, which subsets keep") {
        CHECK(Labels({0, 1}).names().empty());
        const Dataset<1> data{Features<1>(std::vector<float>{1, 2, 3}), Labels({0, 2, 1}, {"red", "green", "blue"})};
        const std::vector<std::string> names{"red", "green", "blue"};
        CHECK((data.class_names() == names));
        CHECK((data.subset(std::array<std::uint32_t, 1>{2}).class_names() == names));
    }

    TEST_CASE("a class that has a name counts as a class even if no row belongs to it") {
        CHECK(Labels({0}, {"red", "green"}).classes() == 2);
        CHECK(Labels({}, {"red", "green"}).classes() == 2);
    }

    TEST_CASE("each label needs a name where there are names") {
        CHECK_NOTHROW(Labels({0, 1}, {"red", "green"}));
        CHECK_THROWS_WITH_AS(Labels({0, 2}, {"red", "green"}),
                             "the label in row 1 is 2, but there are only 2 class names, for labels from 0 on",
                             DataError);
        CHECK_THROWS_WITH_AS(Labels({-1}, {"red"}), "the label in row 0 is -1; labels count from 0", DataError);
    }

    TEST_CASE("names of classes differ, and none is empty") {
        CHECK_THROWS_WITH_AS(Labels({0}, {"red", "green", "red"}), "the class name \"red\" comes twice", DataError);
        CHECK_THROWS_WITH_AS(Labels({0}, {"red", ""}), "a class name is empty", DataError);
    }

    TEST_CASE("Targets<N> has rows of N values") {
        const Targets<2> targets({1, 2, 3, 4});
        CHECK(targets.size() == 2);
        CHECK(targets[1][0] == 3);
        CHECK(targets[1][1] == 4);
    }

    TEST_CASE("targets must fill whole rows") {
        CHECK(Targets<2>(std::vector<float>(4)).size() == 2);
        CHECK_THROWS_WITH_AS(Targets<2>(std::vector<float>(3)), "the 3 target values don't fill whole rows of 2",
                             DataError);
    }

    TEST_CASE("a dataset needs a target for each row") {
        CHECK(Dataset<1>(Features<1>(std::vector<float>{1, 2}), Labels({0, 1})).size() == 2);
        CHECK_THROWS_AS(Dataset<1>(Features<1>(std::vector<float>{1, 2}), Labels({0})), DataError);
    }

    TEST_CASE("row returns the scaled features of a row, label its label") {
        const Dataset<2> data(Features<2>(std::vector<std::uint8_t>{1, 2, 3, 4}, 0.5F), Labels({7, 9}));
        const Vector<float, 2> row = data.row(1);
        CHECK(row[0] == 1.5F);
        CHECK(row[1] == 2.0F);
        CHECK(data.label(1) == 9);
    }

#if TYPENET_HAS_SMALL_STACK
    TEST_CASE("a row of any width fits on a small stack") {
        const std::vector<float> values(20'000, 1.5F);
        const auto data = make_dataset<20'000>(values, std::vector{1});
        CHECK(support::runs_on_small_stack([&] { return data.row(0)(19'999) == 1.5F; }));
        CHECK_FALSE(
            support::runs_on_small_stack([&] { return Vector<float, 50'000>(xt::ones<float>({50'000}))(7) == 1; }));
    }
#endif

    TEST_CASE("a row's array is on the heap only where it takes more than 16 KiB") {
        const auto heap_use = [](const auto& data) {
            const std::size_t before = support::allocation_count();
            (void)data.row(0);
            return support::allocation_count() - before;
        };
        CHECK(heap_use(make_dataset<4096>(std::vector<float>(4096), std::vector{1})) == 0);
        CHECK(heap_use(make_dataset<4097>(std::vector<float>(4097), std::vector{1})) > 0);
    }

    TEST_CASE("subset copies the chosen rows with their targets, in their order") {
        const Dataset<2> data(Features<2>(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6}, 0.5F), Labels({7, 8, 9}));
        const std::array<std::uint32_t, 2> rows = {2, 0};
        const Dataset<2> part = data.subset(rows);
        CHECK(part.features().storage() == Features<2>::Storage(std::vector<std::uint8_t>{5, 6, 1, 2}));
        CHECK(part.features().scale() == 0.5F);
        CHECK(part.targets().values() == std::vector<std::int32_t>{9, 7});
    }

    TEST_CASE("subset copies whole rows of targets") {
        const Dataset<1, Targets<2>> data(Features<1>(std::vector<float>{1, 2}), Targets<2>({1, 2, 3, 4}));
        const std::array<std::uint32_t, 1> rows = {1};
        CHECK(data.subset(rows).targets().values() == std::vector<float>{3, 4});
    }

    TEST_CASE("datasets with different feature counts have different types") {
        CHECK_FALSE(std::is_convertible_v<Dataset<64>, Dataset<784>>);
        CHECK_FALSE(std::is_constructible_v<Dataset<784>, Features<64>, Labels>);
        CHECK(std::is_constructible_v<Dataset<64>, Features<64>, Labels>);
    }

    TEST_CASE("large numbers that floats can't tell apart are refused") {
        CHECK_THROWS_WITH_AS((void)(make_dataset<2>(std::vector<double>{0, 1.7e9, 1, 1.7e9 + 60}, std::vector{0, 1})),
                             doctest::Contains("the feature in row 1, column 1 is the same float as another number in "
                                               "its column: floats have 24 bits. Subtract"),
                             DataError);
        CHECK_THROWS_WITH_AS(
            (void)(make_dataset<1, 1>(std::vector{1, 2, 3}, std::vector{20'240'105, 20'240'301, 20'240'104})),
            doctest::Contains("the target 20240105 in column 0 isn't a float, and there are too few floats"),
            DataError);
        CHECK_THROWS_AS((void)(make_dataset<1>(std::vector{16'777'216, 16'777'217}, std::vector{0, 1})), DataError);
        CHECK(make_dataset<1>(std::vector{331'002'651, 1'439'323'776}, std::vector{0, 1}).size() == 2);
        CHECK(make_dataset<1>(std::vector{20'240'105, 20'240'105}, std::vector{0, 1}).size() == 2);
        CHECK(make_dataset<1>(std::vector<float>{2e7F, 3e38F}, std::vector{0, 1}).size() == 2);
    }

    TEST_CASE("labels may be bools") {
        const std::vector<bool> labels{true, false, true};
        CHECK(make_dataset<1>(std::vector{1, 2, 3}, labels).targets().values() == std::vector<std::int32_t>{1, 0, 1});
    }

    TEST_CASE("a dataset has a weight for each row, or none") {
        const auto data = make_dataset<1>(std::vector{1, 2, 3}, std::vector{0, 1, 0});
        CHECK(data.weights().empty());
        CHECK(data.with_weights(std::vector<float>{1, 0, 2.5F}).weights().values() == std::vector<float>{1, 0, 2.5F});
        CHECK(data.weights().empty());
        CHECK_THROWS_WITH_AS((void)data.with_weights(std::vector<float>{1, 2}), "the dataset: 2 weights for 3 rows",
                             DataError);
        CHECK_THROWS_WITH_AS((void)data.with_weights(std::vector<float>{1, 2, -1}),
                             "the weight in row 2 is -1; weights are finite numbers from 0 on", DataError);
        CHECK_THROWS_AS((void)data.with_weights(std::vector<float>{}), DataError);
        CHECK_THROWS_AS((void)data.with_weights(std::vector<float>{0, 0, 0}), DataError);
    }

    TEST_CASE("weights can be taken away") {
        const auto data = make_dataset<1>(std::vector{1, 2}, std::vector{0, 1}).with_weights(std::vector<float>{1, 2});
        CHECK(data.with_weights({}).weights().empty());
    }

    TEST_CASE("giving weights to a dataset that is not needed elsewhere copies no rows") {
        std::vector<float> values{1, 2, 3};
        const float* const address = values.data();
        Dataset<1> data{Features<1>(std::move(values)), Labels({0, 1, 0})};
        const Dataset<1> weighted = std::move(data).with_weights(std::vector<float>{1, 2, 3});
        CHECK(std::get<std::vector<float>>(weighted.features().storage()).data() == address);
    }

    TEST_CASE("subset copies the weights of the chosen rows, in their order") {
        const auto data =
            make_dataset<1>(std::vector{1, 2, 3}, std::vector{0, 1, 0}).with_weights(std::vector<float>{0, 2, 3});
        const std::array<std::uint32_t, 2> rows = {2, 0};
        CHECK(data.subset(rows).weights().values() == std::vector<float>{3, 0});
        CHECK(data.subset({}).size() == 0);
        const std::array<std::uint32_t, 1> nothing = {0};
        CHECK_THROWS_WITH_AS((void)data.subset(nothing), doctest::Contains("weights is above 0"), DataError);
    }
}
