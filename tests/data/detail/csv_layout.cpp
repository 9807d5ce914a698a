#include <doctest/doctest.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/detail/csv_layout.hpp>
#include <typenet/data/detail/csv_reader.hpp>

using namespace typenet;
using detail::CsvLayout;
using detail::CsvReader;
using detail::CsvRequest;
using detail::CsvRole;
using Kind = CsvRole::Kind;

namespace {

constexpr std::size_t none = detail::no_index;

CsvRequest labels(std::size_t features) {
    return {.features = features, .targets = CsvRequest::Kind::labels, .target_count = 1};
}
CsvRequest numbers(std::size_t features, std::size_t targets) {
    return {.features = features, .targets = CsvRequest::Kind::numbers, .target_count = targets};
}

CsvLayout layout_of(std::string_view text, const CsvOptions& options, const CsvRequest& request) {
    CsvReader reader(text, "file", options.dialect());
    return detail::read_layout(reader, options, request);
}

std::string message_of(std::string_view text, const CsvOptions& options, const CsvRequest& request) {
    try {
        (void)layout_of(text, options, request);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

template <class Member>
auto list(const CsvLayout& layout, Member member) {
    std::vector<std::remove_cvref_t<decltype(layout.roles[0].*member)>> values;
    for (const CsvRole& role : layout.roles) values.push_back(role.*member);
    return values;
}

using Houses = Columns<Category<"kind", "new", Other>, Missing<"size">, Number<"age">, Optional<Number<"size">>,
                       Missing<"garden">>;
constexpr std::array<std::string_view, 1> price{"price"};
const CsvRequest houses{.features = Houses::width,
                        .targets = CsvRequest::Kind::numbers,
                        .target_count = 1,
                        .columns = Houses::rules,
                        .target_names = price};

}  // namespace

TEST_SUITE("data/detail/csv_layout") {
    TEST_CASE("gives each column its place among the targets or the features") {
        const CsvLayout layout = layout_of("1,2,3,4,5\n", {.target_columns = {3, 0}}, numbers(3, 2));
        CHECK(layout.columns == 5);
        CHECK(list(layout, &CsvRole::column) == std::vector<std::size_t>{0, 1, 2, 3, 4, none});
        CHECK(list(layout, &CsvRole::kind) ==
              std::vector{Kind::target, Kind::number, Kind::number, Kind::target, Kind::number, Kind::number});
        CHECK(list(layout, &CsvRole::first) == std::vector<std::size_t>{1, 0, 1, 0, 2, 0});
    }

    TEST_CASE("counts the features from each column to the next gap") {
        CHECK(list(layout_of("1,2,3,4,5,6\n", {.label_column = 3}, labels(5)), &CsvRole::run) ==
              std::vector<std::size_t>{3, 2, 1, 0, 2, 1, 0});
        const CsvLayout layout = layout_of("1,2,3,4,5,6\n", {.ignore_columns = {1, 3}}, labels(3));
        CHECK(list(layout, &CsvRole::column) == std::vector<std::size_t>{0, 2, 4, 5, none});
        CHECK(list(layout, &CsvRole::run) == std::vector<std::size_t>{0, 1, 2, 1, 0});
        CHECK(list(layout_of("1,2,3\n", {.missing = {"?"}}, labels(2)), &CsvRole::run) ==
              std::vector<std::size_t>{0, 0, 0, 0});
    }

    TEST_CASE("leaves the reader at the first data row") {
        for (const std::string_view text : {"1,2\n3,4\n", "label,a\n1,2\n3,4\n", "a,1\n1,2\n3,4\n"}) {
            CsvReader reader(text, "file");
            const CsvHeader header = text.starts_with("a,1") ? CsvHeader::present : CsvHeader::automatic;
            (void)detail::read_layout(reader, {.header = header}, labels(1));
            CHECK(reader.read_number() == 1);
        }
    }

    TEST_CASE("finds columns by index and by name, each once") {
        const char* const text = "a,b,c\n1,2,3\n";
        CHECK(list(layout_of(text, {.label_column = "b"}, labels(2)), &CsvRole::first) ==
              std::vector<std::size_t>{0, 0, 1, 0});
        for (const CsvOptions& twice : {CsvOptions{.label_column = 1, .ignore_columns = {"b"}},
                                        CsvOptions{.label_column = "b", .ignore_columns = {0, 0}}}) {
            CHECK(message_of(text, twice, labels(1)) ==
                  "load_csv: label_column, target_columns, weight_column and ignore_columns name a column twice");
        }
    }

    TEST_CASE("names from the options stand for a header") {
        const CsvOptions options{.label_column = "y", .column_names = {"x", "y"}};
        CHECK(list(layout_of("1,2\n", options, labels(1)), &CsvRole::kind) ==
              std::vector{Kind::number, Kind::label, Kind::number});
        CHECK(list(layout_of("1,2\n", {.label_column = 1, .column_names = {"x", "y"}}, labels(1)), &CsvRole::kind) ==
              std::vector{Kind::number, Kind::label, Kind::number});
    }

    TEST_CASE("columns to ignore, class names and missing values don't make a row a header") {
        CsvOptions options{.label_column = 0, .ignore_columns = {1}, .class_names = {"cat"}, .missing = {"?"}};
        CHECK(list(layout_of("cat,Tom,?,1\n", options, labels(2)), &CsvRole::kind) ==
              std::vector{Kind::class_name, Kind::number, Kind::number, Kind::number});
        CHECK(message_of("dog,Tom,?,?\n", options, labels(2)) == "file:2:1: there are no rows after the header");
    }

    TEST_CASE("a delimiter at the end of each line is not a column") {
        for (const char* const text : {"a,b,\n1,2,\n", "1,2,\n"}) {
            const CsvLayout layout = layout_of(text, {}, labels(1));
            CHECK(layout.columns == 3);
            CHECK(list(layout, &CsvRole::kind) == std::vector{Kind::label, Kind::number, Kind::empty, Kind::number});
            CHECK(list(layout, &CsvRole::run) == std::vector<std::size_t>{0, 1, 0, 0});
        }
        CHECK(message_of("1,2,\n", {.label_column = 2}, labels(1)).find("the row has 2 features, expected 1") !=
              std::string::npos);
    }

    TEST_CASE("a wrong width is told with what the columns are, and with a hint") {
        CHECK(message_of("1,2,3\n", {}, labels(3)) ==
              "file:1: the row has 2 features, expected 3 (3 columns separated by \",\", of which 1 is the label)");
        CHECK(message_of("1,2,3,4\n", {.ignore_columns = {3}}, labels(3)) ==
              "file:1: the row has 2 features, expected 3 (4 columns separated by \",\", of which 1 is the label, 1 is "
              "ignored)");
        CHECK(message_of("1,2,3,4\n", {.target_columns = {0, 1}, .ignore_columns = {2, 3}}, numbers(1, 2)) ==
              "file:1: the row has 0 features, expected 1 (4 columns separated by \",\", of which 2 are targets, 2 are "
              "ignored)");
        CHECK(message_of("1,2\n", {}, {.features = 1}) ==
              "file:1: the row has 2 features, expected 1 (2 columns separated by \",\")");
        CHECK(
            message_of("1\t2\t3\n", {}, labels(2)) ==
            "file:1: the row has 0 features, expected 2 (1 column separated by \",\", of which 1 is the label). Is the "
            "delimiter \"\\t\"?");
    }

    TEST_CASE("named columns are found wherever they stand, and others are left out") {
        const CsvLayout layout = layout_of("id,size,price,garden,kind,age\n1,2,3,4,5,6\n", {}, houses);
        CHECK(layout.columns == 6);
        CHECK(list(layout, &CsvRole::column) == std::vector<std::size_t>{1, 2, 3, 4, 5, none});
        CHECK(list(layout, &CsvRole::kind) ==
              std::vector{Kind::number, Kind::target, Kind::missing, Kind::category, Kind::number, Kind::number});
        CHECK(list(layout, &CsvRole::first) == std::vector<std::size_t>{4, 0, 5, 0, 3, 0});
        CHECK(list(layout, &CsvRole::flag) == std::vector<std::size_t>{2, none, none, none, none, none});
        CHECK(list(layout, &CsvRole::optional) == std::vector<bool>{true, false, false, false, false, false});
        CHECK(list(layout, &CsvRole::run) == std::vector<std::size_t>{0, 0, 0, 0, 1, 0});
        CHECK(layout.missing == CsvOptions::usual_missing());
    }
}
