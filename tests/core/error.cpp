#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <type_traits>

#include <typenet/core/error.hpp>

using namespace typenet;

TEST_SUITE("core/error") {
    TEST_CASE_TEMPLATE("every exception is a typenet::Error", E, OptionError, ShapeError, DataError, DivergenceError,
                       FileError) {
        CHECK(std::is_base_of_v<Error, E>);
        CHECK(std::is_convertible_v<E*, std::runtime_error*>);
    }

    TEST_CASE_TEMPLATE("what() is the sentence given", E, Error, OptionError, ShapeError, DataError, DivergenceError) {
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

    TEST_CASE("a FileError keeps its place for programs") {
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

    TEST_CASE("a FileError keeps all it says when it is copied") {
        const FileError error("a.csv", "is bad", {.line = 3});
        const FileError copy = error;
        CHECK(copy.what() == std::string(error.what()));
        CHECK(copy.file() == "a.csv");
        CHECK(copy.line() == 3);
    }

    TEST_CASE("an option that isn't good is named with its owner, value and rule") {
        CHECK_NOTHROW(detail::require_option(true, "Sgd", "momentum", 2, "it must be below 1"));
        CHECK_THROWS_WITH_AS(detail::require_option(false, "Sgd", "momentum", 2, "it must be below 1"),
                             "Sgd: momentum is 2; it must be below 1", OptionError);
    }
}
