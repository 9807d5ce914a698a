#include <doctest/doctest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <typenet/core/error.hpp>

using namespace typenet;

TEST_SUITE("core/error") {
    TEST_CASE_TEMPLATE("every exception is a typenet::Error", E, OptionError, ShapeError, DataError, DivergenceError,
                       FileError) {
        CHECK(std::is_base_of_v<Error, E>);
        CHECK(std::is_convertible_v<E*, std::runtime_error*>);
    }

    TEST_CASE_TEMPLATE("what() returns the given sentence", E, Error, OptionError, ShapeError, DataError,
                       DivergenceError) {
        CHECK_THROWS_WITH_AS(throw E("all is wrong"), "all is wrong", Error);
    }

    TEST_CASE("a FileError begins with the file") {
        CHECK(FileError("a.csv", "is missing").what() == std::string("a.csv: is missing"));
    }

    TEST_CASE("a FileError names the line") {
        CHECK(FileError("a.csv", "is bad", {.line = 3}).what() == std::string("a.csv:3: is bad"));
    }

    TEST_CASE("a FileError names line and column") {
        CHECK(FileError("a.csv", "is bad", {.line = 3, .column = 14}).what() == std::string("a.csv:3:14: is bad"));
    }

    TEST_CASE("a FileError returns file, line and column to programs") {
        const FileError error("a.csv", "is bad", {.line = 3, .column = 14});
        CHECK(error.file() == "a.csv");
        CHECK(error.line() == 3);
        CHECK(error.column() == 14);
    }

    TEST_CASE("a FileError without a place has line and column 0") {
        const FileError error("a.csv", "is bad");
        CHECK(error.line() == 0);
        CHECK(error.column() == 0);
    }

    TEST_CASE("a copy of a FileError says the same") {
        const FileError error("a.csv", "is bad", {.line = 3});
        const FileError copy = error;
        CHECK(copy.what() == std::string(error.what()));
        CHECK(copy.file() == "a.csv");
        CHECK(copy.line() == 3);
    }

    TEST_CASE("an invalid option is named with its owner, value and rule") {
        CHECK_NOTHROW(detail::require_option(true, "Sgd", "momentum", 2, "it must be below 1"));
        CHECK_THROWS_WITH_AS(detail::require_option(false, "Sgd", "momentum", 2, "it must be below 1"),
                             "Sgd: momentum is 2; it must be below 1", OptionError);
    }

    TEST_CASE("an option without an owner is named alone") {
        CHECK_THROWS_WITH_AS(detail::require_count("", "epochs", 0), "epochs is 0; it must be at least 1", OptionError);
    }

    TEST_CASE("each common rule accepts its range and refuses values outside") {
        using Rule = void (*)(std::string_view, std::string_view, double);
        constexpr double infinity = std::numeric_limits<double>::infinity();
        constexpr double nan = std::numeric_limits<double>::quiet_NaN();
        const auto check = [](Rule rule, std::vector<double> good, std::vector<double> bad, const std::string& words) {
            for (const double value : good) CHECK_NOTHROW(rule("Sgd", "x", value));
            for (const double value : bad) {
                const std::string sentence = detail::join({"Sgd: x is ", value, "; ", words});
                CHECK_THROWS_WITH_AS(rule("Sgd", "x", value), sentence.c_str(), OptionError);
            }
        };
        check(detail::require_not_negative, {0, 1e-300, 5}, {-1, 1e39, infinity, nan},
              "it must be at least 0 and finite, as a float too");
        check(detail::require_positive, {1.2e-38, 5}, {0, 1e-45, 1e-60, -1, 1e39, infinity, nan},
              "it must be above 0 and finite, as a float too");
        check(detail::require_fraction, {0, 0.999}, {-0.1, 1 - 1e-9, 1, nan},
              "it must be at least 0 and below 1, as a float too");
        check(detail::require_inner_fraction, {0.001, 0.999}, {0, 1, nan}, "it must be above 0 and below 1");
        check(detail::require_scale, {1.2e-38, -5}, {0, -0.0, 1e-60, -1e-45, 1e39, infinity, nan},
              "it must be finite and not 0, as a float too");
        CHECK_NOTHROW(detail::require_count("Sgd", "x", 1));
    }
}
