#include <cstddef>
#include <string>
#include <string_view>
#include <typenet/data/detail/csv_layout.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using detail::CsvLayout;
using detail::CsvReader;

namespace {

constexpr std::size_t feature = CsvLayout::feature;

}  // namespace

TEST_SUITE("data/detail/csv_layout") {
    TEST_CASE("gives each column's target index, or marks it as a feature") {
        CsvReader reader("1,2,3,4,5\n", "file", ',');
        const CsvLayout layout = detail::read_layout<Targets<2>>(reader, {.target_columns = {3, 0}}, 3);
        CHECK(layout.target == std::vector<std::size_t>{1, feature, feature, 0, feature});
    }

    TEST_CASE("counts the features from each column to the next target or the end of the row") {
        CsvReader reader("1,2,3,4,5,6\n", "file", ',');
        const CsvLayout layout = detail::read_layout<Labels>(reader, {.label_column = 3}, 5);
        CHECK(layout.features_run == std::vector<std::size_t>{3, 2, 1, 0, 2, 1, 0});
    }

    TEST_CASE("leaves the reader at the first data row") {
        for (const std::string_view text : {"1,2\n3,4\n", "label,a\n1,2\n3,4\n"}) {
            CsvReader reader(text, "file", ',');
            (void)detail::read_layout<Labels>(reader, {}, 1);
            CHECK(reader.read_number() == 1);
        }
    }

    TEST_CASE("finds columns by index and by name") {
        const CsvReader reader("", "file", ',');
        CHECK(detail::find_column(reader, 1, 2, {}) == 1);
        CHECK(detail::find_column(reader, "b", 2, {"a", "b"}) == 1);
        CHECK_THROWS_WITH_AS((void)detail::find_column(reader, 2, 2, {}),
                             "file:1: there is no column 2: the row has 2 columns, which count from 0", FileError);
        CHECK_THROWS_WITH_AS((void)detail::find_column(reader, "c", 2, {"a", "b"}),
                             "file:1: no column is named \"c\"; the header has \"a\", \"b\"", FileError);
        const std::vector<std::string> many(11, "d");
        CHECK_THROWS_WITH_AS(
            (void)detail::find_column(reader, "c", 11, many),
            "file:1: no column is named \"c\"; the header has \"d\", \"d\", \"d\", \"d\", \"d\", \"d\", "
            "\"d\", \"d\", \"d\", \"d\", ...",
            FileError);
        CHECK_THROWS_WITH_AS((void)detail::find_column(reader, "a", 2, {"a", "a"}),
                             "file:1: more than one column is named \"a\"", FileError);
    }
}
