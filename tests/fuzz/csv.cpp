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
#include <typenet/data/detail/csv_loader.hpp>
#include <typenet/data/detail/line_blocks.hpp>
#include <utility>
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

double finite_number(const std::string& text, char point) {
    const double value = number(text, point).value_or(std::numeric_limits<double>::quiet_NaN());
    if (!(std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()))) throw Refused{};
    return value;
}

bool is_missing(const std::string& field, const CsvOptions& options) {
    const std::optional<double> value = number(field, options.decimal_point);
    return std::any_of(options.missing.begin(), options.missing.end(),
                       [&](const std::string& text) { return text == field || (value && value == number(text)); });
}

/// What a dataset holds; -0.125 stands for a missing value.
struct Table {
    std::vector<double> features;
    std::vector<double> targets;
    bool is_bytes = true;  // whether the file's features are whole numbers from 0 to 255
    bool operator==(const Table&) const = default;
};

template <std::size_t FeatureCount, class Target>
Table read_simply(std::string_view file, const CsvOptions& options) {
    std::vector<std::vector<std::string>> rows = SimpleReader(file, options).rows();
    if (rows.empty()) throw Refused{};
    std::vector<CsvColumn> columns = options.target_columns;
    if (std::same_as<Target, Labels>) columns = {options.label_column};

    bool has_header = options.header == CsvHeader::present;
    const auto is_named = [](const CsvColumn& column) { return column.name().has_value(); };
    if (options.header == CsvHeader::automatic) {
        has_header = std::any_of(columns.begin(), columns.end(), is_named);
        bool has_numbers = false;
        bool has_texts = false;
        for (std::size_t i = 0; i < rows[0].size(); ++i) {
            const std::string& field = rows[0][i];
            const auto is_here = [&](const CsvColumn& c) { return !is_named(c) && c.index() == i; };
            const bool is_missing_text =
                std::find(options.missing.begin(), options.missing.end(), field) != options.missing.end();
            if (field.empty() || is_missing_text) continue;
            if (std::any_of(options.ignore_columns.begin(), options.ignore_columns.end(), is_here)) continue;
            const bool holds_number = number(field, options.decimal_point).has_value();
            has_numbers = has_numbers || holds_number;
            has_texts = has_texts || !holds_number;
        }
        if (!has_header && has_texts) {
            if (has_numbers) throw Refused{};
            has_header = true;
        }
        // The numbers of a row where they are whole and rise.
        const auto rising = [&](const std::vector<std::string>& row) -> std::optional<std::vector<double>> {
            std::vector<double> numbers;
            for (const std::string& field : row) {
                if (field.empty()) continue;
                const double value = number(field, options.decimal_point).value_or(0.5);
                if (value != std::floor(value) || (!numbers.empty() && !(value > numbers.back()))) return {};
                numbers.push_back(value);
            }
            return numbers;
        };
        const auto is_even = [](const std::vector<double>& numbers) {
            for (std::size_t i = 2; i < numbers.size(); ++i) {
                if (numbers[i] - numbers[i - 1] != numbers[1] - numbers[0]) return false;
            }
            return true;
        };
        const auto counts = [&](const std::vector<double>& numbers) {
            return numbers.size() > 1 && (numbers[0] == 0 || numbers[0] == 1) && numbers[1] - numbers[0] == 1 &&
                   is_even(numbers);
        };
        if (!has_header && rows.size() > 1 && rows[1].size() == rows[0].size()) {
            const auto first = rising(rows[0]);
            const auto second = rising(rows[1]);
            const std::size_t enough = !first ? 0 : counts(*first) ? 3 : is_even(*first) ? 4 : 5;
            const bool goes_on = first && second && (counts(*second) || !counts(*first));
            if (first && first->size() >= enough && !goes_on) throw Refused{};
        }
    }
    std::vector<std::string> names;
    if (has_header) {
        names = rows[0];
        rows.erase(rows.begin());
        if (rows.empty()) throw Refused{};
    }

    const std::size_t width = FeatureCount + columns.size() + options.ignore_columns.size();
    columns.insert(columns.end(), options.ignore_columns.begin(), options.ignore_columns.end());
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
    const auto is_beyond = [&](std::size_t column) { return column >= width; };
    if (std::any_of(target_columns.begin(), target_columns.end(), is_beyond)) throw Refused{};
    const std::vector<std::string>& first = has_header ? names : rows[0];
    const bool ends_in_delimiter = first.size() == width + 1 && first.back().empty();
    if (has_header && names.size() != width + (ends_in_delimiter ? 1 : 0)) throw Refused{};

    Table table;
    std::vector<double> large_values(width);
    std::vector<std::vector<float>> floats(width);  // the numbers of each column
    std::vector<bool> is_rounded(width);            // whether one of them, of 2^24 or more, isn't a float
    const auto check_large = [&](std::size_t column, double value) {
        floats[column].push_back(static_cast<float>(value));
        if (!(std::abs(value) >= 16777216)) return;
        if (static_cast<double>(floats[column].back()) != value) is_rounded[column] = true;
        const double last = std::exchange(large_values[column], value);
        if (last != value && static_cast<float>(last) == static_cast<float>(value)) throw Refused{};
    };
    const std::size_t targets = target_columns.size() - options.ignore_columns.size();
    for (std::vector<std::string>& row : rows) {
        if (ends_in_delimiter) {
            if (row.size() != width + 1 || !row.back().empty()) throw Refused{};
            row.pop_back();
        }
        if (row.size() != width) throw Refused{};
        for (std::size_t target = 0; target < targets; ++target) {
            const std::size_t column = target_columns[target];
            const double value = finite_number(row[column], options.decimal_point);
            if (!std::same_as<Target, Labels>) check_large(column, value);
            if (std::same_as<Target, Labels>) {
                const double limit = options.classes == 0 ? 2147483648.0 : static_cast<double>(options.classes);
                if (value < 0 || value != std::floor(value) || value >= limit) throw Refused{};
            }
            table.targets.push_back(static_cast<double>(static_cast<float>(value)));
            if (std::same_as<Target, Labels>) table.targets.back() = value;
        }
        for (std::size_t column = 0; column < width; ++column) {
            if (std::count(target_columns.begin(), target_columns.end(), column) != 0) continue;
            if (is_missing(row[column], options)) {
                table.is_bytes = false;
                table.features.push_back(-0.125);
                continue;
            }
            const double value = finite_number(row[column], options.decimal_point);
            check_large(column, value);
            if (value < options.minimum || value > options.maximum) throw Refused{};
            table.is_bytes = table.is_bytes && value >= 0 && value <= 255 && value == std::floor(value);
            table.features.push_back(static_cast<double>(static_cast<float>(value)));
        }
    }
    for (std::size_t column = 0; column < width; ++column) {
        if (!is_rounded[column]) continue;
        const auto [least, greatest] = std::minmax_element(floats[column].begin(), floats[column].end());
        const double range = static_cast<double>(*greatest) - static_cast<double>(*least);
        // A float has 24 bits: from 2^e on, floats are 2^(e-23) apart.
        const float largest = std::max(std::abs(*least), std::abs(*greatest));
        if (range > 0 && range < 65536 * std::exp2(std::ilogb(largest) - 23)) throw Refused{};
    }
    return table;
}

/// Checks that load() returns a dataset of what is expected, or throws where nothing is.
template <class Load>
void check_loading(const std::optional<Table>& expected, const Load& load) {
    try {
        const auto dataset = load();
        fuzz::require(expected.has_value(), "load_csv refuses what its comment says it refuses");
        Table table;
        std::visit([&](const auto& values) { table.features.assign(values.begin(), values.end()); },
                   dataset.features().storage());
        std::replace_if(
            table.features.begin(), table.features.end(), [](double x) { return std::isnan(x); }, -0.125);
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

template <std::size_t FeatureCount, class Target>
void check(std::string_view file, const CsvOptions& options) {
    std::optional<Table> expected;
    try {
        expected = read_simply<FeatureCount, Target>(file, options);
    } catch (const Refused&) {
    }
    check_loading(expected, [&] { return load_csv<FeatureCount, Target>(fuzz::file("file.csv", file), options); });
    check_loading(expected, [&] {  // the same in small blocks
        const auto read = [rest = file](char* out, std::size_t count) mutable {
            const std::size_t got = rest.copy(out, count);
            rest.remove_prefix(got);
            return got;
        };
        detail::LineBlocks blocks(read, file.size(), 1 + file.size() % 31);
        return detail::dataset_of<FeatureCount, Target>(
            detail::read_csv(blocks, "file.csv", options, detail::request_for<FeatureCount, Target>()), options);
    });
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
        input(0xE3, 0, " 0  1\t2 3 4   5\n1 1e-400 2 3\t4 5 \n  \n"),
        input(0x28, 0, "title\n# 1\n1,2,3,4,5,6,7,8,9,0\n#\n0,0,0,0,0,0,0,0,0,0\n\n#\n"),
        input(0x10, 0, "0,?,2,3,4,,6,7,8,9\n7,1,2,3,4,5,6,7,8,9\n"),
        input(0xF9, 0, "0;1,5;2;3;4,25e1;5;\n0;1,5;2;3;4,25;5;\n"),
        input(0xB1, 0, "0;no;?;\n1;yes;20000001;\n1;;20000003;\n"),
    };
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t columns = input.byte();
    const std::size_t ranges = input.byte();
    const std::string_view file = input.rest();
    if (file.starts_with("\x1F\x8B")) return 0;  // gzip, which the target for IDX tries

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
    const std::size_t more = columns >> 3 & 3;
    if (more == 1) {
        options.comment = '#';
        options.skip_lines = 1;
    } else if (more == 2) {
        options.missing = {"", "?", "7"};
    } else if (more == 3 && options.delimiter != ',') {
        options.decimal_point = ',';
    }
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
            options.ignore_columns = {1};
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
