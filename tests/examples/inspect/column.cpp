#include <initializer_list>
#include <inspect/column.hpp>
#include <string>

#include <doctest/doctest.h>

namespace {

inspect::Column column(const char* name, std::initializer_list<const char*> fields) {
    inspect::Column made(name);
    for (const char* field : fields) made.add(field, '.');
    return made;
}

/// Returns a column with `count` different fields, each twice, after those of another column.
inspect::Column many(inspect::Column made, int count, const std::string& before) {
    for (int i = 0; i < 2 * count; ++i) made.add(before + std::to_string(i / 2), '.');
    return made;
}

}  // namespace

TEST_SUITE("examples/inspect/column") {
    TEST_CASE("a text is written as C++ writes it") {
        CHECK(inspect::literal("a \"b\" \\ \t\n'") == R"("a \"b\" \\ \t\n'")");
        CHECK(inspect::literal("a\r\n1\x1b[\xC3\xA4") == "\"a\\015\\n1\\033[\xC3\xA4\"");
        CHECK(inspect::literal("'", '\'') == R"('\'')");
        CHECK(inspect::literals({"a", "b"}) == R"("a", "b")");
    }

    TEST_CASE("the facts of numbers are count, range and mean") {
        CHECK(column("x", {"1.5", "-2", "2", "2", "1.50"}).facts() == "5 numbers from -2 to 2, mean 1");
        CHECK(column("x", {"10", "2.0", "2"}).facts() == "3 whole numbers from 2 to 10, mean 4.66667; 2 (2), 10 (1)");
        CHECK(column("x", {"1", "NA", "", "3"}).facts() == "2 whole numbers from 1 to 3, mean 2; 2 missing; unique");
        CHECK(column("x", {"7", "7"}).facts() == "2 whole numbers from 7 to 7, mean 7; 7 (2); constant");
    }

    TEST_CASE("the facts of texts are their counts") {
        CHECK(column("x", {"b", "b", "a"}).facts() == "3 texts; a (1), b (2)");
        CHECK(column("x", {"b", "a", "b", "?"}).facts() == "3 texts; a (1), b (2); 1 missing");
        CHECK(column("x", {"b", "a", "c"}).facts() == "3 texts; unique");
        CHECK(column("x", {"1.5", "2.5", "3"}).facts() == "3 numbers from 1.5 to 3, mean 2.33333");
        CHECK(column("x", {"1", "a", "1.0"}).facts() == "2 numbers, 1 texts, such as a; 1 (2), a (1)");
        CHECK(many(column("x", {}), 51, "t").facts() == "102 texts; more than 50 different");
        CHECK(column("x", {"", "NA"}).facts() == "2 missing");
    }

    TEST_CASE("the type of a feature is Number, Optional or Category") {
        CHECK(column("a \"b\"", {"1", "2.5"}).feature_type() == R"(Number<"a \"b\"">)");
        CHECK(column("x", {"1", "2.5", "?"}).feature_type() == R"(Optional<Number<"x">>)");
        CHECK(column("x", {"b", "a", "b"}).feature_type() == R"(Category<"x", "a", "b">)");
        CHECK(column("x", {"b", "", "b"}).feature_type() == R"(Category<"x", "b", Other>)");
    }

    TEST_CASE("a column that is of no use as a feature is left out with a reason") {
        CHECK(column("x", {"1", "2", "4"}).reason_against_feature() == "");
        CHECK(column("x", {"a", "b", "a"}).reason_against_feature() == "");
        CHECK(column("x", {"", ""}).reason_against_feature() == "has no values");
        CHECK(column("x", {"1", "1.0"}).reason_against_feature() == "is constant");
        CHECK(column("x", {"1", ""}).reason_against_feature() == "");
        CHECK(column("x", {"1,234", "12,500", "9,876"}).reason_against_feature() ==
              "has texts that are nearly numbers, such as \"1,234\". Separators of thousands must be removed from the "
              "file. "
              "If the comma is the decimal point, set the option decimal_point");
        CHECK(column("x", {"45%", "6%", "7%"}).reason_against_feature().find("nearly numbers, such as \"45%\"") !=
              std::string::npos);
        CHECK(column("x", {"20240105", "20240301", "20240104"}).reason_against_feature() ==
              "has numbers that are too large, or too close to each other, for floats");
        CHECK(column("x", {"01", "02", "01"}).answer_type() == R"(Label<"x", "01", "02">)");
        CHECK(column("id", {"7", "3", "12"}).reason_against_feature() == "numbers the rows");
        CHECK(column("RowId", {"7", "3", "12"}).reason_against_feature() == "numbers the rows");
        CHECK(column("acid", {"7", "3", "12"}).reason_against_feature() == "");
        CHECK(column("id", {"7", "3", "3"}).reason_against_feature() == "");
        CHECK(column("id", {"7", "3", "4.5"}).reason_against_feature() == "");
        CHECK(column("x", {"3", "1", "2"}).reason_against_feature() == "");
        CHECK(column("x", {"1", "2", "3", "4", "5", "6", "7", "8", "11", "10", "9"}).reason_against_feature() ==
              "numbers the rows");
        CHECK(column("x", {"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "12"}).reason_against_feature() == "");
        CHECK(column("x", {"a", "b", "c"}).reason_against_feature() == "has another text in each row");
    }

    TEST_CASE("numbers that load_csv refuses are left out") {
        const std::string reason = "has numbers that are too large, or too close to each other, for floats";
        CHECK(column("t", {"1500000000", "1500000060"}).reason_against_feature() == reason);
        CHECK(column("t", {"1500000000", "1500000060", "1600000000"}).reason_against_feature() == reason);
        CHECK(column("t", {"1500000000", "1", "1500000060"}).reason_against_feature() == reason);
        CHECK(column("t", {"1500000000", "1600000000", "1600000000"}).reason_against_feature() == "");
        CHECK(column("t", {"1e300", "1"}).reason_against_feature() == reason);
        CHECK(column("t", {"1500000000", "1500000060"}).reason_against_answer() == "it " + reason);
    }

    TEST_CASE("a category has at most 50 texts, beside numbers 20") {
        CHECK(many(column("x", {}), 50, "t").reason_against_feature() == "");
        CHECK(many(column("x", {}), 51, "t").reason_against_feature() == "has more than 50 different texts");
        CHECK(many(column("x", {"unknown"}), 19, "").reason_against_feature() == "");
        CHECK(many(column("x", {"unknown"}), 20, "").reason_against_feature() ==
              "has texts among its numbers, such as \"unknown\". If that means a missing value, list it in the option "
              "missing");
    }

    TEST_CASE("an answer is a label where it holds texts, or few whole numbers") {
        CHECK(column("y", {"b", "a", "b"}).answer_type() == R"(Label<"y", "a", "b">)");
        CHECK(column("y", {"b", "none", "a"}).answer_type() == R"(Label<"y", "a", "b", "none">)");
        CHECK(column("y", {"1", "-1", "1.0"}).answer_type() == R"(Label<"y", "-1", "1">)");
        CHECK(column("y", {"10", "9", "2"}).answer_type() == R"(Label<"y", "2", "9", "10">)");
        CHECK(column("y", {"0", "0.5"}).answer_type() == R"(Target<"y">)");
        CHECK(column("y", {"199500", "249900", "310000"}).answer_type() == R"(Target<"y">)");
        CHECK(column("y", {"2000", "1000", "1000", "2000"}).answer_type() == R"(Label<"y", "1000", "2000">)");
        CHECK(many(column("y", {}), 20, "").holds_class_numbers());
        CHECK_FALSE(many(column("y", {}), 21, "").holds_class_numbers());
    }

    TEST_CASE("an answer is there in all rows, and differs") {
        CHECK(column("y", {"1", "2"}).reason_against_answer() == "");
        CHECK(column("y", {"a", "b", "None"}).reason_against_answer() == "");
        CHECK(column("y", {"1", "2", "?"}).reason_against_answer() == "it is missing in 1 of 3 rows");
        CHECK(column("y", {"a", "", "b", ""}).reason_against_answer() == "it is missing in 2 of 4 rows");
        CHECK(column("y", {"a", "a"}).reason_against_answer() == "it is the same in all rows");
        CHECK(column("y", {"NA", "NA"}).reason_against_answer() == "it is the same in all rows");
        CHECK(many(column("y", {}), 51, "t").reason_against_answer() == "it has too many different texts");
    }
}
