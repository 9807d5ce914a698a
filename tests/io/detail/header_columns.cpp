#include <string>
#include <typenet/data/columns.hpp>
#include <typenet/io/detail/header_columns.hpp>
#include <vector>

#include <doctest/doctest.h>

// The functions of exported headers that take columns. Whether they compile and compute what they should is tested in
// tests/interchange.

using namespace typenet;
using detail::argument_names;
using detail::HeaderColumns;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_SUITE("io/detail/header_columns") {
    TEST_CASE("arguments have the columns' names as far as C++ lets them") {
        using Names = std::vector<std::string>;
        CHECK((argument_names({"Age", "fare_2"}) == Names{"Age", "fare_2"}));
        CHECK((argument_names({"hours since service", "$ per m^2", "_id", "a__b"}) ==
               Names{"hours_since_service", "per_m_2", "id", "a_b"}));
        CHECK((argument_names({"class", "2nd", "",
                               "gr\xC3\xB6\xC3\x9F"
                               "e",
                               "?"}) == Names{"column_1", "column_2", "column_3", "gr_e", "column_5"}));
        CHECK(
            (argument_names({"a b", "a-b", "features", "labels"}) == Names{"a_b", "column_2", "column_3", "column_4"}));
        CHECK((argument_names({"NULL", "unix", "max", "INFINITY", "AGE"}) ==
               Names{"column_1", "column_2", "max", "column_4", "AGE"}));
        CHECK((argument_names({"column_2", "?", "column_3", "value"}) ==
               Names{"column_2", "column_3", "column_4", "column_5"}));
    }

    TEST_CASE("there is one argument for each column, of its kind, and none for a Missing beside an Optional") {
        using Row = Columns<Missing<"age">, Number<"fare">, Optional<Number<"age">>, Category<"sex", "m", "f">,
                            Missing<"cabin">>;
        const HeaderColumns<Row> columns;
        CHECK(has(columns.functions(), "Outputs predict(float fare, float age, const char* sex, bool cabin) {"));
        CHECK(has(columns.functions(),
                  "size_t classify(float fare, float age, const char* sex, bool cabin) {"
                  "\n    return class_of((predict)(fare, age, sex, cabin));\n}\n"));
        CHECK(has(columns.functions(), "write_flag(age != age, features + 0)"));
        CHECK(has(columns.functions(), "write_number(fare, features + 1)"));
        CHECK(has(columns.functions(), "write_optional_number(age, features + 2)"));
        CHECK(has(columns.functions(), "write_category<2>(sex, detail::values_3, features + 3)"));
        CHECK(has(columns.functions(), "write_flag(cabin, features + 5)"));
        CHECK(has(columns.functions(), "NaN is a missing value"));
        CHECK(has(HeaderColumns<Columns<Missing<"x">, Optional<Number<"x">>>>().functions(), "predict(float x) {"));
        CHECK_FALSE(has(HeaderColumns<Columns<Number<"x">>>().functions(), "missing"));
    }

    TEST_CASE("many arguments stand below each other") {
        using Row = Columns<Number<"the first of three long names">, Number<"the second of three long names">,
                            Number<"the third of three long names">>;
        CHECK(has(HeaderColumns<Row>().functions(),
                  "constexpr Outputs predict(\n    float the_first_of_three_long_names,\n    float "
                  "the_second_of_three_long_names,\n    float the_third_of_three_long_names) {\n"));
    }

    TEST_CASE("values are listed, those of Other last and unknown") {
        const HeaderColumns<Columns<Number<"x">, Category<"port", "S", "\"", Other>>> columns;
        CHECK(has(columns.data(), R"(inline constexpr const char* values_1[3] = {"S", "\042", ""};)"));
        CHECK(has(columns.functions(), "write_category<2>(port, detail::values_1, features + 1)"));
    }
}
