#include <string>
#include <typenet/core/finite.hpp>
#include <typenet/report/detail/chart.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;
using namespace typenet::detail::chart;

namespace {

std::vector<std::string> texts(const Axis& axis) {
    std::vector<std::string> all;
    for (const Tick& tick : axis.ticks()) all.push_back(tick.text);
    return all;
}

Axis linear(double low, double high, Unit unit = Unit::number) { return {{low, high}, chart::Scale::linear, unit}; }
Axis logarithmic(double low, double high) { return {{low, high}, chart::Scale::logarithmic, Unit::number}; }

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t i = text.find(part); i != std::string::npos; i = text.find(part, i + 1)) ++found;
    return found;
}

LineChart two_lines(std::vector<double> training, std::vector<double> validation) {
    std::vector<double> epochs;
    for (std::size_t i = 1; i <= training.size(); ++i) epochs.push_back(static_cast<double>(i));
    return {.title = "Loss",
            .x_name = "epoch",
            .description = "how it went",
            .lines = {{"training", 'a', epochs, std::move(training)}, {"test", 'b', epochs, std::move(validation)}}};
}

}  // namespace

TEST_SUITE("report/detail/chart") {
    using Texts = std::vector<std::string>;

    TEST_CASE("the range of finite numbers") {
        CHECK_FALSE(range_of(std::vector<double>{}));
        CHECK_FALSE(range_of(std::vector{detail::nan<double>, detail::infinity<double>}));
        const auto range = range_of(std::vector{3.0, detail::nan<double>, -1.0, detail::infinity<double>});
        REQUIRE(range);
        CHECK(range->low == -1);
        CHECK(range->high == 3);
        const auto wide = range_of(std::vector{-1.7e308, 1.7e308});
        REQUIRE(wide);
        CHECK(detail::is_finite(wide->high - wide->low));
    }

    TEST_CASE("ticks are round numbers") {
        CHECK(tick_step(10, 5) == 2);
        CHECK(tick_step(0.3, 5) == doctest::Approx(0.1));
        CHECK(tick_step(45, 5) == 10);
        CHECK(texts(linear(0, 1)) == Texts{"0", "0.2", "0.4", "0.6", "0.8", "1.0"});
        CHECK(texts(linear(-3, 12)) == Texts{"-5", "0", "5", "10", "15"});
        CHECK(texts(linear(0.922, 0.998, Unit::percent)) == Texts{"92 %", "94 %", "96 %", "98 %", "100 %"});
        CHECK(texts(linear(1, 3, Unit::whole)) == Texts{"1", "2", "3"});
        CHECK(texts(linear(0, 3e9)) == Texts{"0", "1e9", "2e9", "3e9"});
    }

    TEST_CASE("an axis maps its range to 0 ... 1") {
        const Axis axis = linear(3, 97);
        CHECK(axis.range().low == 0);
        CHECK(axis.range().high == 100);
        CHECK(axis(0) == 0);
        CHECK(axis(25) == doctest::Approx(0.25));
        CHECK(axis(100) == 1);
        const Axis exact({3, 97}, chart::Scale::linear, Unit::number, 5, true);
        CHECK(exact(3) == 0);
        CHECK(exact(97) == 1);
        CHECK(texts(exact) == Texts{"20", "40", "60", "80"});
    }

    TEST_CASE("numbers that are all the same have an axis around them") {
        for (const double value : {0.0, 5.0, -2e-7, 1e12}) {
            const Axis axis = linear(value, value);
            CAPTURE(value);
            CHECK(axis(value) == doctest::Approx(0.5).epsilon(0.2));
            CHECK(axis.ticks().size() >= 2);
            CHECK(axis.ticks().size() < 8);
        }
    }

    TEST_CASE("a logarithmic axis has powers of ten, and what is between them where there are few") {
        CHECK(texts(logarithmic(0.0009, 0.9)) == Texts{"0.001", "0.01", "0.1", "1"});
        CHECK(texts(logarithmic(0.03, 0.9)) == Texts{"0.02", "0.05", "0.1", "0.2", "0.5", "1"});
        CHECK(texts(logarithmic(1e-12, 1)).size() <= 6);
        const Axis axis = logarithmic(0.01, 100);
        CHECK(axis(0.01) == doctest::Approx(0));
        CHECK(axis(1) == doctest::Approx(0.5));
        CHECK(axis(100) == doctest::Approx(1));
        CHECK_FALSE(axis.shows(0));
        CHECK_FALSE(axis.shows(-1));
        CHECK(axis.shows(2));
        CHECK_FALSE(linear(0, 1).shows(detail::nan<double>));
        CHECK(linear(0, 1).shows(0));
    }

    TEST_CASE("a chart of lines has a legend, and a text for those who don't see it") {
        const std::string chart = line_chart(two_lines({3, 2, 1}, {4, 3, 2}));
        CHECK(count(chart, "<figure>") == 1);
        CHECK(chart.find("<strong>Loss</strong>") != std::string::npos);
        CHECK(chart.find("<i class=\"a\"></i>training") != std::string::npos);
        CHECK(chart.find("<i class=\"b\"></i>test") != std::string::npos);
        CHECK(chart.find("role=\"img\"") != std::string::npos);
        CHECK(chart.find("aria-label=\"how it went\"><title>how it went</title>") != std::string::npos);
        CHECK(count(chart, "class=\"line ") == 2);
    }

    TEST_CASE("a line has a gap where a number isn't finite, and a dot between two gaps") {
        const Axis axis({0, 10}, chart::Scale::linear, Unit::number);
        const Frame frame;
        const auto path_of = [&](std::vector<double> y) {
            std::vector<double> x;
            for (std::size_t i = 0; i < y.size(); ++i) x.push_back(static_cast<double>(i));
            return line_path(frame, axis, axis, {"", 'a', x, y});
        };
        const std::string whole = path_of({1, 2, 3, 4});
        CHECK(count(whole, "M") == 1);
        CHECK(count(whole, "L") == 3);
        CHECK(count(whole, "h0") == 0);
        const std::string broken = path_of({1, 2, detail::nan<double>, 4, detail::infinity<double>, 6, 7});
        CHECK(count(broken, "M") == 3);
        CHECK(count(broken, "L") == 2);
        CHECK(count(broken, "h0") == 1);
        CHECK(path_of({5}) == "M" + point(frame, axis(0), axis(5)) + "h0");
        CHECK(path_of({detail::nan<double>}).empty());
    }

    TEST_CASE("a long line is thinned, and ends at its last point") {
        const Axis axis({0, 10'000}, chart::Scale::linear, Unit::number);
        std::vector<double> x;
        for (int i = 0; i < 9'999; ++i) x.push_back(i);
        const std::string path = line_path({}, axis, axis, {"", 'a', x, x});
        CHECK(count(path, "L") < 1001);
        CHECK(count(path, "L") > 900);
        CHECK(path.ends_with("L" + point({}, axis(9'998), axis(9'998))));
    }

    TEST_CASE("a chart without a finite number is none") {
        CHECK(line_chart(two_lines({detail::nan<double>}, {detail::nan<double>})).empty());
        CHECK(line_chart(two_lines({}, {})).empty());
        CHECK(point_chart({.title = "Points"}).empty());
    }

    TEST_CASE("points have a diagonal, or a line at 0") {
        const std::string square =
            point_chart({.title = "P", .x = {1, 2, detail::nan<double>}, .y = {3, 4, 5}, .is_square = true});
        CHECK(count(square, "h0") == 2);
        const Frame frame{.height = 330};
        CHECK(square.find("d=\"M" + point(frame, 0, 0) + "L" + point(frame, 1, 1)) != std::string::npos);
        const Axis both({1, 5}, chart::Scale::linear, Unit::number);
        CHECK(square.find("M" + point(frame, both(1), both(3)) + "h0") != std::string::npos);
        const std::string residuals = point_chart({.title = "P", .x = {1, 2}, .y = {3, 4}});
        CHECK(residuals.find("d=\"M" + point(frame, 0, 0) + "L" + point(frame, 1, 0)) != std::string::npos);
    }

    TEST_CASE("a histogram counts each number once") {
        Histogram histogram{.range = {0, 48}};
        for (const double value : {0.0, 0.5, 1.0, 47.5, 48.0}) histogram.add(value);
        CHECK(histogram.counts[0] == 2);
        CHECK(histogram.counts[1] == 1);
        CHECK(histogram.counts[47] == 2);
        Histogram same{.range = {3, 3}};
        same.add(3);
        CHECK(same.counts[24] == 1);
        const std::string chart = histogram_chart("Outputs", "5 % are 0", "output", histogram, 'b');
        CHECK(count(chart, "v-") == 3);
        CHECK(chart.find("Outputs, histogram from 0 to 48; 5 % are 0") != std::string::npos);
        CHECK(count(histogram_chart("None", "", "x", {.range = {0, 0}}), "v-") == 0);
    }
}
