#include <cstddef>
#include <string>
#include <support/reports.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/report/detail/mistakes_section.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using detail::ReportData;
using support::contains;
using support::matrix;
using support::numbers;
using support::two_classes;

namespace {

constexpr double not_a_number = detail::nan<double>;

}  // namespace

TEST_SUITE("report/detail/mistakes_section") {
    TEST_CASE("the most confident mistakes come first, of equal ones the first row") {
        const ReportData report = two_classes({0.1, 0.9, 0.4, 0.6, 0.8, 0.2, 0.1, 0.9, 0.7, 0.3}, {0, 0, 0, 0, 1});
        const auto mistakes = detail::worst_mistakes(report, {.mistakes = 3});
        REQUIRE(mistakes.size() == 3);
        CHECK(mistakes[0].row == 0);
        CHECK(mistakes[1].row == 3);
        CHECK(mistakes[2].row == 4);
        CHECK(mistakes[2].actual == "yes");
        CHECK(mistakes[2].predicted == "no");
        CHECK(mistakes[2].certainty == "70.00 %");
        CHECK(detail::worst_mistakes(report, {}).size() == 4);
        CHECK(detail::worst_mistakes(report, {.mistakes = 0}).empty());
    }

    TEST_CASE("a single output that says no is as certain as it is far from 1") {
        ReportData report = two_classes({0.5, 0.5}, {1});
        report.outputs = matrix(1, {0.2});
        const auto mistakes = detail::worst_mistakes(report, {});
        REQUIRE(mistakes.size() == 1);
        CHECK(mistakes[0].certainty == "80.00 %");
        CHECK(mistakes[0].predicted == "no");
    }

    TEST_CASE("errors of outputs with other units are compared by their own mean error") {
        const auto mistakes =
            detail::worst_mistakes(numbers(2, {1000, 0, 0, 0, 0, 3, 0, not_a_number}, {0, 0, 100, 0, 0, 0, 0, 0}), {});
        REQUIRE(mistakes.size() == 3);
        CHECK(mistakes[0].row == 2);
        CHECK(mistakes[0].predicted == "y1: 3");
        CHECK(mistakes[1].row == 0);
        CHECK(mistakes[2].row == 1);
        const auto single = detail::worst_mistakes(numbers(1, {1, 5, 2}, {1, 1, 4}), {});
        REQUIRE(single.size() == 2);  // the first row has no error
        CHECK(single[0].row == 1);
        CHECK(single[0].certainty == "4");
        CHECK(single[1].certainty == "-2");
    }

    TEST_CASE("rows of weight 0 are no mistakes, and count for no error") {
        ReportData report = two_classes({0.1, 0.9, 0.4, 0.6, 0.8, 0.2}, {0, 0, 0});
        report.weights = RowWeights({0, 2, 1});
        const auto mistakes = detail::worst_mistakes(report, {});
        REQUIRE(mistakes.size() == 1);
        CHECK(mistakes[0].row == 1);

        ReportData errors = numbers(2, {9, 0, 2, 0, 0, 1}, {0, 0, 0, 0, 0, 0});
        errors.weights = RowWeights({0, 1, 1});
        const auto largest = detail::worst_mistakes(errors, {});
        REQUIRE(largest.size() == 2);
        CHECK(largest[0].row == 1);
        CHECK(largest[0].size == largest[1].size);  // 2 among 2 and 0 is as bad as 1 among 0 and 1
    }

    TEST_CASE("images of mistakes are limited by their pixels") {
        const std::vector<detail::Mistake> mistakes(3, detail::Mistake{.actual = "<a>", .predicted = "b"});
        ReportData report = two_classes({0.5, 0.5}, {1});
        report.features = [](std::size_t) { return std::vector<double>(400 * 300, 0.5); };
        const std::string pictures = detail::mistakes_pictures(report, mistakes, {400, 300});
        CHECK(pictures.find("<img") == pictures.rfind("<img"));
        CHECK(contains(pictures, "alt=\"row 0, an image: true &lt;a&gt;, predicted b\""));
    }

    TEST_CASE("the values of a row's columns") {
        const std::vector<double> features{1.25, not_a_number, 0, 1, 0, 0};
        CHECK(detail::input_text({"x", 0, {}}, features) == "1.25");
        CHECK(detail::input_text({"x", 1, {}}, features) == "missing");
        CHECK(detail::input_text({"x", 2, {"a", "b"}}, features) == "b");
        CHECK(detail::input_text({"x", 4, {"a", "b"}}, features) == "none");
    }
}
