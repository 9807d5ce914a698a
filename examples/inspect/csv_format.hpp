#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/data/csv_options.hpp>
#include <typenet/data/detail/csv_reader.hpp>

namespace inspect {

/// What is known of a CSV file; the rest is guessed.
struct CsvHints {
    std::optional<char> delimiter = {};
    typenet::CsvHeader header = typenet::CsvHeader::automatic;
    std::size_t skip_lines = 0;
};

/// How a CSV file is written.
struct CsvFormat {
    typenet::CsvOptions options = {};  ///< what load_csv needs for a typed table; `header` stays automatic
    bool has_header = true;
    bool may_be_data = false;             ///< whether each name of the guessed header is also a value of its column
    std::vector<std::string> names = {};  ///< of all columns; "column 0" and so on where the file has no header
};

/// Returns whether a field stands for a missing value.
bool is_missing(const std::string& field);

/// Reads a row and returns its fields.
std::vector<std::string> read_row(typenet::detail::CsvReader& reader);

/// Finds out how a text is written from its first rows: the delimiter (tab, semicolon, bar, comma or blanks), a decimal
/// comma, comments that begin with #, and whether there is a header, which is a first row without numbers. Throws
/// typenet::OptionError for a delimiter that can't be one, and typenet::FileError where the text has no rows or its
/// first row may be a header or not: it counts its columns, or it has numbers beside a text that its column doesn't
/// have again. `file` is its name in messages.
CsvFormat guess_format(std::string_view text, const std::string& file, const CsvHints& hints);

}  // namespace inspect
