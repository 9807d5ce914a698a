#include <string>
#include <support/reports.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/report/detail/training_section.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using detail::training_section;
using support::contains;
using support::losses;

TEST_SUITE("report/detail/training_section") {
    TEST_CASE("a loss that falls by powers of ten has a logarithmic scale") {
        CHECK(contains(training_section(losses({1, 0.1, 0.01}), {}), "Loss (logarithmic)"));
        CHECK_FALSE(contains(training_section(losses({1, 0.5, 0.2}), {}), "logarithmic"));
        CHECK_FALSE(contains(training_section(losses({1, 0.1, 0}), {}), "logarithmic"));
        CHECK(training_section({}, {}).empty());
    }

    TEST_CASE("a chart says from where to where each line goes") {
        CHECK(contains(training_section(losses({3, 2, 1.5}, {4, 3, 2.5}), {.validation_name = "test"}),
                       "Loss over 3 epochs; training: from 3 to 1.5; test: from 4 to 2.5"));
        const double none = detail::nan<double>;
        CHECK(contains(training_section(losses({1, 0.5}, {none, none}), {}), "; validation: no finite number"));
    }

    TEST_CASE("what a resumed training measures only since then is said and listed from there on") {
        History history = losses({4, 3, 2});
        history.epochs[1].validation_loss = 3.5;
        history.epochs[2].validation_loss = 2.5;
        const std::string section = training_section(history, {});
        CHECK(contains(section, "training: from 4 to 2; validation: from 3.5 to 2.5"));
        CHECK(contains(section, "<th scope=\"row\">1</th><td>4</td><td></td>"));
        CHECK(contains(section, "<th scope=\"row\">2</th><td>3</td><td>3.5</td>"));
        CHECK_FALSE(contains(section, "NaN"));
    }

    TEST_CASE("a field that no epoch has is neither drawn nor listed") {
        const std::string section = training_section(losses({2, 1}), {});
        CHECK(contains(section, "training loss"));
        CHECK_FALSE(contains(section, "ccuracy"));
        CHECK_FALSE(contains(section, "validation"));
    }

    TEST_CASE("the table of many epochs has every so many and the last") {
        const std::string section = training_section(losses(std::vector<double>(1'000, 1.0)), {});
        CHECK(contains(section, "<th scope=\"row\">1</th>"));
        CHECK_FALSE(contains(section, "<th scope=\"row\">2</th>"));
        CHECK(contains(section, "<th scope=\"row\">3</th>"));
        CHECK(contains(section, "<th scope=\"row\">1,000</th>"));
    }
}
