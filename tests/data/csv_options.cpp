#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <string_view>

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
}
