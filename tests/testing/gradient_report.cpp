#include <cmath>
#include <limits>
#include <sstream>
#include <typenet/testing/gradient_report.hpp>

#include <doctest/doctest.h>

using namespace typenet;
using detail::Comparison;

TEST_SUITE("testing/gradient_report") {
    TEST_CASE("the central difference is exact for polynomials up to the fourth degree") {
        const auto f = [](double x) { return 3 + x * (5 + x * (-2 + x * (7 + x))); };
        CHECK(detail::central_difference(f, 0.25) == doctest::Approx(5).epsilon(1e-14));
        const auto shifted = [](double h) { return std::sin(1 + h); };
        CHECK(detail::central_difference(shifted, 1e-3) == doctest::Approx(std::cos(1.0)).epsilon(1e-12));
    }

    TEST_CASE("the report has the largest relative error, and its place") {
        Comparison comparison;
        comparison.add(2, 2, "first");
        comparison.add(1, 1.25, "second");
        comparison.add(-4, -5, "third");
        comparison.add(10, 10.5, "fourth");
        const GradientReport report = comparison.report({.tolerance = 0.1});
        CHECK(report.checked == 4);
        CHECK(report.largest_relative_error == doctest::Approx(0.2));
        CHECK(report.worst == "second");
        CHECK(report.analytic == 1);
        CHECK(report.numeric == 1.25);
        CHECK_FALSE(report);
        CHECK(comparison.report({.tolerance = 0.21}));
    }

    TEST_CASE("tiny derivatives are measured against the largest one") {
        Comparison comparison;
        comparison.add(8, 8, "large");
        comparison.add(0, 0.0008, "tiny");
        CHECK(comparison.report({}).largest_relative_error == doctest::Approx(0.1));
        CHECK(comparison.report({.floor = 0.01}).largest_relative_error == doctest::Approx(0.01));
    }

    TEST_CASE("a NaN fails, wherever it stands, and so does a check of nothing") {
        Comparison comparison;
        comparison.add(1, 5, "wrong");
        comparison.add(std::numeric_limits<double>::quiet_NaN(), 1, "not a number");
        comparison.add(1, 9, "worse");
        const GradientReport report = comparison.report({.tolerance = 100});
        CHECK_FALSE(report);
        CHECK(std::isnan(report.largest_relative_error));
        CHECK(report.worst == "not a number");
        CHECK_FALSE(Comparison().report({}));
    }

    TEST_CASE("a value is varied for the numeric derivative, and restored") {
        double value = 3;
        Comparison comparison;
        comparison.add(
            6, value, 1e-3, [&] { return value * value; }, "square");
        CHECK(value == 3);
        CHECK(comparison.report({.tolerance = 1e-9}));
    }

    TEST_CASE("a report is written as a sentence") {
        Comparison comparison;
        comparison.add(1, 2, "bias [1]");
        std::ostringstream text;
        text << comparison.report({});
        CHECK(text.str() ==
              "failed: 1 derivatives, largest relative error 0.5 at bias [1] (analytic 1, numeric 2, tolerance 1e-06)");
    }
}
