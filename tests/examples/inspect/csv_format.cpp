#include <inspect/csv_format.hpp>
#include <string>
#include <typenet/core/error.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

inspect::CsvFormat format_of(const std::string& text, const inspect::CsvHints& hints = {}) {
    return inspect::guess_format(text, "a.csv", hints);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_SUITE("examples/inspect/csv_format") {
    TEST_CASE("the delimiter is the one that makes rows of equal length") {
        CHECK(format_of("a,b\n1,2\n").options.delimiter == ',');
        CHECK(format_of("a;b\n1,5;2,5\n").options.delimiter == ';');
        CHECK(format_of("1,5;2,5;3\n1,5;2,5;3\n").options.delimiter == ';');
        CHECK(format_of("a\tb\n1\t2\n").options.delimiter == '\t');
        CHECK(format_of(" 1  2.5\n 2 3\n").options.delimiter == ' ');
        CHECK(format_of("\"a;b\",c\n1,2\n").options.delimiter == ',');
        CHECK(format_of("a\n1\n").options.delimiter == ',');
        CHECK(format_of("a|b\n1|2\n").options.delimiter == '|');
        CHECK(format_of("1.5  2  3  4.5\t\"a b\"\n2.5  2  3  5\t\"b c d\"\n3  4 4  4\t\"a b\"\n").options.delimiter ==
              ' ');
        CHECK(format_of("New York\tx\nLos Angeles\ty\nNew York\ty\n").options.delimiter == '\t');
        CHECK(format_of("a|b\n1|2\n", {.delimiter = '|'}).names == Names{"a", "b"});
        CHECK_THROWS_AS(format_of("a,b\n1,2\n", {.delimiter = '"'}), OptionError);
    }

    TEST_CASE("commas in numbers are decimal commas where they delimit nothing") {
        CHECK(format_of("a;b\n1,5;x\n").options.decimal_point == ',');
        CHECK(format_of("a;b\n1,234;x\n12,500;y\n").options.decimal_point == '.');
        CHECK(format_of("a;b\n1,234;x\n12,50;y\n").options.decimal_point == ',');
        CHECK(format_of("a;b\n1.5;x\n").options.decimal_point == '.');
        CHECK(format_of("a,b\n\"1,5\",2\n").options.decimal_point == '.');
    }

    TEST_CASE("lines that begin with # are comments, unless they make a header") {
        CHECK(format_of("# made by hand, today\na,b,c\n1,2,3\n").options.comment == '#');
        CHECK(format_of("# a title\na;b\n1;2\n", {.delimiter = ';'}).options.comment == '#');
        CHECK(format_of("#a,b\n1,2\n").names == Names{"#a", "b"});
    }

    TEST_CASE("a first row without numbers is a header") {
        const inspect::CsvFormat named = format_of("a,b\n1,2\n");
        CHECK(named.has_header);
        CHECK(named.names == Names{"a", "b"});
        CHECK(named.options.column_names.empty());
        const inspect::CsvFormat unnamed = format_of("1,x\n2,y\n3,x\n");
        CHECK_FALSE(unnamed.has_header);
        CHECK(unnamed.names == Names{"column 0", "column 1"});
        CHECK(unnamed.options.column_names == unnamed.names);
        CHECK_FALSE(format_of("p,x\ne,y\n", {.header = CsvHeader::absent}).has_header);
        CHECK(format_of("1990,1991\n2,3\n", {.header = CsvHeader::present}).names == Names{"1990", "1991"});
    }

    TEST_CASE("a first row that counts its columns needs a word from the user") {
        CHECK_THROWS_WITH_AS(format_of(",0,1,2\n7,8,9,5\n"), doctest::Contains("--header present"), FileError);
        CHECK(format_of("0,1,2\n8,9,5\n", {.header = CsvHeader::present}).has_header);
        CHECK_FALSE(format_of("1,2,3\n1,2,3\n").has_header);
        CHECK_FALSE(format_of("400,410,420,430\n400,410,425,430\n").has_header);
    }

    TEST_CASE("a first row of numbers and a text that is nowhere else in its column needs a word from the user") {
        const char* const wide = "country,2019,2020,2021\nC0,62.3,74.2,79.5\nC1,62.3,74.2,79.5\nC0,1,2,3\n";
        CHECK_THROWS_WITH_AS(format_of(wide), doctest::Contains("\"country\", which its column has only once"),
                             FileError);
        CHECK(format_of(wide, {.header = CsvHeader::present}).names[3] == "2021");
        CHECK(format_of(wide, {.header = CsvHeader::absent}).names[3] == "column 3");
        CHECK_THROWS_WITH_AS(format_of("2019,2020,failed\n1,2,no\n3,4,yes\n3,4,no\n"), doctest::Contains("\"failed\""),
                             FileError);
        CHECK_THROWS_WITH_AS(format_of("x,2019\n1,2\n3,4\n"), doctest::Contains("\"x\""), FileError);
        CHECK_FALSE(format_of("a,2019,NA\nb,2020,1\na,2021,2\n").has_header);
    }

    TEST_CASE("a header of texts that are also values of their columns may be data") {
        CHECK(format_of("p,x\ne,x\np,y\n").may_be_data);
        CHECK_FALSE(format_of("p,x\ne,x\ne,x\n").may_be_data);
        CHECK_FALSE(format_of("p,x\ne,x\np,y\n", {.header = CsvHeader::present}).may_be_data);
        CHECK_FALSE(format_of("1,x\n1,x\n").may_be_data);
    }

    TEST_CASE("lines at the top can be skipped") {
        CHECK(format_of("A title\na,b\n1,2\n", {.skip_lines = 1}).names == Names{"a", "b"});
        CHECK_THROWS_WITH_AS(format_of("A title\n", {.skip_lines = 1}), doctest::Contains("empty"), FileError);
        CHECK_THROWS_WITH_AS(format_of(""), doctest::Contains("a.csv:1: the file is empty"), FileError);
    }
}
