#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/detail/csv_loader.hpp>
#include <typenet/data/detail/data_file.hpp>
#include <typenet/data/detail/line_blocks.hpp>

#include "../../support/temporary_file.hpp"

using namespace typenet;
using detail::CsvRequest;
using detail::CsvTable;
using detail::LineBlocks;

namespace {

/// What reading a text gives: a table, or an error.
struct Outcome {
    CsvTable table = {};
    std::string error = {};

    bool operator==(const Outcome& other) const {
        const auto equals = [](const std::vector<float>& a, const std::vector<float>& b) {
            return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                              [](float x, float y) { return x == y || (x != x && y != y); });
        };
        const auto* const floats = std::get_if<std::vector<float>>(&table.features);
        const auto* const other_floats = std::get_if<std::vector<float>>(&other.table.features);
        const bool are_features_equal = floats != nullptr && other_floats != nullptr
                                            ? equals(*floats, *other_floats)
                                            : table.features == other.table.features;
        return are_features_equal && table.labels == other.table.labels && table.targets == other.table.targets &&
               table.weights == other.table.weights && error == other.error;
    }
};

template <class Text>
Outcome outcome_of(Text&& text, const CsvOptions& options, const CsvRequest& request) {
    try {
        return {.table = detail::read_csv(text, "text", options, request)};
    } catch (const FileError& error) {
        return {.error = error.what()};
    }
}

/// Checks that a text gives the same table or error in blocks of any size as in memory. Returns the error, or nothing.
std::string check_blocks(const std::string& text, const CsvOptions& options, const CsvRequest& request) {
    CAPTURE(text);
    const Outcome expected = outcome_of(text, options, request);
    CAPTURE(expected.error);
    for (std::size_t block_size = 1; block_size <= std::min<std::size_t>(text.size() + 2, 70); ++block_size) {
        CAPTURE(block_size);
        std::string_view rest = text;
        LineBlocks blocks(
            [&](char* out, std::size_t count) {
                const std::size_t got = rest.copy(out, count);
                rest.remove_prefix(got);
                return got;
            },
            block_size % 2 == 0 ? 0 : text.size(), block_size);
        const Outcome found = outcome_of(blocks, options, request);
        CHECK(found.error == expected.error);
        CHECK(found == expected);
    }
    return expected.error;
}

}  // namespace

// What load_csv makes of a table is tested in tests/data/csv.cpp and tests/data/columns.cpp.

TEST_SUITE("data/detail/csv_loader") {
    TEST_CASE("a text and a file give the same table, in the name of each") {
        const CsvRequest request{.features = 2, .targets = CsvRequest::Kind::numbers, .target_count = 1};
        const CsvOptions options{.target_columns = {1}};
        const std::string text = "1,0.5,2\n3,-1,4\n";
        const support::TemporaryDirectory directory;
        for (const CsvTable& table : {detail::read_csv(text, "text", options, request),
                                      detail::read_csv(directory.write("data.csv", text), options, request)}) {
            CHECK(std::get<std::vector<std::uint8_t>>(table.features) == std::vector<std::uint8_t>{1, 2, 3, 4});
            CHECK(table.targets == std::vector<float>{0.5F, -1});
            CHECK(table.labels.empty());
        }
        CHECK_THROWS_WITH_AS((void)detail::read_csv("1,x,2\n", "text", options, request),
                             doctest::Contains("text:1:2: "), FileError);
        CHECK_THROWS_WITH_AS((void)detail::read_csv(directory.write("wrong.csv", "1,0,2\n1,x,2\n"), options, request),
                             doctest::Contains("wrong.csv:2:2: "), FileError);
    }

    TEST_CASE("features alone have no targets") {
        const CsvTable table = detail::read_csv("1,2\n3,0.5\n", "text", {}, CsvRequest{.features = 2});
        CHECK(std::get<std::vector<float>>(table.features) == std::vector<float>{1, 2, 3, 0.5F});
        CHECK(table.targets.empty());
        CHECK(table.labels.empty());
    }

    TEST_CASE("blocks of any size give what the whole text gives") {
        const CsvRequest request{.features = 2, .targets = CsvRequest::Kind::numbers, .target_count = 1};
        for (const std::string text : {
                 "9,2,3\n4,5,6\n7,8,9\n",
                 "9,2,3\r\n4,5,6\r\n7,8,9",
                 "\xEF\xBB\xBFx,y,z\n9,2,3\n4,5,6\n",
                 "9,2,3\n4,0.5,6\n7,8,-9\n",
                 "x,y,z\n1,2,3\n\n\r\n\n",
                 "x, \"y\" ,\"a \"\"name\"\"\nof two lines\"\n1,\"2\",3\n 4 ,\"5\" , 6\n",
                 "100,200,255\n12,0,7\n0,0,0\n0,0,0\n254,1,99\n",
                 "9,2,3,\n4,5,6,\n",
                 "1.25e2,-2,3\n16777217,5,6\n",
                 "0,1,2\n1,2,3\n",  // the first row may count its columns
                 "9,2,3\n4.5,5,6\n1,2,3\n",
             }) {
            CHECK(check_blocks(text, {.target_columns = {2}}, request).empty());
        }
        for (const std::string text : {
                 "",
                 "\n",
                 "\n1,2,3\n",
                 "9,2,3\n\n4,5,6\n",
                 "9,2,3\n\r\n\n4,5,6\n",
                 "x,y,z\n",
                 "x,y,z\n\n\n",
                 "9,2,3\n4,5\n",
                 "9,2,3\n4,5,6,7\n",
                 "9,2,3\n4,\"5\n6,7,8\n9,10,11\n",
                 "9,2,3\n4,\"5\"x,6\n",
                 "9,2,3\n4,\"5\n\"x,6\n",
                 "9,2,3\r4,5,6\r7,8,9\r",
                 "9,2,3\n4,\"a\nb\nc\nd\",6\n",
                 "9,2,3\n4,5,x\n",
                 "\xFF\xFE\n1,2,3\n",
                 "0,1,2\n5.5,4,3\n",
                 "0,1,2\n\"a\nb\nc\",4,3\n",

                 "1,x,3\n2,3,4\n",
                 "16777217,5,6\n16777216,2,3\n",
             }) {
            CHECK_FALSE(check_blocks(text, {.target_columns = {2}}, request).empty());
        }
        const std::string nul("9,2,3\n4,\0,6\n", 12);
        CHECK_FALSE(check_blocks(nul, {.target_columns = {2}}, request).empty());
    }

    TEST_CASE("blocks of any size give what the whole text gives, with all options") {
        const CsvRequest labels{.features = 2, .targets = CsvRequest::Kind::labels, .target_count = 1};
        CHECK(check_blocks("# one\n#\n1 2\t3\n# two\n\n", {.delimiter = ' ', .comment = '#'}, labels).empty());
        CHECK(check_blocks("1,2,3\n# one\n# two\n1,2,3\n\n# three\n \n#", {.comment = '#'}, labels) ==
              "text:5:1: the line is blank; expected a row. Remove blank lines between rows");
        CHECK(check_blocks("1,2,3\n#\n# \"two\n1,2,3\n\n# three\n\n#", {.comment = '#'}, labels).empty());
        CHECK(check_blocks("a \"title\n\nof lines\n#\n0,1,2\n1,1,2\n",
                           {.header = CsvHeader::absent, .comment = '#', .skip_lines = 3}, labels)
                  .empty());
        CHECK_FALSE(check_blocks("a\nb\nc", {.skip_lines = 3}, labels).empty());
        CHECK_FALSE(check_blocks("a\nb\nc\n", {.skip_lines = 9}, labels).empty());
        CHECK(check_blocks("\"a\nb\",1,2\n\"c\n\n\",3,4\n\"a\nb\",5,6\n",
                           {.class_names = {"a\nb", "c\n\n"}, .header = CsvHeader::absent}, labels)
                  .empty());
        CHECK(check_blocks("0,1,3\n1,\"no\nnumber\",2\n1,2,\"no\nnumber\"\n", {.missing = {"no\nnumber"}}, labels)
                  .empty());
        CHECK(check_blocks("label,w,x,y\n0,0.5,1,2\n1,0,3,4\n", {.label_column = "label", .weight_column = "w"}, labels)
                  .empty());
        CHECK(check_blocks("0,1,2\n3,\"4\n\",5\n", {}, labels) !=
              check_blocks("0,1,2\n3,\"\n4\",5\n", {.header = CsvHeader::absent}, {.features = 2}));
        CHECK(check_blocks("1 2 3 \n 4 5 6\n7  8  9", {.delimiter = ' ', .header = CsvHeader::absent}, {.features = 3})
                  .empty());
    }

    TEST_CASE("a long row, and rows of many lengths, are read across the ends of blocks") {
        std::string text;
        for (std::size_t row = 0; row < 30; ++row) {
            for (std::size_t column = 0; column < 40; ++column) {
                if (column != 0) text += ',';
                text += std::to_string(row % 3 == 0 ? 0 : (row * 37 + column * 11) % 256);
            }
            text += '\n';
        }
        CHECK(check_blocks(text, {.header = CsvHeader::absent}, {.features = 40}).empty());
    }

    TEST_CASE("a file that becomes shorter while it is read is an error, wherever it is cut") {
        std::string text;
        for (int row = 0; row < 200; ++row) text += "1,22,133\n";
        const support::TemporaryDirectory directory;
        for (const std::size_t size : {0U, 100U, 899U, 900U, 901U, 905U, 1799U}) {
            CAPTURE(size);
            const auto path = directory.write("data.csv", text);
            detail::DataFile file(path);
            std::size_t reads = 0;
            LineBlocks blocks(
                [&](char* out, std::size_t count) {
                    if (++reads == 2) std::filesystem::resize_file(path, size);
                    return file.read(out, count);
                },
                file.size(), 64);
            CHECK_THROWS_WITH_AS((void)detail::read_csv(blocks, path.string(), {}, {.features = 3}),
                                 (path.string() + ": became shorter while it was read").c_str(), FileError);
        }
    }

    TEST_CASE("a request is refused before the text is read") {
        const CsvRequest labels{.features = 1, .targets = CsvRequest::Kind::labels, .target_count = 1};
        CHECK_THROWS_AS((void)detail::read_csv("", "text", {.scale = 0}, labels), OptionError);
    }
}
