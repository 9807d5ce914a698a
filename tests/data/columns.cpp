#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/csv.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/split.hpp>

#include "../support/temporary_file.hpp"

using namespace typenet;
using support::TemporaryDirectory;

namespace {

using Passenger = Columns<Optional<Number<"Age">>, Number<"Fare">, Category<"Sex", "male", "female">,
                          Category<"Port", "S", "C", Other>, Missing<"Age">, Missing<"Cabin">>;
using Survival = Label<"Survived", "no", "yes">;

constexpr const char* passengers =
    "Id,Survived,Name,Sex,Age,Fare,Cabin,Port\n"
    "1,no,\"Braund, Mr. Owen\",male,22,7.25,,S\n"
    "2,yes,\"Cumings, \"\"Mrs\"\"\",female,NA,71.2833,C85,C\n"
    "3,yes,Heikkinen,female,26.5,8,,Q\n";

/// The features, with -1 for NaN.
template <class Data>
std::vector<float> features_of(const Data& data) {
    std::vector<float> values;
    for (std::size_t row = 0; row < data.size(); ++row) {
        for (const float x : data.row(row)) values.push_back(std::isnan(x) ? -1.0F : x);
    }
    return values;
}

template <class Function>
std::string message_of(Function function) {
    try {
        function();
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

template <class Row, class Target>
std::string refusal(std::string_view text, const CsvOptions& options = {}) {
    return message_of([&] { (void)parse_csv<Row, Target>(text, options); });
}

}  // namespace

TEST_SUITE("data/columns") {
    TEST_CASE("a category takes a feature for each value, any other column one") {
        CHECK(Passenger::width == 1 + 1 + 2 + 3 + 1 + 1);
        std::vector<std::size_t> places;
        for (const auto& rule : Passenger::rules) places.push_back(rule.first);
        CHECK(places == std::vector<std::size_t>{0, 1, 2, 4, 7, 8});
    }

    TEST_CASE("a type of columns is described as C++ writes it") {
        CHECK(Passenger::describe() ==
              R"(Columns<Optional<Number<"Age">>, Number<"Fare">, Category<"Sex", "male", "female">, )"
              R"(Category<"Port", "S", "C", Other>, Missing<"Age">, Missing<"Cabin">>)");
        CHECK(Number<"a \"b\" \\">::describe() == R"(Number<"a \"b\" \\">)");
    }

    TEST_CASE("a row has the features that a file's row with the same values has") {
        const auto data = parse_csv<Passenger, Survival>(passengers);
        CHECK((Passenger::row(22, 7.25, "male", "S", true) == data.row(0)));
        CHECK((Passenger::row(26.5F, 8, std::string("female"), std::string_view("Q"), true) == data.row(2)));
        const auto with_missing = Passenger::row(std::nullopt, 71.2833, "female", "C", false);
        for (std::size_t i = 1; i < Passenger::width; ++i) CHECK(with_missing(i) == data.row(1)(i));
        CHECK(std::isnan(with_missing(0)));
    }

    TEST_CASE("a category overwrites all of its features") {
        std::array<float, 4> features{7, 7, 7, 7};
        Category<"Port", "S", "C", Other>::write("C", features.data());
        CHECK(features == std::array<float, 4>{0, 1, 0, 7});
    }

    TEST_CASE("a missing number may be given in three ways, and tells its flag") {
        using Row = Columns<Missing<"a">, Optional<Number<"a">>>;
        for (const auto& row : {Row::row(std::nullopt), Row::row(std::optional<int>()),
                                Row::row(std::numeric_limits<double>::quiet_NaN())}) {
            CHECK(row(0) == 1);
            CHECK(std::isnan(row(1)));
        }
        CHECK((Row::row(std::optional(3)) == Vector<float, 2>{0, 3}));
    }

    TEST_CASE("a row refuses a text that isn't a value, and a number that isn't finite") {
        CHECK(message_of([] { (void)Passenger::row(1, 1, "Male", "S", true); }) ==
              R"(row: "Male" isn't a value of the column Category<"Sex", "male", "female">)");
        const std::string not_finite = R"(row: the value of the column Number<"Fare"> isn't finite as a float)";
        CHECK(message_of([] { (void)Passenger::row(1, std::nan(""), "male", "S", true); }) == not_finite);
        CHECK(message_of([] { (void)Passenger::row(1, 1e39, "male", "S", true); }) == not_finite);
        CHECK(message_of([] { (void)Passenger::row(HUGE_VAL, 1, "male", "S", true); }) ==
              R"(row: the value of the column Number<"Age"> isn't finite as a float)");
    }

    TEST_CASE("a file's named columns become features, in the type's order, and its label a class") {
        const TemporaryDirectory directory;
        const auto path = directory.write("passengers.csv", passengers);
        const auto data = load_csv<Passenger, Survival>(path);
        CHECK(features_of(data) == std::vector<float>{22,    7.25F,    1, 0, 1, 0, 0, 0, 1,  //
                                                      -1,    71.2833F, 0, 1, 0, 1, 0, 1, 0,  //
                                                      26.5F, 8,        0, 1, 0, 0, 1, 0, 1});
        CHECK(data.targets().values() == std::vector<std::int32_t>{0, 1, 1});
        CHECK(data.class_names() == std::vector<std::string>{"no", "yes"});
        CHECK(split(data, {.fraction = 0.4, .stratified = false}).first.class_names() == data.class_names());

        const Matrix<float> features = load_csv_features<Passenger>(path);
        REQUIRE(features.shape()[0] == 3);
        CHECK(features(2, 1) == 8);
        CHECK(std::isnan(features(1, 0)));
    }

    TEST_CASE("a dataset of columns remembers them, and so do its parts") {
        const auto data = parse_csv<Passenger, Survival>(passengers);
        CHECK(std::is_same_v<decltype(data)::RowType, Passenger>);
        CHECK(std::is_same_v<decltype(split(data).first)::RowType, Passenger>);
    }

    TEST_CASE("targets come in their own units, one or several") {
        using Row = Columns<Number<"a">>;
        const char* const text = "price,a,rent\n249900,1,-0.5\n199500,2,1e3\n";
        CHECK(parse_csv<Row, Target<"price">>(text).targets().values() == std::vector<float>{249900, 199500});
        CHECK(parse_csv<Row, Target<"rent", "price">>(text).targets().values() ==
              std::vector<float>{-0.5F, 249900, 1000, 199500});
    }

    TEST_CASE("features of columns are bytes as long as they can be") {
        using Row = Columns<Category<"kind", "x", "y">, Optional<Number<"a">>>;
        const auto data = parse_csv<Row, Target<"b">>("a,b,kind\n1,0,x\n255,0,y\n");
        CHECK(std::holds_alternative<std::vector<std::uint8_t>>(data.features().storage()));
        const auto wider = parse_csv<Row, Target<"b">>("a,b,kind\n1,0,x\n255,0,y\n?,0,x\n2,0,y\n");
        CHECK(std::holds_alternative<std::vector<float>>(wider.features().storage()));
        CHECK(features_of(wider) == std::vector<float>{1, 0, 1, 0, 1, 255, 1, 0, -1, 0, 1, 2});
    }

    TEST_CASE("class names that are numbers stand for the same number in other digits") {
        using Row = Columns<Number<"a">>;
        const auto data = parse_csv<Row, Label<"y", "-1", "1">>("a,y\n0,1.0\n0,-1\n0,+1\n");
        CHECK(data.targets().values() == std::vector<std::int32_t>{1, 0, 1});
        CHECK(parse_csv<Row, Label<"y", "1", "1.0">>("a,y\n0,1.0\n0,1\n").targets().values() ==
              std::vector<std::int32_t>{1, 0});
    }

    TEST_CASE("values of a category that are numbers stand for the same number in other digits") {
        using Row = Columns<Category<"a", "1", "2", Other>>;
        CHECK(features_of(parse_csv<Row, Target<"y">>("a,y\n1.0,0\n2,0\n3.0,0\nx,0\n")) ==
              std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 1});
        CHECK(features_of(parse_csv<Row, Target<"y">>("a,y\n01,0\n1e+00,0\n1E0,0\n")) ==
              std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0, 1});
        for (const char* text : {"1.0", "2", "3.0", "x", "01"}) {
            CAPTURE(text);
            const auto row = Row::row(text);
            CHECK(features_of(parse_csv<Row, Target<"y">>(std::string("a,y\n") + text + ",0\n")) ==
                  std::vector<float>(row.begin(), row.end()));
        }
    }

    TEST_CASE("row refuses a text that isn't there") {
        using Row = Columns<Category<"a", "1", "2">>;
        static_assert(!Category<"a", "1", "2">::takes<std::nullptr_t>);
        const char* none = nullptr;
        CHECK_THROWS_WITH_AS((void)Row::row(none), "row: no text for the column Category<\"a\", \"1\", \"2\">",
                             DataError);
    }

    TEST_CASE("texts for missing values are an option") {
        using Row = Columns<Optional<Number<"a">>>;
        for (const std::string& text : CsvOptions::usual_missing()) {
            CAPTURE(text);
            CHECK(features_of(parse_csv<Row, Target<"b">>("b,a\n0," + text + "\n")) == std::vector<float>{-1});
        }
        CHECK(features_of(parse_csv<Row, Target<"b">>("b,a\n0,999\n0,99\n", {.missing = {"999"}})) ==
              std::vector<float>{-1, 99});
        CHECK(refusal<Row, Target<"b">>("b,a\n0,?\n", {.missing = {"NA"}}) ==
              "CSV text:2:2: \"?\" isn't a number. The option missing lists texts for missing values");
        using Flag = Columns<Missing<"a">>;
        CHECK(features_of(parse_csv<Flag, Target<"b">>("b,a\n0,-1.0\n0,2\n0,x\n", {.missing = {"-1"}})) ==
              std::vector<float>{1, 0, 0});
    }

    TEST_CASE("a file without a header gets its names from the options") {
        using Row = Columns<Number<"width">, Number<"length">>;
        using Kind = Label<"kind", "setosa", "virginica">;
        const char* const text = "5.1,3.5,setosa\n6.3,2.9,virginica\n";
        const auto data = parse_csv<Row, Kind>(text, {.column_names = {"length", "width", "kind"}});
        CHECK(features_of(data) == std::vector<float>{3.5F, 5.1F, 2.9F, 6.3F});
        CHECK(data.label(1) == 1);
        CHECK(refusal<Row, Kind>(text, {.header = CsvHeader::absent}) ==
              "load_csv: Columns have names: without a header, column_names must give them");
    }

    TEST_CASE("a stream is read to its end") {
        std::istringstream stream(passengers);
        CHECK(parse_csv<Passenger, Survival>(stream).size() == 3);
        std::istringstream numbers("7,2,3\n4,5,6\n");
        CHECK(features_of(parse_csv<2>(numbers)) == std::vector<float>{2, 3, 5, 6});
        std::istringstream broken;
        broken.setstate(std::ios::badbit);
        CHECK_THROWS_WITH_AS((void)parse_csv<2>(broken), doctest::Contains("parse_csv: the stream can't be read"),
                             Error);
        std::ifstream none("no such file.csv");
        CHECK_THROWS_WITH_AS((void)parse_csv<2>(none), "parse_csv: the stream can't be read; was its file opened?",
                             Error);
    }

    TEST_CASE("what a column can't hold is refused with line, column and remedy") {
        using Row = Columns<Number<"a">, Category<"kind", "x", "y">>;
        using Class = Label<"c", "no", "yes">;
        CHECK(refusal<Row, Class>("a,kind,c\n1,x,no\n1,z,no\n") ==
              "CSV text:3:2: \"z\" isn't among the values of the category: \"x\", \"y\". Add it to them, or Other for "
              "all others");
        CHECK(refusal<Row, Class>("a,kind,c\n1,x,maybe\n") ==
              "CSV text:2:3: the label \"maybe\" isn't among the classes: \"no\", \"yes\"");
        const std::string remedy =
            ". A Number with missing values is Optional<Number<...>>, a column of texts a Category";
        CHECK(refusal<Row, Class>("a,kind,c\nNA,x,no\n") == "CSV text:2:1: \"NA\" isn't a number" + remedy);
        CHECK(refusal<Row, Class>("a,kind,c\n,x,no\n") ==
              "CSV text:2:1: the field is empty; expected a number" + remedy);
        CHECK(refusal<Row, Class>("a,kind\n1,x\n") ==
              "CSV text:1: no column is named \"c\"; the header has \"a\", \"kind\"");
        CHECK(refusal<Row, Class>("a,kind,c\n1,x\n") ==
              "CSV text:2:3: the row has fewer fields than the first row, which has 3");
        CHECK(refusal<Row, Class>("a,kind,c\n1,x,no,\n") ==
              "CSV text:2:4: the row has more fields than the first row, which has 3");
    }

    TEST_CASE("options that the types already tell are refused") {
        using Row = Columns<Number<"a">>;
        const std::string twice =
            "load_csv: Columns, Label and Target say what label_column, target_columns, ignore_columns, classes and "
            "class_names say";
        for (const CsvOptions& options :
             {CsvOptions{.label_column = "y"}, CsvOptions{.label_column = 1}, CsvOptions{.target_columns = {0}},
              CsvOptions{.ignore_columns = {0}}, CsvOptions{.classes = 2}, CsvOptions{.class_names = {"a", "b"}}}) {
            CHECK(refusal<Row, Label<"y", "0", "1">>("a,y\n1,0\n", options) == twice);
        }
        CHECK(refusal<Row, Label<"y", "0", "1">>("a,y\n1,0\n", {.scale = 2}) ==
              "load_csv: scale is for columns that all have the same range; Standardize scales others");
    }
}
