#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <fuzz/csv_reader.hpp>
#include <fuzz/fuzz.hpp>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <typenet/core/error.hpp>
#include <typenet/data/csv.hpp>
#include <variant>
#include <vector>

/// load_csv, with all its options, against a reader that is as simple as possible: both give the same dataset, or both
/// refuse the file. load_csv throws FileError with a line, or OptionError, and nothing else.
///
/// An input: a byte for columns and delimiter, a byte for header and ranges, then the file.
namespace {

using namespace typenet;
using fuzz::number;
using fuzz::Refused;
using fuzz::SimpleReader;

double finite_number(const std::string& text) {
    const double value = number(text).value_or(std::numeric_limits<double>::quiet_NaN());
    if (!(std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()))) throw Refused{};
    return value;
}

/// What a dataset holds.
struct Table {
    std::vector<double> features;
    std::vector<double> targets;
    bool is_bytes = true;  // whether the file's features are whole numbers from 0 to 255
    bool operator==(const Table&) const = default;
};

template <std::size_t FeatureCount, class Target>
Table read_simply(std::string_view file, const CsvOptions& options) {
    std::vector<std::vector<std::string>> rows = SimpleReader(file, options.delimiter).rows();
    if (rows.empty()) throw Refused{};
    std::vector<CsvColumn> columns = options.target_columns;
    if (std::same_as<Target, Labels>) columns = {options.label_column};

    bool has_header = options.header == CsvHeader::present;
    const auto is_named = [](const CsvColumn& column) { return column.name().has_value(); };
    if (options.header == CsvHeader::automatic) {
        has_header = std::any_of(columns.begin(), columns.end(), is_named);
        const auto is_number = [](const std::string& field) { return number(field).has_value(); };
        const auto is_text = [&](const std::string& field) { return !field.empty() && !is_number(field); };
        if (!has_header && std::any_of(rows[0].begin(), rows[0].end(), is_text)) {
            if (std::any_of(rows[0].begin(), rows[0].end(), is_number)) throw Refused{};
            has_header = true;
        }
        const auto counts_up = [](const std::vector<std::string>& row, double first) {
            for (const std::string& field : row) {
                if (number(field) != first++) return false;
            }
            return true;
        };
        const auto names_columns = [&](const std::vector<std::string>& row) {
            return row.size() >= 3 && (counts_up(row, 0) || counts_up(row, 1));
        };
        if (!has_header && rows.size() > 1 && names_columns(rows[0]) && rows[1].size() == rows[0].size() &&
            std::all_of(rows[1].begin(), rows[1].end(), is_number) && !names_columns(rows[1])) {
            throw Refused{};
        }
    }
    std::vector<std::string> names;
    if (has_header) {
        names = rows[0];
        rows.erase(rows.begin());
        if (rows.empty()) throw Refused{};
    }

    std::vector<std::size_t> target_columns;
    for (const CsvColumn& column : columns) {
        std::size_t index = column.index();
        if (is_named(column)) {
            if (std::count(names.begin(), names.end(), *column.name()) != 1) throw Refused{};
            index = static_cast<std::size_t>(std::find(names.begin(), names.end(), *column.name()) - names.begin());
        }
        if (std::count(target_columns.begin(), target_columns.end(), index) != 0) throw Refused{};
        target_columns.push_back(index);
    }
    const std::size_t width = FeatureCount + columns.size();
    if (has_header && names.size() != width) throw Refused{};

    Table table;
    for (const std::vector<std::string>& row : rows) {
        if (row.size() != width) throw Refused{};
        for (const std::size_t column : target_columns) {
            if (column >= width) throw Refused{};
            const double value = finite_number(row[column]);
            if (std::same_as<Target, Labels>) {
                const double limit = options.classes == 0 ? 2147483648.0 : static_cast<double>(options.classes);
                if (value < 0 || value != std::floor(value) || value >= limit) throw Refused{};
            }
            table.targets.push_back(static_cast<double>(static_cast<float>(value)));
            if (std::same_as<Target, Labels>) table.targets.back() = value;
        }
        for (std::size_t column = 0; column < width; ++column) {
            if (std::count(target_columns.begin(), target_columns.end(), column) != 0) continue;
            const double value = finite_number(row[column]);
            if (value < options.minimum || value > options.maximum) throw Refused{};
            table.is_bytes = table.is_bytes && value >= 0 && value <= 255 && value == std::floor(value);
            table.features.push_back(static_cast<double>(static_cast<float>(value)));
        }
    }
    return table;
}

template <std::size_t FeatureCount, class Target>
void check(std::string_view file, const CsvOptions& options) {
    std::optional<Table> expected;
    try {
        expected = read_simply<FeatureCount, Target>(file, options);
    } catch (const Refused&) {
    }
    try {
        const auto dataset = load_csv<FeatureCount, Target>(fuzz::file("file.csv", file), options);
        fuzz::require(expected.has_value(), "load_csv refuses what its comment says it refuses");
        Table table;
        std::visit([&](const auto& values) { table.features.assign(values.begin(), values.end()); },
                   dataset.features().storage());
        table.targets.assign(dataset.targets().values().begin(), dataset.targets().values().end());
        table.is_bytes = std::holds_alternative<std::vector<std::uint8_t>>(dataset.features().storage());
        fuzz::require(table == *expected, "load_csv gives the file's numbers, as bytes where it can");
    } catch (const FileError& error) {
        fuzz::require(!expected, "load_csv reads what its comment says it reads");
        fuzz::require(error.line() != 0, "an error names its line");
    } catch (const OptionError&) {
        fuzz::require(!expected, "load_csv takes these options");
    }
}

constexpr char delimiters[] = {',', ';', '\t', ' ', '|', '\xE9', 'n', '('};

}  // namespace

std::vector<std::string> fuzz::seeds() {
    const auto input = [](int columns, int ranges, std::string_view file) {
        return std::string{static_cast<char>(columns), static_cast<char>(ranges)}.append(file);
    };
    return {
        input(0x00, 0, "1,2,3,4,5,6,7,8,9,10\n0,0,0,0,0,0,0,0,0,0\n7,101,102,103,104,105,106,107,128,7\n"),
        input(0x20, 0, "1,2,3,4,5,6,7,8,9,0\r\n0.5,-1e3,999,1000,+5,.5,5.,0,0,1\r\n"),
        input(0x40, 4, "\"label\",a,b,c,\"d\"\"d\",e,f,g,h,i\n 1 ,\"2\" ,3,4,5,6,7,8,9,9"),
        input(0x60, 0,
              "\xEF\xBB\xBF"
              "a,b,c,d,e,f\n1,2,3,4,5,6\n1.5,2,3,nan,5,6\n\n"),
        input(0x80, 1, "label,x,a,b,c,y\n1,2,3,4,5,6\n"),
        input(0xA1, 8, "1;2\n3;4\n"),
        input(0xC2, 0x80, "3\t0\n1\t256\n"),
        input(0xE3, 0, "0 1\n1 1e-400\n"),
    };
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t columns = input.byte();
    const std::size_t ranges = input.byte();
    const std::string_view file = input.rest();

    constexpr double infinity = std::numeric_limits<double>::infinity();
    struct Range {
        double minimum, maximum;
    };
    constexpr Range feature_ranges[] = {{-infinity, infinity}, {0, 255}, {0, 100},         {1, infinity},
                                        {-infinity, -1},       {0, 500}, {-0.5, infinity}, {0.1, 1e30}};
    constexpr std::size_t class_counts[] = {0, 10, 3, 256};
    constexpr CsvHeader headers[] = {CsvHeader::automatic, CsvHeader::present, CsvHeader::absent, CsvHeader::automatic};

    CsvOptions options;
    options.delimiter = delimiters[columns & 7];
    options.header = headers[ranges >> 6];
    options.minimum = feature_ranges[ranges & 7].minimum;
    options.maximum = feature_ranges[ranges & 7].maximum;
    options.classes = class_counts[ranges >> 3 & 3];
    switch (columns >> 5) {
        case 0:
            check<9, Labels>(file, options);
            break;
        case 1:
            options.label_column = 9;
            check<9, Labels>(file, options);
            break;
        case 2:
            options.label_column = "label";
            check<9, Labels>(file, options);
            break;
        case 3:
            options.classes = 0;
            options.target_columns = {5, 0};
            check<4, Targets<2>>(file, options);
            break;
        case 4:
            options.classes = 0;
            options.target_columns = {"y", (ranges & 32) != 0 ? CsvColumn(0) : CsvColumn("x")};
            check<4, Targets<2>>(file, options);
            break;
        case 5:
            check<1, Labels>(file, options);
            break;
        case 6:
            options.label_column = 1 + (ranges >> 5 & 1);
            check<1, Labels>(file, options);
            break;
        default:
            options.classes = 0;
            options.target_columns = {0, 1 - (ranges >> 5 & 1)};
            check<4, Targets<2>>(file, options);
            break;
    }
    return 0;
}
