#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <filesystem>
#include <istream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/detail/csv_loader.hpp>
#include <typenet/data/detail/line_blocks.hpp>

/// Loads CSV files into datasets. The function templates here say what they want of a file (CsvRequest), have
/// `read_csv` (data/detail/csv_loader.hpp) read it, and make a dataset of the CsvTable that it returns.
namespace TYPENET {

namespace detail {

template <class T>
concept AnyColumns = is_columns<T>;

template <class T>
concept LabelOrTarget = is_label_column<T> || is_target_columns<T>;

template <class Row, class Target>
concept NamedTable = AnyColumns<Row> && LabelOrTarget<Target>;

/// Whether a label or a target is also among the columns of the features.
template <class Row, class Target>
inline constexpr bool is_among_features = [] {
    return std::any_of(Row::rules.begin(), Row::rules.end(), [](const ColumnRule& rule) {
        return std::find(Target::columns.begin(), Target::columns.end(), rule.name) != Target::columns.end();
    });
}();

/// Stops the compiler with a sentence where load_csv<Row, Target> can't be.
template <class Row, class Target>
constexpr void check_table_types() {
    static_assert(
        NamedTable<Row, Target>,
        "load_csv: a Label or a Target must follow the Columns; load_csv_features<Columns> loads features alone");
    if constexpr (NamedTable<Row, Target>) {
        static_assert(!is_among_features<Row, Target>,
                      "load_csv: the column of the label or target is among the columns of the features");
    }
}

/// Returns what load_csv<FeatureCount, Target> wants of a file; Target is void for features alone.
template <std::size_t FeatureCount, class Target>
CsvRequest request_for() {
    static_assert(FeatureCount > 0, "load_csv<FeatureCount> needs at least one feature");
    static_assert(!LabelOrTarget<Target>,
                  "load_csv: Label and Target go with Columns; load_csv<FeatureCount> takes Labels or Targets<K>");
    CsvRequest request{.features = FeatureCount};
    if constexpr (!std::is_void_v<Target>) {
        using Kind = CsvRequest::Kind;
        request.targets = std::same_as<Target, Labels> ? Kind::labels : Kind::numbers;
        request.target_count = Target::width;
    }
    return request;
}

/// Returns what load_csv<Columns, Target> wants of a file; Target is void for features alone.
template <class Row, class Target>
CsvRequest request_for() {
    CsvRequest request{.features = Row::width, .columns = Row::rules};
    if constexpr (!std::is_void_v<Target>) {
        request.targets = is_label_column<Target> ? CsvRequest::Kind::labels : CsvRequest::Kind::numbers;
        request.target_names = Target::columns;
        request.target_count = Target::columns.size();
    }
    if constexpr (is_label_column<Target>) request.class_names = Target::class_names;
    return request;
}

/// Makes a dataset of a table.
template <std::size_t FeatureCount, class Target>
Dataset<FeatureCount, Target> dataset_of(CsvTable table, const CsvOptions& options) {
    Features<FeatureCount> features(std::move(table.features), options.scale);
    Target targets = [&] {
        if constexpr (std::same_as<Target, Labels>) {
            return Labels(std::move(table.labels), options.class_names);
        } else {
            return Target(std::move(table.targets));
        }
    }();
    return Dataset<FeatureCount, Target>(std::move(features), std::move(targets)).with_weights(table.take_weights());
}

/// Makes a dataset of a table whose columns are named.
template <class Row, class Target>
auto dataset_of(CsvTable table) {
    using Stored = typename Target::Stored;
    Features<Row::width> features(std::move(table.features));
    Stored targets = [&] {
        if constexpr (is_label_column<Target>) {
            return Labels(std::move(table.labels), {Target::class_names.begin(), Target::class_names.end()});
        } else {
            return Stored(std::move(table.targets));
        }
    }();
    return Dataset<Row::width, Stored, Row>(std::move(features), std::move(targets)).with_weights(table.take_weights());
}

/// Returns the features of a table as a matrix [rows, N], each times `scale`.
inline Matrix<float> feature_matrix(const CsvTable& table, std::size_t width, float scale) {
    return std::visit(
        [&](const auto& values) {
            auto matrix = Matrix<float>::from_shape({values.size() / width, width});
            std::transform(values.begin(), values.end(), matrix.begin(),
                           [scale](auto value) { return static_cast<float>(value) * scale; });
            return matrix;
        },
        table.features);
}

inline constexpr const char* text_name = "CSV text";  // in messages

inline CsvTable read_csv(std::istream& stream, const CsvOptions& options, const CsvRequest& request) {
    if (!stream) throw Error("parse_csv: the stream can't be read; was its file opened?");
    LineBlocks blocks([&](char* out, std::size_t count) {
        try {
            return static_cast<std::size_t>(stream.rdbuf()->sgetn(out, static_cast<std::streamsize>(count)));
        } catch (const std::ios_base::failure&) {
            throw Error("parse_csv: the stream can't be read");
        }
    });
    return read_csv(blocks, text_name, options, request);
}

}  // namespace detail

/// Loads a CSV file, which may be compressed by gzip. One column holds the labels, or K columns the targets when Target
/// is Targets<K>, and one the weights of the rows where the options name a `weight_column`; the other columns are the
/// FeatureCount features, in the file's order. Features are stored as bytes when all of them are whole numbers from 0
/// to 255, and otherwise as floats.
///
/// ```cpp
/// const auto digits = load_csv<784>("mnist_train.csv", {.label_column = "label", .scale = 1.0F / 255, .classes = 10});
/// const auto houses = load_csv<8, Targets<1>>("houses.csv", {.target_columns = {"price"}});
/// ```
///
/// All fields are decimal numbers, but those of columns to ignore, class names, and texts for missing values. Fields
/// may be in quotes, with a quote inside doubled. They may have spaces around them. Lines end in LF or CRLF; the end of
/// the last one may be missing. A UTF-8 byte order mark, blank lines at the end, and a delimiter at the end of every
/// line are ignored.
///
/// Throws OptionError for invalid options. Throws FileError, with line and column, when the file can't be read or has
/// no rows; when a row has more or fewer fields than the first; for a field that isn't a finite number; for a feature
/// out of range; for a number of 2^24 or more that is the same float as the last such number above it in its column,
/// but not the same number, or that isn't a float, in a column whose range has fewer than 2^16 floats (a file of
/// features alone isn't asked for its range); for a label that is negative, not whole, not below `classes` or not among
/// `class_names`; for a weight that is negative; and where no weight is above 0.
template <std::size_t FeatureCount, class Target = Labels>
[[nodiscard]] Dataset<FeatureCount, Target> load_csv(const std::filesystem::path& path,
                                                     const CsvOptions& options = {}) {
    return detail::dataset_of<FeatureCount, Target>(
        detail::read_csv(path, options, detail::request_for<FeatureCount, Target>()), options);
}

/// Loads a CSV file whose columns a type names; its other columns are left out. Row is a Columns, Target a Label or a
/// Target. The file has a header, or the options give `column_names`.
///
/// ```cpp
/// using Flower = Columns<Number<"petal length">, Number<"petal width">>;
/// const auto flowers = load_csv<Flower, Label<"species", "setosa", "versicolor", "virginica">>("iris.csv");
/// ```
///
/// Throws what the other load_csv throws, and FileError, with line and column, for a column that is missing or there
/// twice, for a text that isn't among the values of its Category or Label, and for a missing value in a column that
/// isn't Optional.
template <class Row, class Target = void>
[[nodiscard]] auto load_csv(const std::filesystem::path& path, const CsvOptions& options = {}) {
    detail::check_table_types<Row, Target>();
    if constexpr (detail::NamedTable<Row, Target>) {
        return detail::dataset_of<Row, Target>(detail::read_csv(path, options, detail::request_for<Row, Target>()));
    }
}

/// Reads what load_csv reads from a text in memory.
/// ```cpp
/// const auto points = parse_csv<2>("label,x,y\n0,1.5,2\n1,-3,0.5\n", {.label_column = "label"});
/// ```
template <std::size_t FeatureCount, class Target = Labels>
[[nodiscard]] Dataset<FeatureCount, Target> parse_csv(std::string_view text, const CsvOptions& options = {}) {
    const detail::CsvRequest request = detail::request_for<FeatureCount, Target>();
    return detail::dataset_of<FeatureCount, Target>(detail::read_csv(text, detail::text_name, options, request),
                                                    options);
}
/// Reads a text as `load_csv` reads a file.
/// ```cpp
/// using Point = Columns<Number<"x">, Number<"y">>;
/// const auto points = parse_csv<Point, Label<"color", "red", "blue">>("color,x,y\nred,1.5,2\nblue,-3,0.5\n");
/// ```
template <class Row, class Target = void>
[[nodiscard]] auto parse_csv(std::string_view text, const CsvOptions& options = {}) {
    detail::check_table_types<Row, Target>();
    if constexpr (detail::NamedTable<Row, Target>) {
        const detail::CsvRequest request = detail::request_for<Row, Target>();
        return detail::dataset_of<Row, Target>(detail::read_csv(text, detail::text_name, options, request));
    }
}

/// Reads what load_csv reads from a stream, to its end.
template <std::size_t FeatureCount, class Target = Labels>
[[nodiscard]] Dataset<FeatureCount, Target> parse_csv(std::istream& stream, const CsvOptions& options = {}) {
    const detail::CsvRequest request = detail::request_for<FeatureCount, Target>();
    return detail::dataset_of<FeatureCount, Target>(detail::read_csv(stream, options, request), options);
}
/// Reads a stream as `load_csv` reads a file.
template <class Row, class Target = void>
[[nodiscard]] auto parse_csv(std::istream& stream, const CsvOptions& options = {}) {
    detail::check_table_types<Row, Target>();
    if constexpr (detail::NamedTable<Row, Target>) {
        const detail::CsvRequest request = detail::request_for<Row, Target>();
        return detail::dataset_of<Row, Target>(detail::read_csv(stream, options, request));
    }
}

/// Loads the features of a CSV file that has neither labels nor targets, as a matrix [rows, FeatureCount] that
/// `predict` takes: each is multiplied by the option `scale`. Throws what load_csv throws.
///
/// ```cpp
/// const Matrix<float> digits = load_csv_features<784>("unlabelled.csv", {.scale = 1.0F / 255});
/// ```
template <std::size_t FeatureCount>
[[nodiscard]] Matrix<float> load_csv_features(const std::filesystem::path& path, const CsvOptions& options = {}) {
    const detail::CsvTable table = detail::read_csv(path, options, detail::request_for<FeatureCount, void>());
    return detail::feature_matrix(table, FeatureCount, options.scale);
}
/// Does the same for columns that a type names. The file may have a label or target; it is left out.
template <detail::AnyColumns Row>
[[nodiscard]] Matrix<float> load_csv_features(const std::filesystem::path& path, const CsvOptions& options = {}) {
    return detail::feature_matrix(detail::read_csv(path, options, detail::request_for<Row, void>()), Row::width, 1);
}

/// Loads one column of a CSV file as texts, such as the ids that `write_csv` writes beside predictions. Of the options,
/// it uses those that say how the file is written. Throws FileError as load_csv does.
[[nodiscard]] inline std::vector<std::string> load_csv_texts(const std::filesystem::path& path, const CsvColumn& column,
                                                             const CsvOptions& options = {}) {
    return detail::read_csv_texts(path, column, options);
}

}  // namespace TYPENET
