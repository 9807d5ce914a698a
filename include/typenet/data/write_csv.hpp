#pragma once

#include <concepts>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/platform/replace_file.hpp>

namespace TYPENET {

namespace detail {

/// Returns a text as a field of a CSV file: in quotes, with those inside doubled, where it could be misread.
inline std::string csv_field(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    const bool has_blank_around = !text.empty() && (is_blank(text.front()) || is_blank(text.back()));
    if (!has_blank_around && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
    std::string field = "\"";
    for (const char c : text) {
        if (c == '"') field += '"';
        field += c;
    }
    return field + '"';
}

/// Returns a number with as many digits as it takes to read back the same; nothing for NaN.
template <class Number>
requires std::floating_point<Number> || std::integral<Number> std::string csv_field(Number number) {
    if constexpr (std::floating_point<Number>) {
        return is_nan(static_cast<double>(number)) ? std::string() : exact_text(number);
    } else {
        return join({+number});
    }
}

}  // namespace detail

/// Writes a CSV file with the given columns: a name and its values, again and again. Values are texts or numbers, in a
/// std::vector or anything else with a size that a for loop goes through, such as the matrix [rows, 1] of a single
/// output's predictions. NaN becomes an empty field, which is written as "" where it would be a blank line.
///
/// ```cpp
/// const auto ids = load_csv_texts("new_flowers.csv", "id");
/// const auto kinds = net.classify(load_csv_features<4>("new_flowers.csv", {.ignore_columns = {"id"}}));
/// write_csv("predictions.csv", "id", ids, "kind", kinds);
/// ```
///
/// Throws DataError where the columns differ in their number of values, and FileError where the file can't be written;
/// a file that was there then stays as it was.
template <class... NamesAndValues>
void write_csv(const std::filesystem::path& path, const NamesAndValues&... names_and_values) {
    constexpr std::size_t columns = sizeof...(NamesAndValues) / 2;
    static_assert(columns > 0 && sizeof...(NamesAndValues) % 2 == 0,
                  "write_csv: each column is a name and its values, as in write_csv(path, \"id\", ids)");
    const auto arguments = std::tie(names_and_values...);
    const auto for_each_column = [&](auto f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (..., f(std::string_view(std::get<2 * I>(arguments)), std::get<2 * I + 1>(arguments), I + 1 == columns));
        }
        (std::make_index_sequence<columns>{});
    };
    const std::size_t rows = std::get<1>(arguments).size();
    std::string text;
    for_each_column([&](std::string_view name, const auto& values, bool is_last) {
        if (values.size() != rows) {
            throw DataError(detail::join(
                {"write_csv: the column ", name, " has ", values.size(), " values, the first column ", rows}));
        }
        text += detail::csv_field(name);
        text += is_last ? '\n' : ',';
    });
    for (std::size_t row = 0; row < rows; ++row) {
        for_each_column([&](std::string_view, const auto& values, bool is_last) {
            const std::string field = detail::csv_field(*(values.begin() + static_cast<std::ptrdiff_t>(row)));
            text += columns == 1 && field.empty() ? "\"\"" : field;
            text += is_last ? '\n' : ',';
        });
    }
    replace_file(path, std::as_bytes(std::span(text)));
}

}  // namespace TYPENET
