#pragma once

#include <filesystem>
#include <ostream>
#include <string>

#include "csv_format.hpp"

namespace inspect {

/// Prints what the columns of a CSV file hold, and the types and options with which load_csv reads it. `answer` names
/// the column to be predicted; where it is empty, that is the last column with values.
///
/// Throws typenet::FileError where the file can't be read or its rows differ in length; and, after the columns were
/// printed, where a column can't be the answer or no column is left for the features.
void inspect_table(const std::filesystem::path& path, const std::string& answer, const CsvHints& hints,
                   std::ostream& out);

}  // namespace inspect
