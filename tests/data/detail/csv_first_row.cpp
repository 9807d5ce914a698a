#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/detail/csv_first_row.hpp>
#include <typenet/data/detail/csv_reader.hpp>

using namespace typenet;
using detail::CountingRow;
using detail::CsvFirstRow;
using detail::CsvReader;
using detail::WantedColumn;
using Wanted = std::vector<WantedColumn>;

namespace {

/// Reads the first row, and finds the wanted columns in it.
CsvFirstRow first_row_of(std::string_view text, const CsvOptions& options, Wanted& wanted) {
    CsvReader reader(text, "file", options.dialect());
    CsvFirstRow row = detail::read_first_row(reader, options, wanted, options.missing);
    detail::check_found(reader, row, options, wanted);
    return row;
}

std::string message_of(std::string_view text, const CsvOptions& options, Wanted wanted) {
    try {
        (void)first_row_of(text, options, wanted);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

CountingRow counting(const std::vector<std::string>& fields) {
    CountingRow row;
    for (const std::string& field : fields) row.add(field, '.');
    return row;
}

}  // namespace

TEST_SUITE("data/detail/csv_first_row") {
    TEST_CASE("a row of rising whole numbers may be names: the fewer fields, the more regular") {
        CHECK(counting({"0", "1", "2"}));
        CHECK(counting({"", "1", "2", "3"}));
        CHECK(counting({"400", "410", "420", "430"}));
        CHECK(counting({"0", "1", "3", "4", "7"}));
        CHECK_FALSE(counting({"0", "1"}));
        CHECK_FALSE(counting({"2", "3", "4"}));
        CHECK_FALSE(counting({"400", "410", "420"}));
        CHECK_FALSE(counting({"0", "1", "3", "4"}));
        CHECK_FALSE(counting({"0", "1", "1", "2", "3"}));
        CHECK_FALSE(counting({"0.5", "1.5", "2.5", "3.5"}));
        CHECK_FALSE(counting({"a", "b", "c", "d", "e"}));
    }

    TEST_CASE("a row that counts is data where the next one counts, too") {
        CHECK(counting({"0", "1", "2"}).goes_on_in(counting({"1", "2", "3"})));
        CHECK(counting({"400", "410", "420", "430"}).goes_on_in(counting({"1", "5", "6", "7"})));
        CHECK_FALSE(counting({"0", "1", "2"}).goes_on_in(counting({"4", "5", "7"})));
        CHECK_FALSE(counting({"400", "410", "420", "430"}).goes_on_in(counting({"1", "0", "6", "7"})));
    }

    TEST_CASE("a row is a header where a column is wanted by its name, or no field is a number") {
        Wanted none;
        Wanted named{{.which = "1"}};
        CHECK_FALSE(first_row_of("1,2\n", {}, none).is_header);
        CHECK(first_row_of("a,b\n1,2\n", {}, none).is_header);
        CHECK(first_row_of("1,2\n", {}, named).is_header);
        CHECK(first_row_of("1,2\n", {.header = CsvHeader::present}, none).is_header);
        CHECK_FALSE(first_row_of("a,b\n1,2\n", {.header = CsvHeader::absent}, none).is_header);
        CHECK_FALSE(first_row_of("1,2\n", {.column_names = {"a", "b"}}, none).is_header);
    }

    TEST_CASE("a row that may be a header or data is refused") {
        CHECK(message_of("5.1,setosa\n", {}, {{.which = 1, .is_label = true}}) ==
              "file:1:2: \"setosa\" isn't a number, but other fields of the first row are. If it names a class, list "
              "it in the option class_names. If the row is a header, set the option header = CsvHeader::present");
        CHECK(message_of("Tom,5,1\n", {}, {{.which = 2, .is_label = true}}) ==
              "file:1:1: \"Tom\" isn't a number, but other fields of the first row are. Columns of texts can be left "
              "out by ignore_columns. If the row is a header, set the option header = CsvHeader::present");
        CHECK(message_of("0,1,2\n5,3,4\n", {}, {}) ==
              "file:1: the first row may name its columns by numbers. Set the option header = CsvHeader::present if it "
              "is a header, CsvHeader::absent if it is data");
        CHECK(message_of("0,1,2\n1,2,3\n", {}, {}).empty());
        CHECK(message_of("", {}, {}) == "file:1: the file is empty; expected rows of numbers");
    }

    TEST_CASE("columns to ignore, class names and missing values don't make a row a header") {
        constexpr std::array<std::string_view, 1> classes{"cat"};
        const CsvOptions options{.missing = {"?"}};
        Wanted wanted{{.which = 0, .is_label = true, .texts = classes}, {.which = 1, .ignored = true}};
        CHECK_FALSE(first_row_of("cat,Tom,?,1\n", options, wanted).is_header);
        CHECK(first_row_of("dog,Tom,?,?\n", options, wanted).is_header);
        for (const char* const other : {"dog,Tom,?,1\n", "cat,Tom,!,1\n"}) {
            CHECK(message_of(other, options, wanted).find("isn't a number, but other fields of the first row are") !=
                  std::string::npos);
        }
    }

    TEST_CASE("finds columns by index and by name") {
        const char* const text = "a,b,c\n1,2,3\n";
        Wanted wanted{{.which = "c"}, {.which = 0}};
        CHECK(first_row_of(text, {}, wanted).count == 3);
        CHECK(wanted[0].column == 2);
        CHECK(wanted[1].column == 0);
        CHECK(message_of(text, {}, {{.which = 3}}) ==
              "file:1: there is no column 3: the row has 3 columns, which count from 0");
        CHECK(message_of(text, {}, {{.which = "d"}}) ==
              R"(file:1: no column is named "d"; the header has "a", "b", "c")");
        CHECK(message_of("a,a,a,a,a,a,a,a,a,a,a\n", {}, {{.which = "d"}}) ==
              "file:1: no column is named \"d\"; the header has \"a\", \"a\", \"a\", \"a\", \"a\", \"a\", \"a\", "
              "\"a\", \"a\", \"a\", ...");
        CHECK(message_of("a,b,a\n1,2,3\n", {}, {{.which = "a"}}) ==
              "file:1: more than one column is named \"a\". The option column_names can give other names, with "
              "skip_lines = 1");
        CHECK(message_of(text, {.header = CsvHeader::absent}, {{.which = "a"}}) ==
              "file:1: the options name the column \"a\", but there is no header");
    }

    TEST_CASE("names from the options stand for a header") {
        const CsvOptions options{.column_names = {"x", "y"}};
        Wanted wanted{{.which = "y"}};
        CHECK(first_row_of("1,2\n", options, wanted).names == std::vector<std::string>{"x", "y"});
        CHECK(wanted[0].column == 1);
        CHECK(message_of("1,2,3\n", options, wanted) == "file:1: the row has 3 columns, but column_names has 2");
        CHECK(message_of("x,y\n1,2\n", options, wanted) ==
              "file:1: the first row has the names of column_names: leave these out, or set skip_lines = 1");
        CHECK(message_of("1,2\n", options, {{.which = "z"}}) ==
              R"(file:1: no column is named "z"; the header has "x", "y")");
        CHECK(message_of("1,2\n", {.column_names = {"x", "x"}}, {{.which = "x"}}) ==
              "file:1: more than one column is named \"x\". The option column_names can give other names, with "
              "skip_lines = 1");
    }

    TEST_CASE("a missing column is told with what may be wrong") {
        CHECK(message_of("a;b\n1;2\n", {}, {{.which = "b"}}) ==
              "file:1: no column is named \"b\"; the header has \"a;b\". Is the delimiter \";\"?");
        CHECK(message_of("1|2\n", {}, {{.which = 1}}) ==
              "file:1: there is no column 1: the row has 1 column, which count from 0. Is the delimiter \"|\"?");
        CHECK(message_of("# b\n1;2\n", {}, {{.which = "b"}}) ==
              "file:1: no column is named \"b\"; the header has \"# b\". The option comment can be '#'");
        CHECK(message_of("Prices of 2020\na,b\n", {}, {{.which = "b"}}) ==
              "file:1: no column is named \"b\"; the header has \"Prices of 2020\". Is the delimiter \" \"? Or is "
              "this a title, which the option skip_lines skips?");
        CHECK(message_of("Prices\na,b\n", {}, {{.which = "b"}}) ==
              "file:1: no column is named \"b\"; the header has \"Prices\". The option skip_lines skips lines above "
              "the table");
        CHECK(message_of("1,2\n3,4\n", {}, {{.which = "b"}}) ==
              "file:1: no column is named \"b\"; the header has \"1\", \"2\". If the file has no header, the option "
              "column_names gives the names");
    }
}
