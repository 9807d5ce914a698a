#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/data/csv.hpp>
#include <typenet/data/csv_options.hpp>

#include "../support/temporary_file.hpp"

using namespace typenet;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

template <std::size_t F, class Target = Labels>
Dataset<F, Target> load(std::string_view text, const CsvOptions& options = {}) {
    const support::TemporaryDirectory directory;
    return load_csv<F, Target>(directory.write("data.csv", text), options);
}

template <std::size_t F>
std::string message_of(std::string_view text, const CsvOptions& options) {
    try {
        (void)load<F>(text, options);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_SUITE("data/csv_options") {
    TEST_CASE("a column is an index or a name") {
        const CsvColumn by_index = 3;
        CHECK(by_index.index() == 3);
        CHECK_FALSE(by_index.name().has_value());
        const CsvColumn by_name = "price";
        CHECK(by_name.name() == "price");
    }

    TEST_CASE("invalid options are refused") {
        const char* const text = "1,2,3\n";
        CHECK_NOTHROW((void)load<2>(text, {.scale = -1, .minimum = 2, .maximum = 3}));
        for (const double scale : {0.0, infinity, std::numeric_limits<double>::quiet_NaN()}) {
            CHECK_THROWS_WITH_AS((void)load<2>(text, {.scale = static_cast<float>(scale)}),
                                 doctest::Contains("load_csv: scale is "), OptionError);
        }
        for (const char delimiter : std::string_view("\"0123456789+-.eE\r\n\0", 19)) {
            CAPTURE(delimiter);
            CHECK_THROWS_AS((void)load<2>(text, {.delimiter = delimiter}), OptionError);
        }
        CHECK_THROWS_AS((void)load<2>(text, {.minimum = 2, .maximum = 1}), OptionError);
        CHECK_THROWS_AS((void)load<2>(text, {.minimum = std::numeric_limits<double>::quiet_NaN()}), OptionError);
        CHECK_THROWS_WITH_AS((void)CsvColumn(-1), "there is no column -1: columns count from 0", OptionError);
    }

    TEST_CASE("target_columns must name K different columns, and are only for Targets") {
        const char* const text = "a,b,c\n1,2,3\n";
        CHECK(load<1, Targets<2>>(text, {.target_columns = {0, 2}}).size() == 1);
        CHECK_THROWS_WITH_AS((load<1, Targets<2>>(text, {.target_columns = {0}})),
                             "load_csv: Targets<2> needs 2 target_columns; there are 1", OptionError);
        CHECK_THROWS_AS((load<1, Targets<2>>(text)), OptionError);
        CHECK_THROWS_AS((load<1, Targets<2>>(text, {.target_columns = {0, 0}})), OptionError);
        CHECK_THROWS_AS((load<1, Targets<2>>(text, {.target_columns = {0, "a"}})), OptionError);
        CHECK_THROWS_AS((load<1, Targets<2>>(text, {.target_columns = {0, 2}, .classes = 3})), OptionError);
        CHECK_THROWS_AS((void)load<2>(text, {.target_columns = {0}}), OptionError);
    }

    TEST_CASE("columns can be left out by index or name, whatever they hold") {
        const char* const text = "id,when,a,y\n17,2024-01-03,1.5,0\n18,,2.5,1\n";
        const auto data = load<1>(text, {.label_column = "y", .ignore_columns = {"id", 1}});
        CHECK(data.row(0)(0) == 1.5F);
        CHECK(data.row(1)(0) == 2.5F);
        CHECK(data.label(1) == 1);
        CHECK(load<1>("17,x,1.5,0\n", {.label_column = 3, .ignore_columns = {0, 1}}).size() == 1);
        // A row that is long enough for CsvIntegers.
        const auto row =
            load<9>("77,1,88,2,3,4,5,6,7,8,9,99,0\n", {.label_column = 12, .ignore_columns = {0, 2, 11}}).row(0);
        CHECK((row == Vector<float, 9>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
        CHECK(message_of<2>(text, {.label_column = "y", .ignore_columns = {"id"}})
                  .find(":2:2: \"2024-01-03\" isn't a number. The option missing lists texts for missing values, "
                        "ignore_columns the columns to leave out") != std::string::npos);
    }

    TEST_CASE("class names turn texts into labels, in the order of the names") {
        const CsvOptions options{.label_column = "y", .class_names = {"cat", "dog", "True"}};
        const auto data = load<1>("a,y\n1,dog\n2,True\n3,\"cat\"\n", options);
        CHECK(data.targets().values() == std::vector<std::int32_t>{1, 2, 0});
        CHECK(data.class_names() == options.class_names);
        CHECK(message_of<1>("a,y\n1,dog\n2,cow\n", options)
                  .ends_with(":3:2: the label \"cow\" isn't among the classes: \"cat\", \"dog\", \"True\""));
        CHECK(message_of<1>("a,y\n1,\n", options)
                  .ends_with(":2:2: the label \"\" isn't among the classes: \"cat\", \"dog\", \"True\""));
        CHECK(message_of<1>("a,y\n1,dog\n", {.label_column = "y"})
                  .ends_with(":2:2: the label \"dog\" isn't a number. The option class_names gives the texts of the "
                             "classes"));
        CHECK(load<1>("1,2\n", {.label_column = 0, .classes = 2, .class_names = {"1", "2"}}).label(0) == 0);
        CHECK_THROWS_WITH_AS((void)load<1>("1,2\n", {.classes = 3, .class_names = {"1", "2"}}),
                             "load_csv: classes isn't the number of class_names", OptionError);
        CHECK_THROWS_WITH_AS((load<1, Targets<1>>("1,2\n", {.target_columns = {0}, .class_names = {"1", "2"}})),
                             "load_csv: classes and class_names are for labels", OptionError);
    }

    TEST_CASE("missing features become NaN where the options list their texts, and only there") {
        const char* const text = "y,a,b\n0,1,NA\n1,,4\n";
        const auto data = load<2>(text, {.label_column = "y", .missing = {"", "NA"}});
        CHECK(data.row(0)(0) == 1);
        CHECK(std::isnan(data.row(0)(1)));
        CHECK(std::isnan(data.row(1)(0)));
        CHECK(data.row(1)(1) == 4);
        CHECK(message_of<2>(text, {.label_column = "y", .missing = {"NA"}}).find(":3:2: the field is empty") !=
              std::string::npos);
        CHECK(message_of<2>("y,a,b\n,1,1\n", {.label_column = "y", .missing = {""}}).find(":2:1: the field is empty") !=
              std::string::npos);
        const auto numbers = load<1>("0,7\n0,-1\n0,-1.0\n0,-1.5\n", {.missing = {"-1", "?"}});
        CHECK(std::isnan(numbers.row(1)(0)));
        CHECK(std::isnan(numbers.row(2)(0)));
        CHECK(numbers.row(3)(0) == -1.5F);
    }

    TEST_CASE("lines at the top and comments are skipped, and count in an error's line number") {
        const CsvOptions options{.label_column = "y", .comment = '#', .skip_lines = 2};
        const char* const text = "An export,\n\n# units: mm\na,y\n1,0\n#2,0\n# the end\n3,1\n#\n\n# more\n";
        const auto data = load<1>(text, options);
        CHECK(data.targets().values() == std::vector<std::int32_t>{0, 1});
        CHECK(message_of<1>("t\n\n#\na,y\n1,0\n#2,0\nx,1\n", options).find(":7:1: \"x\" isn't a number") !=
              std::string::npos);
        CHECK(message_of<1>("t\n", options).ends_with(":1: the file is empty; expected rows of numbers"));
        CHECK(message_of<1>("t\n\na,y\n# 1,0", options).ends_with(": there are no rows after the header"));
        CHECK(message_of<1>("t\n\na,y\n1,0\n\n#\n2,0\n", options).find(":5:1: the line is blank") != std::string::npos);
        const CsvOptions named{
            .label_column = "y", .class_names = {"0 # no comment", "1"}, .header = CsvHeader::present, .comment = '#'};
        CHECK(load<1>("a,y\n1,0 # no comment\n", named).size() == 1);
    }

    TEST_CASE("a space as the delimiter stands for any run of spaces and tabs") {
        const char* const text = " 0.5  20.50 \t 3\n1\t2   4 \t\r\n\"1\"\t\"2\" \"5\"\n  \n";
        const auto data = load<2>(text, {.label_column = 2, .delimiter = ' '});
        CHECK(data.targets().values() == std::vector<std::int32_t>{3, 4, 5});
        CHECK(data.row(0)(1) == 20.5F);
        CHECK(data.row(1)(0) == 1);
        CHECK(data.row(2)(1) == 2);
        CHECK(message_of<2>("1 2 3\n1 2 \n", {.delimiter = ' '})
                  .ends_with(":2:3: the row has fewer fields than the first row, which has 3"));
        CHECK(message_of<2>("1 2 3\n1 2 3 4\n", {.delimiter = ' '})
                  .ends_with(":2:4: the row has more fields than the first row, which has 3"));
        std::string row = "0";
        for (int i = 0; i < 40; ++i) row += " 1";
        CHECK(load<40>(row + " \n" + row, {.delimiter = ' '}).size() == 2);
        CHECK(message_of<40>(row + "\n" + row.substr(0, 40) + " \n", {.delimiter = ' '}).find("fewer fields") !=
              std::string::npos);
    }

    TEST_CASE("the decimal point may be a comma") {
        const CsvOptions options{.label_column = 1, .delimiter = ';', .decimal_point = ','};
        const auto data = load<2>("1,5;0,0;-2,25e1\n123456789,0625;1;12345678901234567890,5\n", options);
        CHECK(data.row(0)(0) == 1.5F);
        CHECK(data.row(0)(1) == -22.5F);
        CHECK(data.row(1)(0) == 123456789.0625F);
        CHECK(data.row(1)(1) == 12345678901234567890.5F);
        for (const char* const field : {"1.5", "1.234,5", "1,2,3"}) {
            CAPTURE(field);
            CHECK(message_of<2>(std::string("1;0;1\n").append(field).append(";0;1\n"), options).find(":2:1: ") !=
                  std::string::npos);
        }
        CHECK(message_of<2>("0;1,5;1\n", {.delimiter = ';', .header = CsvHeader::absent})
                  .ends_with(
                      ":1:2: \"1,5\" isn't a number. If the comma is the decimal point, set the option decimal_point"));
        const CsvOptions classes{.label_column = 1, .class_names = {"0", "1"}, .delimiter = ';', .decimal_point = ','};
        CHECK(load<1>("1,5;1,0\n", classes).label(0) == 1);
        CHECK_THROWS_WITH_AS((void)load<2>("1,2,3\n", {.decimal_point = ','}),
                             "load_csv: decimal_point and delimiter must differ, such as ',' and ';'", OptionError);
        CHECK_THROWS_AS((void)load<2>("1,2,3\n", {.decimal_point = '!'}), OptionError);
    }

    TEST_CASE("a comment can't begin with the delimiter, and a header's names can't come from two places") {
        CHECK_THROWS_AS((void)load<2>("1,2,3\n", {.comment = ','}), OptionError);
        for (const char comment : {'\n', '-', '7', '"'}) {
            CHECK_THROWS_WITH_AS((void)load<2>("1,2,3\n", {.comment = comment}), doctest::Contains("comment can't be"),
                                 OptionError);
        }
        CHECK_THROWS_AS((void)load<2>("1,2,3\n", {.header = CsvHeader::present, .column_names = {"a", "b", "c"}}),
                        OptionError);
    }
}
