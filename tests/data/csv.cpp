#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <limits>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <typenet/data/csv.hpp>

#include "../support/gzip.hpp"
#include "../support/peak_memory.hpp"
#include "../support/temporary_file.hpp"

#if defined(__unix__)
#    include <sys/stat.h>

#    include <thread>
#endif

using namespace typenet;
using namespace std::string_literals;
using support::TemporaryDirectory;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Floats = std::vector<float>;
using Classes = std::vector<std::int32_t>;

template <std::size_t F, class Target = Labels>
Dataset<F, Target> load(std::string_view text, const CsvOptions& options = {}) {
    const TemporaryDirectory directory;
    return load_csv<F, Target>(directory.write("data.csv", text), options);
}

/// Checks that loading `text` fails at `line` and `column` with a message that contains `reason`.
template <std::size_t F, class Target = Labels>
void check_fails(std::string_view text, std::size_t line, std::size_t column, const std::string& reason,
                 const CsvOptions& options = {}) {
    CAPTURE(text);
    const TemporaryDirectory directory;
    const std::string path = directory.write("data.csv", text).string();
    try {
        const Dataset<F, Target> data = load_csv<F, Target>(path, options);
        FAIL_CHECK("loaded " << data.size() << " rows");
    } catch (const FileError& error) {
        CAPTURE(error.what());
        CHECK(error.file() == path);
        CHECK(error.line() == line);
        CHECK(error.column() == column);
        CHECK(std::string_view(error.what()).find(reason) != std::string_view::npos);
    }
}

template <std::size_t F, class Target>
const Bytes& bytes_of(const Dataset<F, Target>& data) {
    REQUIRE(std::holds_alternative<Bytes>(data.features().storage()));
    return std::get<Bytes>(data.features().storage());
}

template <std::size_t F, class Target>
const Floats& floats_of(const Dataset<F, Target>& data) {
    REQUIRE(std::holds_alternative<Floats>(data.features().storage()));
    return std::get<Floats>(data.features().storage());
}

/// The text of a file in the layout of "MNIST in CSV", and its values: `rows` rows of a label and 784 pixels, most of
/// them 0.
struct MnistFile {
    std::string text = "label";
    Classes labels;
    Bytes pixels;

    explicit MnistFile(std::size_t rows) {
        for (int y = 1; y <= 28; ++y) {
            for (int x = 1; x <= 28; ++x) text += ',' + std::to_string(y) + 'x' + std::to_string(x);
        }
        text += '\n';
        std::uint32_t state = 1;
        for (std::size_t row = 0; row < rows; ++row) {
            labels.push_back(static_cast<std::int32_t>(row % 10));
            text += std::to_string(row % 10);
            for (int i = 0; i < 784; ++i) {
                state = state * 1664525 + 1013904223;
                const std::uint32_t pixel = state >> 29 == 0 ? state >> 16 & 0xFF : 0;
                pixels.push_back(static_cast<std::uint8_t>(pixel));
                text += ',' + std::to_string(pixel);
            }
            text += '\n';
        }
    }
};

/// A table of numbers in many notations, some of them invalid, written twice: without quotes, so that CsvIntegers reads
/// the fields that it supports, and with all fields in quotes, so that CsvReader reads each field.
struct RandomFile {
    static constexpr std::size_t features = 21;

    std::string plain;
    std::string quoted;
    std::size_t label_column;
    double minimum;
    double maximum;

    explicit RandomFile(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {
        label_column = below(features + 1);
        minimum = pick({-std::numeric_limits<double>::infinity(), -1.0, 0.0});
        maximum = pick({std::numeric_limits<double>::infinity(), 99999.0, 255.0, 254.0});
        const std::size_t rows = 1 + below(12);
        const bool is_sound = below(2) == 0;
        const std::string end = pick({"\n", "\r\n"});
        for (std::size_t row = 0; row < rows; ++row) {
            const std::size_t columns = is_sound || below(50) != 0 ? features + 1 : pick({features, features + 2});
            for (std::size_t column = 0; column < columns; ++column) {
                if (column != 0) add(",");
                add_field(is_sound || column == label_column || below(200) != 0);
            }
            if (row + 1 < rows || below(2) == 0) add(end);
        }
    }

private:
    std::size_t below(std::size_t limit) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state_ >> 33) % limit;
    }

    template <class T>
    T pick(std::initializer_list<T> values) {
        return values.begin()[below(values.size())];
    }
    std::string pick(std::initializer_list<const char*> values) { return values.begin()[below(values.size())]; }

    void add(const std::string& text) {
        plain += text;
        quoted += text;
    }

    void add_field(bool is_sound) {
        std::string field = below(3) != 0 ? "0" : std::to_string(below(below(50) == 0 ? 1000 : 255));
        if (below(20) == 0) field.insert(0, below(3), '0');
        if (!is_sound) {
            field = pick({"",    "x",   "1x",   "-",     "-1",        "-1.5",       "0.5",         "1e3",
                          "+7",  "256", "1000", "12345", "123456789", "1234567890", "99999999999", "1e39",
                          "nan", "0x1", "1 2",  "1/",    ":",         "\xB0",       "3.",          "7e0"});
        }
        const std::string before = below(100) == 0 ? pick({" ", "\t", "  "}) : "";
        const std::string after = below(100) == 0 ? pick({" ", "\t", "  "}) : "";
        plain += before + field + after;
        quoted += before + '"' + field + '"' + after;
    }

    std::uint64_t state_;
};

struct Outcome {
    std::string error;
    std::variant<Bytes, Floats> features;
    Classes labels;
};

template <class Load>
Outcome outcome_of(Load load_dataset) {
    try {
        const auto data = load_dataset();
        return {"", data.features().storage(), data.targets().values()};
    } catch (const FileError& error) {
        return {error.what(), {}, {}};
    }
}

}  // namespace

TEST_SUITE("data/csv") {
    TEST_CASE("reads MNIST in CSV") {
        const MnistFile file(300);
        const auto data = load<784>(file.text, {.label_column = 0, .scale = 1.0F / 255});
        CHECK(bytes_of(data) == file.pixels);
        CHECK(data.targets().values() == file.labels);
        CHECK(data.features().scale() == 1.0F / 255);
    }

    TEST_CASE("reads all bytes, with leading zeros too") {
        std::string text;
        Bytes expected;
        for (unsigned value = 0; value < 256; ++value) {
            const std::string digits = std::to_string(value);
            text += "0," + digits + ',' + std::string(3 - digits.size(), '0') + digits + ',' + digits + '\n';
            expected.insert(expected.end(), 3, static_cast<std::uint8_t>(value));
        }
        CHECK(bytes_of(load<3>(text)) == expected);
    }

    TEST_CASE("a run of zeros of any length ends at the right field") {
        for (std::size_t zeros = 0; zeros < 12; ++zeros) {
            std::string text = "9";
            Bytes expected;
            for (std::size_t i = 0; i < 12; ++i) {
                text += i < zeros ? ",0" : ",10";
                expected.push_back(i < zeros ? 0 : 10);
            }
            CHECK(bytes_of(load<12>(text)) == expected);
        }
    }

    TEST_CASE("a run of zeros ends before the label") {
        const std::string row = "0,0,0,0,0,0,0,0,0,0,0,5\n";
        for (std::size_t place = 0; place < 11; ++place) {
            CAPTURE(place);
            const auto data = load<11>(row, {.label_column = place});
            CHECK(bytes_of(data) == Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5});
            CHECK(data.label(0) == 0);
        }
        CHECK(load<11>(row, {.label_column = 11}).label(0) == 5);
    }

    TEST_CASE("the label column may be anywhere") {
        CHECK(load<2>("7,1,2\n", {.label_column = 0}).label(0) == 7);
        CHECK(load<2>("1,7,2\n", {.label_column = 1}).label(0) == 7);
        CHECK(load<2>("1,2,7\n", {.label_column = 2}).label(0) == 7);
        CHECK(bytes_of(load<2>("1,7,2\n", {.label_column = 1})) == Bytes{1, 2});
        CHECK(bytes_of(load<2>("1,2,7\n", {.label_column = 2})) == Bytes{1, 2});
    }

    TEST_CASE("the label column may be named") {
        const auto data = load<2>("a,class,b\n1,7,2\n", {.label_column = "class"});
        CHECK(data.label(0) == 7);
        CHECK(bytes_of(data) == Bytes{1, 2});
        CHECK(load<2>("a,class,b\n1,7,2\n", {.label_column = "class"s}).label(0) == 7);
    }

    TEST_CASE("target columns come in the order of the options") {
        const auto data = load<2, Targets<2>>("a,b,c,d\n1,0.5,2,-7\n3,1e3,4,8\n", {.target_columns = {"d", 1}});
        CHECK(data.targets().values() == Floats{-7, 0.5, 8, 1000});
        CHECK(bytes_of(data) == Bytes{1, 2, 3, 4});
    }

    TEST_CASE("one number that isn't a byte makes all features floats, also earlier ones") {
        const char* const first = "0,1,2,13\n1,4,5,6\n";
        for (const char* const field : {"0.5", "256", "-1", "1e3", "999", "1000"}) {
            CAPTURE(field);
            const std::string text = std::string(first).append("2,7,").append(field).append(",9\n3,0,10,11.5\n");
            const auto data = load<3>(text);
            CHECK(floats_of(data) == Floats{1, 2, 13, 4, 5, 6, 7, std::stof(field), 9, 0, 10, 11.5});
            CHECK(data.targets().values() == Classes{0, 1, 2, 3});
        }
    }

    TEST_CASE("whole numbers from 0 to 255 in any notation are bytes") {
        CHECK(bytes_of(load<4>("0,1e2,5.0,+7,-0\n")) == Bytes{100, 5, 7, 0});
    }

    TEST_CASE("fields are rounded to the nearest float") {
        CHECK(floats_of(load<2>("0,0.1,16777217\n")) == Floats{0.1F, 16777216.0F});
        CHECK(floats_of(load<2>("0,0.5,1e-60\n")) == Floats{0.5F, 0.0F});
    }

    TEST_CASE("labels are whole numbers in any notation") {
        CHECK(load<1>("2147483647,0\n").label(0) == 2147483647);
        CHECK(load<1>("5.0,0\n").label(0) == 5);
    }

    TEST_CASE("lines end in LF or CRLF, and the last line needs no line end") {
        for (const char* text : {"1,2\n3,4\n", "1,2\r\n3,4\r\n", "1,2\n3,4", "1,2\r\n3,4\n", "1,2\n3,4\r"}) {
            CAPTURE(text);
            const auto data = load<1>(text);
            CHECK(bytes_of(data) == Bytes{2, 4});
            CHECK(data.targets().values() == Classes{1, 3});
        }
    }

    TEST_CASE("blank lines at the end are ignored, other blank lines are errors") {
        CHECK(load<1>("1,2\n\n").size() == 1);
        CHECK(load<1>("1,2\r\n\r\n\r\n").size() == 1);
        check_fails<1>("1,2\n\n3,4\n", 2, 1, "the line is blank; expected a row. Remove blank lines between rows");
        check_fails<1>("\n1,2\n", 1, 1, "the line is blank");
    }

    TEST_CASE("spaces are allowed around numbers and names, but not within numbers") {
        CHECK(bytes_of(load<2>(" label , a\t,b\n 1 ,\t2 , 3 \n", {.label_column = "label"})) == Bytes{2, 3});
        CHECK(bytes_of(load<2>("1 , 2,3  \r\n")) == Bytes{2, 3});
        check_fails<2>("7,2,3\n1,2 3,4\n", 2, 2, "\"2 3\" isn't a number");
    }

    TEST_CASE("fields may be in quotes") {
        const auto data = load<2>("\"label\",\"a\",b\n\"1\", \"2\" ,3\n", {.label_column = "label"});
        CHECK(bytes_of(data) == Bytes{2, 3});
    }

    TEST_CASE("quoted names may hold quotes, delimiters and line breaks") {
        const std::string text = "\"the \"\"label\"\",\r\nof it\",a\n1,2\n";
        CHECK(load<1>(text, {.label_column = "the \"label\",\r\nof it"}).label(0) == 1);
    }

    TEST_CASE("line breaks in quotes count in an error's line number") {
        check_fails<1>("\"a\nb\nc\",d\n1,2\n3,x\n", 5, 2, "\"x\" isn't a number");
        check_fails<1>("\"a\nb\",d\n\"1\n\",2\n", 3, 1, "\"1?\" isn't a number");
    }

    TEST_CASE("a byte order mark is ignored") {
        CHECK(load<1>("\xEF\xBB\xBFlabel,a\n1,2\n", {.label_column = "label"}).label(0) == 1);
        CHECK(load<1>("\xEF\xBB\xBF"
                      "1,2\n")
                  .size() == 1);
        check_fails<1>(
            "\xFF\xFE"
            "1\0,\0002\0\n\0"s,
            1, 1, "UTF-16");
    }

    TEST_CASE("the delimiter is an option") {
        CHECK(bytes_of(load<2>("1;2;3\n", {.delimiter = ';'})) == Bytes{2, 3});
        CHECK(bytes_of(load<2>("1\t2\t 3\n", {.delimiter = '\t'})) == Bytes{2, 3});
        CHECK(bytes_of(load<2>("1 2 3\n", {.delimiter = ' '})) == Bytes{2, 3});
        check_fails<2>("7\t2\t3\n1\t\t3\n", 2, 2, "the field is empty", {.delimiter = '\t'});
        check_fails<2>("1;2;3\n", 1, 0, "1 column separated by \",\"", {.header = CsvHeader::absent});
    }

    TEST_CASE("automatic: the first row is a header when no field is a number, or when the options name a column") {
        CHECK(load<1>("label,a\n1,2\n").size() == 1);
        CHECK(load<1>("label,5\n1,2\n", {.label_column = "label"}).size() == 1);
        CHECK(load<1>("0,5\n1,2\n").size() == 2);
        check_fails<1>("0,\n1,2\n", 1, 2, "empty");
        check_fails<1>("0,nan\n1,2\n", 1, 2, "isn't a finite number");
    }

    TEST_CASE("automatic: a first row of numbers and texts is an error") {
        CHECK(load<2>("3,0,120\n1,5,6\n").size() == 2);
        check_fails<2>("3,0,12O\n1,5,6\n", 1, 3, "\"12O\" isn't a number");
        check_fails<2>("a,2,3\nb,2,3\n", 1, 1, "\"a\" isn't a number");
        check_fails<1>("label,5\n1,2\n", 1, 1, "If the row is a header, set the option header = CsvHeader::present");
    }

    TEST_CASE("automatic: a first row that counts its columns is an error, unless the next row does, too") {
        const std::string reason =
            "the first row may name its columns by numbers. Set the option header = CsvHeader::present if it is a "
            "header, "
            "CsvHeader::absent if it is data";
        check_fails<2>("0,1,2\n0,5,6\n", 1, 0, reason);
        check_fails<2>("1,2,3\n0,5,6\n", 1, 0, reason);
        check_fails<2>("0.0,1,2.0\n0,1,3\n", 1, 0, reason);
        CHECK(load<2>("0,1,2\n0,5,6\n", {.header = CsvHeader::present}).size() == 1);
        CHECK(load<2>("0,1,2\n0,5,6\n", {.header = CsvHeader::absent}).size() == 2);
        CHECK(load<2>("0,1,2\n").size() == 1);
        CHECK(load<2>("0,1,2\n1,2,3\n0,7,7\n").size() == 3);
        CHECK(load<2>("0,1,3\n0,5,6\n").size() == 2);
        CHECK(load<2>("2,3,4\n0,5,6\n").size() == 2);
        CHECK(load<1>("0,1\n0,5\n").size() == 2);
        check_fails<3>("400,410,420,430\n0,5,6,1\n", 1, 0, reason);
        check_fails<4>("0,1,2,4,7\n0,5,6,1,2\n", 1, 0, reason);
        CHECK(load<3>("0,1,2,4\n0,5,6,1\n").size() == 2);
        CHECK(load<3>("400,410,420,430\n400,410,425,430\n0,5,6,7\n").size() == 3);
        CHECK(load<4>("0,1,2,4,7\n2,3,6,8,9\n").size() == 2);
        CHECK(load<4>("0,1,2.5,4,7\n0,5,6,1,2\n").size() == 2);
        CHECK(load<4>("0,1,1,4,7\n0,5,6,1,2\n").size() == 2);
        check_fails<2>("0,1,2\n0,?,1\n", 1, 0, reason, {.missing = {"?"}});
        check_fails<2>("0,1,2,3\n0,bob,1,7\n", 1, 0, reason, {.ignore_columns = {1}});
        check_fails<2>(",0,1,2\n0,0,1,7\n", 1, 0, reason, {.label_column = 1, .ignore_columns = {0}});
        check_fails<2>("0;1;2\n0;1,5;1\n", 1, 0, reason, {.delimiter = ';', .decimal_point = ','});
        check_fails<2>("0,1,2\nyes,1,7\n", 1, 0, reason, {.class_names = {"yes", "0"}});
        CHECK(load<2>("1,3,2\n0,?,1\n", {.missing = {"?"}}).size() == 2);
        check_fails<2>("0,1,2\n0,5\n", 2, 3, "the row has fewer fields than the first row, which has 3");
    }

    TEST_CASE("an option can say whether there is a header") {
        CHECK(load<1>("0,5\n1,2\n", {.header = CsvHeader::present}).size() == 1);
        CHECK(load<1>("2019,2020\n1,2\n", {.label_column = "2020", .header = CsvHeader::present}).label(0) == 2);
        check_fails<1>("label,5\n1,2\n", 1, 1, "\"label\" isn't a number", {.header = CsvHeader::absent});
    }

    TEST_CASE("a named column must be in the header exactly once") {
        check_fails<1>("a,b\n1,2\n", 1, 0, "no column is named \"label\"; the header has \"a\", \"b\"",
                       {.label_column = "label"});
        check_fails<3>("a,b\n1,2\n", 1, 0, "no column is named \"c\"", {.label_column = "c"});
        check_fails<1>("a,a\n1,2\n", 1, 0, "more than one column is named \"a\"", {.label_column = "a"});
        check_fails<1>("0,1\n1,2\n", 1, 0, "the options name the column \"a\", but there is no header",
                       {.label_column = "a", .header = CsvHeader::absent});
    }

    TEST_CASE("a first row that is no header, or no row of data, has its remedy") {
        check_fails<1>("5.1,3.5\n1,2\n", 1, 0,
                       "the header has \"5.1\", \"3.5\". If the file has no header, the option column_names gives the "
                       "names",
                       {.label_column = "a"});
        check_fails<1>("a,b\n1,2\n", 1, 0,
                       "the first row has the names of column_names: leave these out, or set skip_lines = 1",
                       {.column_names = {"a", "b"}});
        check_fails<1>("sep=;\na;b\n1;2\n", 1, 0, "The first line names the delimiter: set it, and skip_lines = 1",
                       {.label_column = "a", .delimiter = ';'});
        check_fails<1>("a title\n1,2\n", 1, 0, "the row has 1 column, but column_names has 2",
                       {.column_names = {"a", "b"}});
        check_fails<1, Targets<1>>("1,2\n,2\n", 2, 1, "A row without a target can't be used; remove it",
                                   {.target_columns = {0}});
    }

    TEST_CASE("a label column beyond the row is an error") {
        CHECK(load<1>("1,2\n", {.label_column = 1}).size() == 1);
        check_fails<1>("1,2\n", 1, 0, "there is no column 2: the row has 2 columns, which count from 0",
                       {.label_column = 2});
    }

    TEST_CASE("a row must have FeatureCount features") {
        CHECK(load<2>("1,2,3\n").size() == 1);
        check_fails<3>("1,2,3\n", 1, 0, "the row has 2 features, expected 3");
        check_fails<1>("label,b,c\n1,2,3\n", 1, 0, "the row has 2 features, expected 1");
    }

    TEST_CASE("each row must have as many fields as the first row") {
        CHECK(load<2>("1,2,3\n1,2,3\n").size() == 2);
        check_fails<2>("1,2,3\n1,2\n", 2, 3, "the row has fewer fields than the first row, which has 3");
        check_fails<2>("1,2,3\n1,2,3,4\n", 2, 4, "the row has more fields than the first row, which has 3");
        check_fails<2>("1,2,3\n1,2,3,\n", 2, 4, "more fields");
        check_fails<2>("1,2,3\n1,2", 2, 3, "fewer fields");
        check_fails<2>("a,b,c\n1,2\n", 2, 3, "fewer fields");
        check_fails<2>("1,2,0.5\n1,2\n", 2, 3, "fewer fields");
    }

    TEST_CASE("a file without rows is an error") {
        check_fails<1>("", 1, 0, "the file is empty");
        check_fails<1>("\xEF\xBB\xBF", 1, 0, "the file is empty");
        check_fails<1>("\n\n", 1, 0, "the file is empty");
        check_fails<1>("label,a\n", 2, 1, "no rows after the header");
        check_fails<1>("label,a", 2, 1, "no rows after the header");
        check_fails<1>("\"label\nx\",a\n\n", 3, 1, "no rows after the header");
    }

    TEST_CASE("a field that isn't a number is an error") {
        for (const char* field : {"abc", "1.2.3", "0x10", "1e", "12a", "1_0", "\"1\"\"\"", "--1"}) {
            CAPTURE(field);
            check_fails<2>("0,1,2\n0,1,2\n0,"s + field + ",2\n", 3, 2, "isn't a number");
            check_fails<2>("0,1,2\n0,1,2\n0,2,"s + field + "\n", 3, 3, "isn't a number");
            check_fails<2>("0,1,2\n0,1,2\n"s + field + ",1,2\n", 3, 1, "isn't a number");
        }
    }

    TEST_CASE("an empty field is an error") {
        check_fails<2>("7,1,2\n0,,2\n", 2, 2, "the field is empty; expected a number");
        check_fails<2>("7,1,2\n0,1,\n", 2, 3, "the field is empty; expected a number");
        check_fails<2>("7,1,2\n,1,2\n", 2, 1, "the field is empty; expected a number");
        check_fails<2>("7,1,2\n0,\"\",2\n", 2, 2, "the field is empty; expected a number");
        check_fails<2>("7,1,2\n0, ,2\n", 2, 2, "the field is empty; expected a number");
    }

    TEST_CASE("NaN, infinities and numbers that overflow a float are errors") {
        CHECK(floats_of(load<1>("0,3.4e38\n")) == Floats{3.4e38F});
        for (const char* field : {"nan", "-NaN", "inf", "-Infinity"}) {
            check_fails<1>("0,1\n0,"s + field + '\n', 2, 2, "isn't a finite number");
            check_fails<1>("0,1\n"s + field + ",1\n", 2, 1, "isn't a finite number");
        }
        for (const char* field : {"3.5e38", "-1e39", "1e400"}) {
            check_fails<1>("0,1\n0,"s + field + '\n', 2, 2, "is too large for a float");
            check_fails<1, Targets<1>>("0,1\n"s + field + ",1\n", 2, 1, "is too large for a float",
                                       {.target_columns = {0}});
        }
    }

    TEST_CASE("features outside minimum and maximum are errors in any notation") {
        const CsvOptions options = {.minimum = 0, .maximum = 100};
        CHECK(bytes_of(load<3>("200,0,100,50\n", options)) == Bytes{0, 100, 50});
        check_fails<3>("0,0,0,0\n0,101,0,0\n", 2, 2, "\"101\" is outside the range from 0 to 100", options);
        check_fails<3>("0,0,0,0\n0,0,0,101\n", 2, 4, "outside the range", options);
        check_fails<3>("0,0,0,0\n0,0,100.5,0\n", 2, 3, "outside the range", options);
        check_fails<3>("0,0,0,0\n0,-1,0,0\n", 2, 2, "outside the range", options);
        check_fails<3>("0,0.5,0,0\n0,0,500,0\n", 2, 3, "outside the range", options);
    }

    TEST_CASE("a minimum above 0 excludes zeros, a negative maximum all integers") {
        CHECK(load<5>("0,1,1,1,1,1\n", {.minimum = 1}).size() == 1);
        check_fails<5>("0,1,1,1,1,0\n", 1, 6, "outside the range", {.minimum = 1});
        check_fails<5>("0,0,0,0,0,1\n", 1, 2, "outside the range", {.minimum = 1});
        CHECK(load<1>("0,-5\n", {.maximum = -1}).size() == 1);
        check_fails<5>("0,0,0,0,0,0\n", 1, 2, "outside the range", {.maximum = -1});
        // Rows that are long enough for CsvIntegers.
        std::string zeros = "0";
        std::string ones = "0";
        for (int i = 0; i < 40; ++i) {
            zeros += ",0";
            ones += ",1";
        }
        check_fails<40>(zeros + '\n', 1, 2, "outside the range", {.minimum = 1});
        check_fails<40>(zeros + '\n', 1, 2, "outside the range", {.maximum = -1});
        check_fails<40>(ones + '\n', 1, 2, "outside the range", {.maximum = 0.5});
    }

    TEST_CASE("the range applies to the decimal number, not to its nearest float") {
        CHECK(load<1>("0,0.1\n", {.minimum = 0.1, .maximum = 0.1}).size() == 1);
    }

    TEST_CASE("labels that aren't whole numbers of at least 0 are errors") {
        check_fails<1>("0,1\n-1,1\n", 2, 1, "the label \"-1\" is negative; labels count from 0");
        check_fails<1>("0,1\n2.5,1\n", 2, 1, "the label \"2.5\" isn't a whole number");
        check_fails<1>("0,1\n2147483648,1\n", 2, 1, "the label \"2147483648\" is too large");
        check_fails<1>("0,1\n1e300,1\n", 2, 1, "too large");
    }

    TEST_CASE("labels must be below the number of classes") {
        CHECK(load<1>("9,1\n", {.classes = 10}).label(0) == 9);
        check_fails<1>("9,1\n10,1\n", 2, 1, "the label \"10\" is too large for 10 classes; labels count from 0 to 9",
                       {.classes = 10});
    }

    TEST_CASE("the error for labels that seem to count from 1 says so") {
        check_fails<1>("1,5\n2,5\n3,5\n", 3, 1, "; labels count from 0 to 2, but these seem to count from 1",
                       {.classes = 3});
        for (const char* text : {"0,5\n3,5\n", "1,5\n4,5\n", "3,5\n"}) {
            CAPTURE(text);
            try {
                (void)load<1>(text, {.classes = 3});
                FAIL_CHECK("loaded");
            } catch (const FileError& error) {
                CHECK(std::string_view(error.what()).ends_with("labels count from 0 to 2"));
            }
        }
    }

    TEST_CASE("a quote that is never closed is an error at its opening") {
        check_fails<2>("0,1,2\n0,\"1,2\n0,1,2\n", 2, 2, "the quote that opens here is never closed");
        check_fails<2>("\"label,a\n1,2,3\n", 1, 1, "the quote that opens here is never closed");
    }

    TEST_CASE("text after a closing quote is an error") {
        CHECK(load<2>("0,\"1\" ,2\n").size() == 1);
        check_fails<2>("0,1,2\n0,\"1\"1,2\n", 2, 2, "text after the closing quote");
        check_fails<2>("0,1,2\n0,1,\"2\"x\n", 2, 3, "text after the closing quote");
    }

    TEST_CASE("NUL bytes are errors") {
        check_fails<2>("0,1,2\n0,1\0,2\n"s, 2, 2, "NUL");
        check_fails<2>("0,1,2\n0,\"\0\",2\n"s, 2, 2, "NUL");
        check_fails<2>("label\0,1,2\n0,1,2\n"s, 1, 1, "NUL");
    }

    TEST_CASE("a carriage return within a line is an error") {
        check_fails<1>("0,1\r0,2\r", 1, 2, "carriage return alone");
        CHECK(load<1>("0,1\r\n").size() == 1);
    }

    TEST_CASE("an error shows long fields shortened and unprintable characters replaced") {
        // Not sums of strings, of which g++ 12 warns wrongly at -O3.
        std::string text = "0,1\n0,\x01";
        text.append(100, 'a').append("\n");
        std::string shown = "\"?";
        shown.append(39, 'a').append("...\"");
        check_fails<1>(text, 2, 2, shown);
    }

    TEST_CASE("a delimiter at the end of each line is ignored, but nothing may follow it") {
        const auto data = load<2>("a,b,y,\n1,2,0,\n3,4,1,\r\n", {.label_column = "y"});
        CHECK(bytes_of(data) == Bytes{1, 2, 3, 4});
        check_fails<2>("a,b,y,\n1,2,0,\n3,4,1,9\n", 3, 4, "\"9\" is behind the last column", {.label_column = "y"});
        check_fails<2>("a,b,y,\n1,2,0\n", 2, 4, "fewer fields", {.label_column = "y"});
        check_fails<2>("a,b,y,z\n1,2,0,\n", 1, 0, "expected 2", {.label_column = "y"});
    }

    TEST_CASE("large numbers that differ in the file but not as floats are refused") {
        const char* const reason = "is the same float as another number in its column";
        check_fails<2>("1500000000,0,0\n1500000060,1,1\n", 2, 1, reason, {.label_column = 2});
        check_fails<1, Targets<1>>("0,16777217\n0,5\n1,16777216\n", 3, 2, reason, {.target_columns = {1}});
        check_fails<2>("0,-20000001,7\n0,7,-20000001\n0,-20000000,7\n", 3, 2, reason);
        CHECK(load<2>("1500000000,0,0\n1500000128,1,1\n1500000128,1,1\n", {.label_column = 2}).size() == 3);
        CHECK(load<2>("0,20000001,20000000\n0,20000001,20000000\n").size() == 2);
    }

    TEST_CASE("large numbers are refused where floats would round them to few different ones") {
        check_fails<1>("0,20240105\n1,20240301\n0,20240104\n", 1, 2,
                       "20240105 isn't a float, and there are too few floats from the smallest to the largest number "
                       "of its column: "
                       "floats have 24 bits");
        check_fails<2>("0,1,20240104\n1,2,20240301\n0,3,20240104\n", 2, 3, "20240301 isn't a float");
        check_fails<1, Targets<1>>("1,20240104\n2,20240301\n", 2, 2, "20240301 isn't a float", {.target_columns = {1}});
        CHECK(load<1>("0,-20240105\n1,20240301\n").size() == 2);
        CHECK(load<1>("0,331002651\n1,1439323776\n0,83783942\n").size() == 3);
        CHECK(load<1>("0,331002651\n").size() == 1);
        CHECK(load<2>("0,331002651,1\n1,331002651,2\n").size() == 2);
        const TemporaryDirectory directory;
        CHECK(load_csv_features<1>(directory.write("new.csv", "20240105\n20240301\n20240104\n")).size() == 3);
    }

#if TYPENET_USE_ZLIB
    TEST_CASE("a file may be compressed, at any ratio") {
        const TemporaryDirectory directory;
        const std::string text = MnistFile(40).text;
        const auto path = directory.write("data.csv.gz", support::gzip(text));
        const auto data = load_csv<784>(path);
        CHECK(bytes_of(data) == MnistFile(40).pixels);
        std::string zeros = "0,0\n";
        while (zeros.size() < 3'000'000) zeros += zeros;
        CHECK(load_csv<1>(directory.write("zeros.csv.gz", support::gzip(zeros))).size() == zeros.size() / 4);
        const std::string packed = support::gzip("1,2\n3,x\n");
        const auto wrong = directory.write("wrong.csv.gz", packed);
        CHECK_THROWS_WITH_AS((void)load_csv<1>(wrong), doctest::Contains("wrong.csv.gz:2:2: \"x\" isn't a number"),
                             FileError);
        const auto cut = directory.write("cut.csv.gz", std::string_view(packed).substr(0, packed.size() - 9));
        CHECK_THROWS_WITH_AS((void)load_csv<1>(cut), doctest::Contains("the gzip file is cut off"), FileError);
    }
#endif

    TEST_CASE("features alone are a matrix that predict takes, times the scale") {
        const TemporaryDirectory directory;
        const auto path = directory.write("data.csv", "a,b,c\n10,20,30\n40,50,0.5\n");
        const Matrix<float> features = load_csv_features<3>(path, {.scale = 0.5F});
        CHECK((features == Matrix<float>{{5, 10, 15}, {20, 25, 0.25F}}));
        CHECK_THROWS_WITH_AS((void)load_csv_features<2>(path),
                             doctest::Contains("the row has 3 features, expected 2 (3 columns separated by \",\")"),
                             FileError);
        CHECK((load_csv_features<2>(path, {.ignore_columns = {"b"}}) == Matrix<float>{{10, 30}, {40, 0.5F}}));
    }

    TEST_CASE("a stream that can't be read is an error of the library") {
        const TemporaryDirectory directory;
        std::ifstream folder(directory / "");
        CHECK_THROWS_AS((void)parse_csv<2>(folder), Error);
        std::ifstream none(directory / "none.csv");
        CHECK_THROWS_WITH_AS((void)parse_csv<2>(none), "parse_csv: the stream can't be read; was its file opened?",
                             Error);
        std::istringstream text("1,2,0\n3,4,1\n");
        CHECK(parse_csv<2>(text).size() == 2);
    }

    TEST_CASE("a stream is read like a file, whatever its exceptions and its length") {
        const MnistFile file(300);
        std::istringstream stream(file.text);
        stream.exceptions(std::ios::failbit | std::ios::badbit | std::ios::eofbit);
        const auto data = parse_csv<784>(stream, {.label_column = 0});
        CHECK(bytes_of(data) == file.pixels);
        CHECK(data.targets().values() == file.labels);
        std::istringstream wrong(file.text + "x");
        CHECK_THROWS_WITH_AS((void)parse_csv<784>(wrong, {.label_column = 0}), doctest::Contains("CSV text:302:1: "),
                             FileError);
    }

#if defined(__unix__)
    TEST_CASE("a pipe is read like a file") {
        const MnistFile file(300);
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "pipe";
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        std::vector<std::string> forms{file.text};
#    if TYPENET_USE_ZLIB
        forms.push_back(support::gzip(file.text));
#    endif
        for (const std::string& bytes : forms) {
            std::thread writer([&] { std::ofstream(path, std::ios::binary) << bytes; });
            const auto data = load_csv<784>(path, {.label_column = 0});
            writer.join();
            CHECK(bytes_of(data) == file.pixels);
            CHECK(data.targets().values() == file.labels);
        }
    }
#endif

    TEST_CASE("one column can be loaded as texts") {
        using Texts = std::vector<std::string>;
        const TemporaryDirectory directory;
        const auto path = directory.write("data.csv", "id,name,x\n7,\"Smith, J\",1\n007,?,\n");
        CHECK((load_csv_texts(path, "id") == Texts{"7", "007"}));
        CHECK((load_csv_texts(path, "name") == Texts{"Smith, J", "?"}));
        const auto nameless = directory.write("nameless.csv", "Smith,1\nJones,2\n");
        CHECK((load_csv_texts(nameless, 0) == Texts{"Smith", "Jones"}));
        CHECK((load_csv_texts(path, 2, {.header = CsvHeader::present}) == Texts{"1", ""}));
        const auto other = directory.write("other.csv", "# a comment\n1;2,5\n3;x\n");
        CHECK(
            (load_csv_texts(other, 1, {.delimiter = ';', .decimal_point = ',', .comment = '#'}) == Texts{"2,5", "x"}));
        CHECK_THROWS_WITH_AS((void)load_csv_texts(path, "size"), doctest::Contains("no column is named \"size\""),
                             FileError);
        CHECK_THROWS_AS((void)load_csv_texts(path, "id", {.delimiter = '"'}), OptionError);
        const auto short_row = directory.write("short.csv", "a,b\n1,2\n3\n");
        CHECK_THROWS_WITH_AS((void)load_csv_texts(short_row, "a"),
                             doctest::Contains("short.csv:3:1: the row has 1 fields, the first row 2"), FileError);
    }

    TEST_CASE("a text in memory is read like a file") {
        CHECK(bytes_of(parse_csv<2>("7,2,3\n4,5,6\n")) == Bytes{2, 3, 5, 6});
        CHECK(parse_csv<1, Targets<1>>("7,2\n", {.target_columns = {0}}).targets().values() == Floats{7});
        CHECK_THROWS_WITH_AS((void)parse_csv<2>("7,2,3\n4,5,x\n"), doctest::Contains("CSV text:2:3: \"x\" isn't"),
                             FileError);
    }

    TEST_CASE("a missing file and a directory are errors without line and column") {
        const TemporaryDirectory directory;
        for (const std::filesystem::path& path : {directory / "missing.csv", directory.path()}) {
            try {
                (void)load_csv<1>(path);
                FAIL_CHECK("loaded " << path);
            } catch (const FileError& error) {
                CHECK(error.file() == path.string());
                CHECK(error.line() == 0);
                CHECK(error.column() == 0);
            }
        }
    }

    TEST_CASE("a file cut off anywhere is refused or gives the rows before the cut") {
        const std::string text = "\xEF\xBB\xBFlabel,\"a \"\"b\"\"\",c\r\n1,2,30\r\n2,\"4\",5.5\n3,0,255\n";
        const Dataset<2> whole = load<2>(text, {.label_column = "label", .header = CsvHeader::present});
        REQUIRE(whole.size() == 3);
        for (std::size_t length = 0; length < text.size(); ++length) {
            CAPTURE(length);
            try {
                const Dataset<2> part = load<2>(text.substr(0, length), {.label_column = "label"});
                REQUIRE(part.size() >= 1);
                REQUIRE(part.size() <= 3);
                // Only the last field of the last row may differ: the cut may have removed digits.
                for (std::size_t row = 0; row < part.size(); ++row) {
                    CHECK(part.label(row) == whole.label(row));
                    CHECK(part.row(row)[0] == whole.row(row)[0]);
                    if (row + 1 < part.size()) CHECK(part.row(row)[1] == whole.row(row)[1]);
                }
            } catch (const FileError& error) {
                CHECK(error.line() >= 1);
            }
        }
    }

    TEST_CASE("a file in which any one byte is replaced is refused or gives a valid dataset") {
        const std::string text = "label,a,b,c,d,e\n1,0,0,0,0,3\n2,4,\"55\",5.5,0,255\n";
        for (std::size_t place = 0; place < text.size(); ++place) {
            for (const char byte : "\0\n\r\",;0-.ex\xFF"s) {
                std::string changed = text;
                changed[place] = byte;
                CAPTURE(changed);
                try {
                    const Dataset<5> data = load<5>(changed, {.classes = 10});
                    CHECK(data.size() >= 1);
                    CHECK(data.size() <= 3);
                    CHECK(data.targets().classes() <= 10);
                } catch (const FileError& error) {
                    CHECK(error.line() >= 1);
                }
            }
        }
    }

#if defined(__linux__)
    TEST_CASE("loading allocates memory for the dataset, not for the file") {
        constexpr std::size_t features = 2000, rows = 6000;
        std::string row = "1";
        for (std::size_t i = 0; i < features; ++i) row += ",0";
        row += '\n';
        std::string text;
        for (std::size_t i = 0; i < rows; ++i) text += row;
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("data.csv", text);
        CHECK(support::runs_within(features * rows + text.size() / 2,
                                   [&] { return load_csv<features>(path).size() == rows; }));
#    if TYPENET_USE_ZLIB
        const std::filesystem::path packed = directory.write("data.csv.gz", support::gzip(text));
        CHECK((!support::gives_memory_back ||
               support::runs_within(features * rows * 2, [&] { return load_csv<features>(packed).size() == rows; })));
#    endif
    }

    TEST_CASE("a row of millions of fields takes no memory") {
        std::string text = "a long name that is stored on the heap";
        for (std::size_t i = 0; i < 4'000'000; ++i) text += ",a";
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("data.csv", text);
        CHECK(support::runs_within(text.size() + 10'000'000, [&] {
            try {
                (void)load_csv<3>(path);
            } catch (const FileError& error) {
                return std::string_view(error.what()).find("the row has 4000000 features, expected 3") !=
                       std::string_view::npos;
            }
            return false;
        }));
    }
#endif

    TEST_CASE("plain fields give the same dataset or error as the same fields in quotes") {
        int loaded = 0;
        int refused = 0;
        for (std::uint64_t seed = 0; seed < 3000; ++seed) {
            const RandomFile file(seed);
            CAPTURE(file.plain);
            const CsvOptions options{.label_column = file.label_column,
                                     .minimum = file.minimum,
                                     .maximum = file.maximum,
                                     .header = CsvHeader::absent};
            const TemporaryDirectory directory;
            const auto result = [&](const std::string& text) {
                return outcome_of(
                    [&] { return load_csv<RandomFile::features>(directory.write("file", text), options); });
            };
            const Outcome plain = result(file.plain);
            const Outcome quoted = result(file.quoted);
            CHECK(plain.error == quoted.error);
            CHECK(plain.features == quoted.features);
            CHECK(plain.labels == quoted.labels);
            plain.error.empty() ? ++loaded : ++refused;
        }
        CHECK(loaded > 500);
        CHECK(refused > 500);
    }

    TEST_CASE("a column may hold the weights of the rows, which is no feature") {
        const auto data = load<2>("0,1.5,10,20\n1,0,30,40\n", {.weight_column = 1});
        CHECK(data.weights().values() == Floats{1.5F, 0});
        CHECK(std::get<Bytes>(data.features().storage()) == Bytes{10, 20, 30, 40});
        CHECK(data.targets().values() == Classes{0, 1});
        CHECK(load<2>("label,x,w,y\n1,10,2,20\n", {.label_column = "label", .weight_column = "w"}).weights().values() ==
              Floats{2});
        CHECK(load<2>("0,10,20\n").weights().empty());
    }

    TEST_CASE("weights go with targets, columns to ignore, and rows that become floats") {
        const auto data = load<1, Targets<1>>("7,x,1,10\n8,y,2,0.5\n",
                                              {.target_columns = {0}, .ignore_columns = {1}, .weight_column = 2});
        CHECK(data.weights().values() == Floats{1, 2});
        CHECK(data.targets().values() == Floats{7, 8});
        CHECK(std::get<Floats>(data.features().storage()) == Floats{10, 0.5F});
        CHECK(load<1>("0,0.5,1\n1,7,2\n", {.weight_column = 2}).weights().values() == Floats{1, 2});
    }

    TEST_CASE("named columns have weights, too") {
        using Row = Columns<Number<"x">, Optional<Number<"y">>>;
        const std::string_view text = "w,y,name,x\n2,,a,1\n0.5,4,b,3\n";
        const auto labelled = parse_csv<Row, Label<"name", "a", "b">>(text, {.weight_column = "w"});
        CHECK(labelled.weights().values() == Floats{2, 0.5F});
        CHECK(labelled.targets().values() == Classes{0, 1});
        CHECK(labelled.row(1)(0) == 3);
        CHECK(
            parse_csv<Columns<Number<"x">>, Target<"x2">>("x,x2,w\n1,2,3\n", {.weight_column = 2}).weights().values() ==
            Floats{3});
        CHECK_THROWS_WITH_AS((void)(parse_csv<Row, Label<"name", "a", "b">>(text, {.weight_column = "y"})),
                             "load_csv: weight_column is also a column of features, labels or targets", OptionError);
        CHECK_THROWS_AS((void)(parse_csv<Row, Label<"name", "a", "b">>(text, {.weight_column = "name"})), OptionError);
    }

    TEST_CASE("a weight that is missing, negative or no number is an error with line and column") {
        const CsvOptions options{.weight_column = 1};
        check_fails<1>("0,1,5\n1,,5\n", 2, 2, "the field is empty", options);
        check_fails<1>("0,1,5\n1,-2,5\n", 2, 2, "the weight \"-2\" is negative", options);
        check_fails<1>("0,1,5\n1,two,5\n", 2, 2, "\"two\" isn't a number", options);
        check_fails<1>("0,1,5\n1,nan,5\n", 2, 2, "isn't a finite number", options);
        check_fails<1>("0,1,5\n1,1e39,5\n", 2, 2, "is too large for a float", options);
        check_fails<1>("0,1,5\n", 1, 0, "there is no column 7", {.weight_column = 7});
        check_fails<2>("0,1,5\n", 1, 0, "of which 1 is the label, 1 is the weight", options);
        CHECK_THROWS_WITH_AS((void)load<1>("0,0,5\n1,0,5\n", options),
                             doctest::Contains("data.csv: none of the 2 weights is above 0"), FileError);
        CHECK_THROWS_AS((void)load<1>("0,1,5\n", {.weight_column = 0}), OptionError);
        const TemporaryDirectory directory;
        CHECK_THROWS_AS((void)load_csv_features<2>(directory.write("data.csv", "1,2\n"), options), OptionError);
    }
}
