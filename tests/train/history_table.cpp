#include <cstddef>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <support/comma_locale.hpp>
#include <typenet/core/text.hpp>
#include <typenet/train/history_table.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// Four epochs of a classification with validation rows; the third is the best.
History four_epochs() {
    return {{{1, 0.99141, 0.5396, 0.59768, 0.7667, 0.01, 12.344},
             {2, 0.51529, 0.80625, 0.41106, 0.8667, 0.0075, 9.5},
             {3, 0.20391, 0.99791, 0.09501, 1.0, 0.0025, 9.871},
             {4, 0.1, 1.0, 0.0951, 0.99, 1.25e-6, 10}}};
}

/// Epochs with these losses and nothing else.
History losses(const std::vector<double>& values) {
    History history;
    for (const double loss : values) history.epochs.push_back({.epoch = history.epochs.size() + 1, .loss = loss});
    return history;
}

std::string table(const History& history, std::size_t limit = unlimited) {
    return detail::history_table(history, limit);
}

/// Returns the epochs that are shown of so many, when the best one has this index.
std::vector<std::size_t> shown(std::size_t count, std::size_t best = 0) { return detail::shown_epochs(count, best); }

}  // namespace

TEST_SUITE("train/history_table") {
    TEST_CASE("each epoch is a line with what its record has, and the one of the lowest validation loss is marked") {
        CHECK(table(four_epochs()) ==
              "                         validation  validation  learning\n"
              "epoch    loss  accuracy        loss    accuracy      rate  seconds\n"
              "    1  0.9914   53.96 %      0.5977     76.67 %      0.01    12.34\n"
              "    2  0.5153   80.62 %      0.4111     86.67 %    0.0075     9.50\n"
              "    3  0.2039   99.79 %      0.0950    100.00 %    0.0025     9.87  best\n"
              "    4  0.1000  100.00 %      0.0951     99.00 %  1.25e-06    10.00\n");
    }

    TEST_CASE("the table has decimal points in every locale") {
        const std::string expected = table(four_epochs());
        const support::CommaLocale locale;
        CHECK(table(four_epochs()) == expected);
    }

    TEST_CASE("without validation rows there are fewer columns, and the lowest loss is marked") {
        History history = four_epochs();
        for (EpochRecord& epoch : history.epochs)
            epoch.accuracy = epoch.validation_loss = epoch.validation_accuracy = {};
        history.epochs[2].loss = 0.05;
        CHECK(table(history) ==
              "               learning\n"
              "epoch    loss      rate  seconds\n"
              "    1  0.9914      0.01    12.34\n"
              "    2  0.5153    0.0075     9.50\n"
              "    3  0.0500    0.0025     9.87  best\n"
              "    4  0.1000  1.25e-06    10.00\n");
    }

    TEST_CASE("what an epoch has not measured is a dash, and a loss of NaN is never the best") {
        History history = losses({undefined, -undefined, 2});
        history.epochs[1].validation_loss = 0.5;
        history.epochs[2].validation_loss = undefined;
        CHECK(table(history) ==
              "               validation  learning\n"
              "epoch    loss        loss      rate  seconds\n"
              "    1     nan           -         0     0.00\n"
              "    2     nan      0.5000         0     0.00  best\n"
              "    3  2.0000         nan         0     0.00\n");
        CHECK(table(losses({undefined, undefined})).find("best") == std::string::npos);
    }

    TEST_CASE("losses have one format a column, with at least three digits") {
        const auto has_format = [](const std::vector<double>& values, detail::NumberFormat expected) {
            std::vector<std::optional<double>> numbers(values.begin(), values.end());
            CHECK(detail::loss_format(numbers) == expected);
        };
        has_format({}, detail::decimals(4));
        has_format({0, 0.01, 999'999, undefined}, detail::decimals(4));
        has_format({0.5, 0.00999}, detail::decimals(6));
        has_format({0.5, -0.0001}, detail::decimals(6));
        has_format({0.5, 0.0000999}, detail::with_exponent(3));
        has_format({0.5, -1e6}, detail::with_exponent(3));
        CHECK(detail::cell_text(6.25e7, detail::with_exponent(3)) == "6.250e+07");
        CHECK(detail::cell_text({}, detail::decimals(4)) == "-");
    }

    TEST_CASE("in a narrow window the columns that are needed least are left out") {
        const auto heading = [](std::size_t limit) {
            const std::string text = table(four_epochs(), limit);
            const std::size_t second = text.find('\n') + 1;
            return text.substr(second, text.find('\n', second) - second);
        };
        CHECK(heading(73) == "epoch    loss  accuracy        loss    accuracy      rate  seconds");
        CHECK(heading(72) == "epoch    loss  accuracy        loss    accuracy      rate");
        CHECK(heading(63) == "epoch    loss  accuracy        loss    accuracy");
        CHECK(heading(53) == "epoch    loss        loss    accuracy");
        CHECK(heading(43) == "epoch    loss        loss");
        CHECK(heading(32) == "epoch    loss        loss");
        CHECK(table(four_epochs(), 31) ==
              "       validation\n"
              "epoch        loss\n"
              "    1      0.5977\n"
              "    2      0.4111\n"
              "    3      0.0950  best\n"
              "    4      0.0951\n");
        CHECK(heading(18) == "epoch        loss");
        CHECK(table(four_epochs(), 23).find("best") == std::string::npos);
        CHECK(table(four_epochs(), 17).empty());
        CHECK(table(four_epochs(), 0).empty());
    }

    TEST_CASE("of more than 12 epochs, the first, the last, the best and those of round numbers are shown") {
        using Indices = std::vector<std::size_t>;
        CHECK(shown(0).empty());
        CHECK(shown(1) == Indices{0});
        CHECK(shown(12) == Indices{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
        CHECK(shown(13) == Indices{0, 1, 3, 5, 7, 9, 11, 12});
        CHECK(shown(30, 22) == Indices{0, 4, 9, 14, 19, 22, 24, 29});
        CHECK(shown(250) == Indices{0, 49, 99, 149, 199, 249});
        for (std::size_t count = 1; count < 3000; ++count) {
            CAPTURE(count);
            REQUIRE(shown(count, count / 2).size() <= 12);
            REQUIRE((count < 5 || shown(count, count / 2).size() >= 5));
        }
        const std::string text = table(losses(std::vector<double>(13, 0.5)));
        CHECK(text.find("\n   13  0.5000") != std::string::npos);
        CHECK(text.find("\n   11  0.5000") == std::string::npos);
    }

    TEST_CASE("a table on a stream that is no terminal has all columns") {
        std::ostringstream out;
        write_table(out, four_epochs());
        CHECK(out.str() == table(four_epochs()));
        out.str("");
        write_table(out, {});
        CHECK(out.str().empty());
    }
}
