#include <string>
#include <support/reports.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/detail/report_page.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using detail::report_page;
using support::contains;

TEST_SUITE("report/detail/report_page") {
    TEST_CASE("a page has the parts that fit what the outputs mean") {
        const std::string classes = report_page(support::two_classes({0.9, 0.1, 0.2, 0.8}, {0, 1}), {}, {});
        CHECK(contains(classes, "<h2>Classes, by 2 validation rows</h2>"));
        CHECK_FALSE(contains(classes, "<h2>Predictions"));
        CHECK_FALSE(contains(classes, "<h2>Most confident mistakes"));  // there are none
        const std::string numbers = report_page(support::numbers(1, {1, 2}, {1, 3}), {}, {});
        CHECK(contains(numbers, "<h2>Predictions, by 2 validation rows</h2>"));
        CHECK(contains(numbers, "<h2>Largest errors</h2>"));
        CHECK_FALSE(contains(numbers, "<h2>Classes"));
        detail::ReportData report = support::two_classes({0.9, 0.2}, {});
        report.task = detail::Task::questions;
        report.targets = support::matrix(2, {1, 0});
        CHECK(contains(report_page(report, {}, {}), "<h2>Outputs, by 1 validation row</h2>"));
    }

    TEST_CASE("the numbers that one looks for first") {
        const auto has = [](const std::string& page, const std::string& name, const std::string& value) {
            return contains(page, "<dt>" + name + "</dt><dd>" + value + "</dd>");
        };
        const std::string classes = report_page(
            support::two_classes({0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.7, 0.3}, {0, 1, 1, 0}), support::losses({2, 1}), {});
        CHECK(has(classes, "accuracy", "75.00 %"));
        CHECK(has(classes, "mean F1", "73.33 %"));
        CHECK(has(classes, "area under ROC", "1.0000"));
        CHECK(has(classes, "epochs", "2"));
        const std::string numbers = report_page(support::numbers(1, {1, 2}, {1, 4}), {}, {});
        CHECK(has(numbers, "root mean square error", "1.414"));
        CHECK(has(numbers, "mean absolute error", "1"));
        CHECK_FALSE(contains(numbers, "<dt>epochs</dt>"));
    }

    TEST_CASE("texts of the options are shown, escaped") {
        const std::string page = report_page(
            support::two_classes({0.9, 0.1}, {0}), {},
            {.title = "A & B", .data_name = "test", .settings = {{"seed", "<7>"}}, .command = "train \"x\""});
        CHECK(contains(page, "<h1>A &amp; B</h1>"));
        CHECK(contains(page, "net, tried on 1 test row<"));
        CHECK(contains(page, "<th scope=\"row\">seed</th><td>&lt;7&gt;</td>"));
        CHECK(contains(page, "Command: <code>train &quot;x&quot;</code>"));
    }
}
