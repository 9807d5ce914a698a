#include <doctest/doctest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/detail/csv_loader.hpp>

#include "../../support/temporary_file.hpp"

using namespace typenet;
using detail::CsvRequest;
using detail::CsvTable;

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

    TEST_CASE("a request is refused before the text is read") {
        const CsvRequest labels{.features = 1, .targets = CsvRequest::Kind::labels, .target_count = 1};
        CHECK_THROWS_AS((void)detail::read_csv("", "text", {.scale = 0}, labels), OptionError);
    }
}
