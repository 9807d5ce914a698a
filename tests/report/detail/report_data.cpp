#include <string>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using detail::collect;
using Task = detail::ReportData::Task;
using Names = std::vector<std::string>;

namespace {

using Classifier = Mlp<float, Input<6>, Dense<3, Softmax>>;
using Table = Columns<Number<"size">, Optional<Number<"age">>, Missing<"age">, Category<"kind", "a", "b", Other>>;

template <std::size_t Width>
Features<Width> features(std::size_t rows) {
    std::vector<float> x(rows * Width);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i);
    return Features<Width>(std::move(x));
}

}  // namespace

TEST_SUITE("report/detail/report_data") {
    TEST_CASE("labels are classes, with the names of the data unless others are given") {
        const Classifier net(Seed{1});
        const Dataset<6> plain(features<6>(3), Labels({0, 1, 2}));
        const Dataset<6> named(features<6>(3), Labels({0, 1, 2}, {"x", "y", "z"}));
        CHECK(collect(net, plain, {}).names == Names{"0", "1", "2"});
        CHECK(collect(net, named, {}).names == Names{"x", "y", "z"});
        const auto report = collect(net, named, {.class_names = {"a", "b", "c"}});
        CHECK(report.names == Names{"a", "b", "c"});
        CHECK(report.task == Task::classes);
        CHECK(report.labels == std::vector<std::int32_t>{0, 1, 2});
        CHECK(report.outputs_are_probabilities);
        CHECK(report.rows() == 3);
        CHECK(report.features(1) == std::vector<double>{6, 7, 8, 9, 10, 11});
    }

    TEST_CASE("what targets of numbers mean follows from the last activation and from them") {
        const auto task = []<class Last>(Last, std::vector<float> targets) {
            const Mlp<float, Input<2>, Dense<2, Last>> net(Seed{1});
            const Dataset<2, Targets<2>> data(features<2>(2), Targets<2>(std::move(targets)));
            return collect(net, data, {});
        };
        const auto classes = task(Softmax{}, {0, 1, 0.75F, 0.25F});
        CHECK(classes.task == Task::classes);
        CHECK(classes.labels == std::vector<std::int32_t>{1, 0});
        CHECK(task(Sigmoid{}, {0, 1, 1, 1}).task == Task::questions);
        CHECK(task(Sigmoid{}, {0, 1, 0.5F, 1}).task == Task::numbers);
        CHECK(task(Identity{}, {0, 1, 1, 1}).task == Task::numbers);
        CHECK(task(Identity{}, {0, 1, 1, 1}).names == Names{"output 0", "output 1"});
        const Mlp<float, Input<2>, Dense<1, Sigmoid>> one(Seed{1});
        const Dataset<2, Targets<1>> yes(features<2>(2), Targets<1>({1, 0}));
        CHECK(collect(one, yes, {}).task == Task::classes);
        CHECK(collect(one, yes, {}).labels == std::vector<std::int32_t>{1, 0});
    }

    TEST_CASE("a target that isn't finite is refused, with its row") {
        const Mlp<float, Input<2>, Dense<2, Softmax>> classes(Seed{1});
        const Mlp<float, Input<2>, Dense<2, Identity>> numbers(Seed{1});
        for (const float wrong : {detail::nan<float>, detail::infinity<float>}) {
            const Dataset<2, Targets<2>> data(features<2>(3), Targets<2>({0, 1, 0, 1, 0, wrong}));
            constexpr const char* message = "write_report: the target in row 2 is not finite";
            CHECK_THROWS_WITH_AS(collect(classes, data, {}), message, DataError);
            CHECK_THROWS_WITH_AS(collect(numbers, data, {}), message, DataError);
        }
    }

    TEST_CASE("columns have the names of the table") {
        const Mlp<float, Table, Standardize, Dense<2, Softmax>> net(Seed{1});
        const auto columns = detail::input_columns<decltype(net)>({});
        REQUIRE(columns.size() == 4);
        CHECK(columns[0].name == "size");
        CHECK(columns[1].name == "age");
        CHECK(columns[2].name == "age is missing");
        CHECK(columns[3].name == "kind");
        CHECK(columns[3].first == 3);
        CHECK(columns[3].values == Names{"a", "b", "other"});
        CHECK(detail::input_columns<Classifier>({})[5].name == "input 5");
        CHECK(detail::input_columns<Classifier>({.input_names = {"a", "b", "c", "d", "e", "f"}})[5].name == "f");
    }

    TEST_CASE("the first weights are those of the layer that sees the pixels") {
        const Dataset<6> data(features<6>(3), Labels({0, 1, 2}));
        Mlp<float, Input<6>, Standardize, Dense<4, Tanh>, Dense<3, Softmax>> net(Seed{1});
        standardize(net, data);
        const auto report = collect(net, data, {.image = {2, 3}});
        REQUIRE(report.first_weights.shape()[0] == 6);
        REQUIRE(report.first_weights.shape()[1] == 4);
        CHECK(report.first_weights_layer == 1);
        CHECK(report.first_weights(5, 3) == static_cast<double>(net.weights<1>()(5, 3)));
        CHECK(collect(net, data, {}).first_weights.size() == 0);
    }
}
