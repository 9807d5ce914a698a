#include <cstddef>
#include <string>
#include <typenet/layers/dense.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/options.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using Names = std::vector<std::string>;
using Classifier = Mlp<float, Input<6>, Dense<3, Softmax>>;

TEST_SUITE("report/options") {
    TEST_CASE("options that don't fit the network are refused") {
        const auto check = [](const ReportOptions& options) { detail::check_report_options<Classifier>(options); };
        CHECK_NOTHROW(check({}));
        CHECK_NOTHROW(check({.class_names = {"a", "b", "c"}, .image = {2, 3}}));
        CHECK_NOTHROW(check({.input_names = Names(6, "x"), .output_names = Names(3, "y")}));
        CHECK_THROWS_WITH_AS(check({.class_names = {"a"}}), "write_report: 1 class_names for 3 classes", OptionError);
        CHECK_THROWS_WITH_AS(check({.input_names = {"a"}}), "write_report: 1 input_names for 6 inputs", OptionError);
        CHECK_THROWS_AS(check({.output_names = {"a"}}), OptionError);
        CHECK_THROWS_WITH_AS(check({.image = {3, 3}}),
                             "write_report: images of 3 x 3 pixels don't have the network's 6 inputs", OptionError);
        CHECK_THROWS_AS(check({.image = {0, 6}}), OptionError);
        CHECK_THROWS_AS(check({.image = {6, 0}}), OptionError);
        CHECK_THROWS_AS(check({.image = {std::size_t{1} << 63, 12}}), OptionError);
    }
}
