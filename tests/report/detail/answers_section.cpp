#include <cstddef>
#include <cstdint>
#include <string>
#include <support/reports.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/report/detail/answers_section.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using detail::ReportData;
using support::contains;
using support::matrix;
using support::two_classes;

namespace {

constexpr double not_a_number = detail::nan<double>;

std::string classes_of(const ReportData& report) {
    return detail::classes_section(report, detail::classify(report), {});
}

}  // namespace

TEST_SUITE("report/detail/answers_section") {
    TEST_CASE("the class of outputs") {
        CHECK(detail::class_of(std::vector{0.2, 0.5, 0.3}) == 1);
        CHECK(detail::class_of(std::vector{0.5, 0.5}) == 0);
        CHECK(detail::class_of(std::vector{0.5}) == 1);
        CHECK(detail::class_of(std::vector{0.49}) == 0);
        CHECK(detail::class_of(std::vector{0.5, not_a_number}) == -1);
    }

    TEST_CASE("rows without a class are mistakes, and left out of what is about classes") {
        const detail::Classified rows =
            detail::classify(two_classes({0.9, 0.1, not_a_number, 0.5, 0.2, 0.8, 0.7, 0.3}, {0, 0, 1, 1}));
        CHECK(rows.accuracy == 0.5);
        CHECK(rows.rows == 3);
        CHECK(rows.without_class == 1);
        CHECK(rows.counts == matrix(2, {1, 0, 1, 1}));
        CHECK(rows.scores[1].recall == 0.5);
        REQUIRE(rows.roc);
        CHECK(rows.roc->area == 1);  // 0.8 and 0.3 are above 0.1
    }

    TEST_CASE("rows of weight 0 count nowhere") {
        ReportData report = two_classes({0.9, 0.1, 0.1, 0.9, 0.2, 0.8, not_a_number, 1}, {0, 0, 1, 1});
        report.weights = RowWeights({1, 0, 3, 0});
        const detail::Classified rows = detail::classify(report);
        CHECK(rows.accuracy == 1);
        CHECK(rows.rows == 2);
        CHECK(rows.without_class == 0);
        CHECK(rows.counts ==
              matrix(2, {static_cast<double>(report.weights[0]), 0, 0, static_cast<double>(report.weights[2])}));
    }

    TEST_CASE("without a row that has a class, there are no classes to show") {
        const ReportData report = two_classes({not_a_number, 1}, {0});
        const detail::Classified rows = detail::classify(report);
        CHECK(rows.rows == 0);
        CHECK(rows.scores.size() == 2);
        CHECK(classes_of(report).empty());
    }

    TEST_CASE("the ROC curve needs rows of both classes") {
        CHECK(detail::classify(two_classes({0.9, 0.1, 0.2, 0.8}, {0, 1})).roc);
        CHECK_FALSE(detail::classify(two_classes({0.9, 0.1, 0.2, 0.8}, {0, 0})).roc);
        CHECK(contains(classes_of(two_classes({0.9, 0.1, 0.2, 0.8}, {0, 1})), "ROC curve, area 1.0000"));
        CHECK_FALSE(contains(classes_of(two_classes({0.9, 0.1, 0.2, 0.8}, {0, 0})), "ROC"));
    }

    TEST_CASE("more classes than a matrix can show become pairs that are confused") {
        const ReportData two = two_classes({0.9, 0.1, 0.1, 0.9}, {0, 0});
        CHECK(contains(classes_of(two), "Rows by true class"));
        ReportData report = two;
        report.outputs = xt::zeros<double>({3, 50});
        for (const std::size_t row : {0U, 1U, 2U}) report.outputs(row, 7) = 1;
        report.labels = {49, 7, 49};
        report.names.assign(50, "");
        for (std::size_t c = 0; c < 50; ++c) report.names[c] = "class " + std::to_string(c);
        const std::string section = classes_of(report);
        CHECK_FALSE(contains(section, "Rows by true class"));
        CHECK(contains(section, "<th scope=\"row\">class 49</th><td>class 7</td><td>2</td>"));
    }

    TEST_CASE("outputs that say yes or no have scores each") {
        ReportData report = two_classes({0.9, 0.2, 0.6, not_a_number, 0.1, 0.7}, {});
        report.task = detail::Task::questions;
        report.targets = matrix(2, {1, 0, 0, 0, 0, 1});
        report.names = {"first", "second"};
        const std::string section = detail::questions_section(report, {});
        CHECK(contains(section,
                       "<th scope=\"row\">first</th><td>50.00 %</td><td>100.00 %</td><td>66.67 %</td>"
                       "<td>1.0000</td><td>1</td>"));
        // A NaN is no yes, and scores that have one have no curve.
        CHECK(contains(section,
                       "<th scope=\"row\">second</th><td>100.00 %</td><td>100.00 %</td><td>100.00 %</td>"
                       "<td></td><td>1</td>"));
    }

    TEST_CASE("outputs that are numbers have errors each, in the order of the outputs") {
        const ReportData report = support::numbers(2, {1, 5, 3, 5}, {1, 6, 3, 8});
        const std::string section = detail::numbers_section(report, {});
        CHECK(contains(section, "<th scope=\"row\">y0</th><td>1.0000</td><td>0</td><td>0</td><td>2</td>"));
        CHECK(contains(section, "<th scope=\"row\">y1</th><td>-4.0000</td><td>2.236</td><td>2</td><td>7</td>"));
        CHECK(contains(section, "mean -2, deviation 1<"));  // predicted minus true: -1 and -3
    }

    TEST_CASE("predictions that are not finite break nothing") {
        CHECK(contains(detail::numbers_section(support::numbers(1, {not_a_number, 1}, {1, 1}), {}), "NaN"));
    }
}
