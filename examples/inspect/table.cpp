#include "table.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/detail/csv_loader.hpp>
#include <typenet/data/detail/data_file.hpp>
#include <typenet/platform/file_reader.hpp>

#include "column.hpp"

namespace inspect {

using typenet::FileError;
using typenet::detail::CsvReader;
using typenet::detail::join;
using typenet::detail::join_list;
using typenet::detail::shown;

namespace {

/// Reads all rows. Throws FileError for a row that isn't as long as the first one.
std::vector<Column> read_columns(std::string_view text, const std::string& file, const CsvFormat& format) {
    CsvReader reader(text, file, format.options.dialect());
    if (format.has_header) (void)read_row(reader);
    if (reader.at_end()) reader.fail({"there are no rows after the header"}, reader.position());
    std::vector<Column> columns(format.names.begin(), format.names.end());
    while (!reader.at_end()) {
        const typenet::FilePosition start = reader.position();
        const std::vector<std::string> row = read_row(reader);
        if (row.size() != columns.size()) {
            reader.fail({"the row has ", row.size(), " fields, the first row ", columns.size(),
                         "; --delimiter or --skip-lines may help"},
                        {.line = start.line});
        }
        for (std::size_t i = 0; i < row.size(); ++i) columns[i].add(row[i], format.options.decimal_point);
    }
    return columns;
}

/// Returns how many columns have this name.
std::size_t count_named(const std::vector<Column>& columns, const std::string& name) {
    return static_cast<std::size_t>(
        std::count_if(columns.begin(), columns.end(), [&](const Column& column) { return column.name == name; }));
}

/// Returns the column of this name, or the last one with values where the name is empty. Throws FileError where there
/// is none, or more than one.
const Column& find_answer(const std::string& file, const std::vector<Column>& columns, const std::string& name) {
    const auto is_answer = [&](const Column& c) { return name.empty() ? c.has_values() : c.name == name; };
    const auto found = std::find_if(columns.rbegin(), columns.rend(), is_answer);
    if (found == columns.rend()) {
        std::vector<std::string> names;
        names.reserve(columns.size());
        for (const Column& column : columns) names.push_back(shown(column.name, 40));
        throw FileError(file, name.empty()
                                  ? "has no values"
                                  : join({"no column is named ", literal(name), "; there are ", literals(names)}));
    }
    if (count_named(columns, found->name) > 1) {
        throw FileError(file, join({"more than one column is named ", literal(found->name)}));
    }
    return *found;
}

/// Returns the options that differ from the defaults, as C++ writes them behind the file's name.
std::string options_text(const typenet::CsvOptions& options) {
    std::vector<std::string> texts;
    const auto add = [&](std::string_view name, char c) {
        texts.push_back(join({name, " = ", literal({&c, 1}, '\'')}));
    };
    if (options.delimiter != ',') add(".delimiter", options.delimiter);
    if (options.decimal_point != '.') add(".decimal_point", options.decimal_point);
    if (!options.column_names.empty()) {
        texts.push_back(join({".column_names = {", literals(options.column_names), "}"}));
    }
    if (options.comment) add(".comment", *options.comment);
    if (options.skip_lines != 0) texts.push_back(join({".skip_lines = ", options.skip_lines}));
    return texts.empty() ? "" : join({", {", join_list(texts), "}"});
}

/// Prints what to paste into a program. Throws FileError where the answer can't be one, or where there are no features.
void print_types(const std::string& file, const std::vector<Column>& columns, const Column& answer,
                 const CsvFormat& format, std::ostream& out) {
    std::string types;
    for (const Column& column : columns) {
        if (&column == &answer) continue;
        const std::string reason =
            count_named(columns, column.name) > 1 ? "has the name of another column" : column.reason_against_feature();
        if (reason.empty()) {
            types += join({types.empty() ? "" : ",\n                    ", column.feature_type()});
        } else {
            out << "// Left out: " << literal(column.name) << ' ' << reason << ".\n";
        }
    }
    if (types.empty()) throw FileError(file, "no column is left for the features");
    const std::string reason = answer.reason_against_answer();
    if (!reason.empty()) {
        throw FileError(file, join({"the column ", literal(answer.name), " can't be the answer: ", reason,
                                    "; --label names another one"}));
    }
    if (types.find("Optional<") != std::string::npos) {
        out << "// Optional columns need a network that begins with Standardize.\n";
    }
    if (answer.holds_class_numbers()) {
        out << "// The numbers of " << literal(answer.name) << " are few, so they are taken for classes.\n";
    }
    out << "using Row = Columns<" << types << ">;\nusing Answer = " << answer.answer_type() << ";\n";
    out << "const auto data = load_csv<Row, Answer>(" << literal(file) << options_text(format.options) << ");\n";
}

}  // namespace

void inspect_table(const std::filesystem::path& path, const std::string& answer, const CsvHints& hints,
                   std::ostream& out) {
    const std::string file = path.string();
    typenet::detail::DataFile data(path);
    const std::string text = typenet::read_all(data, data.size());

    const CsvFormat format = guess_format(text, file, hints);
    const std::vector<Column> columns = read_columns(text, file, format);
    const char delimiter = format.options.delimiter;
    out << file << ": " << columns[0].rows() << " rows, " << columns.size() << " columns separated by "
        << (delimiter == ' ' ? "blanks" : literal({&delimiter, 1})) << ", with" << (format.has_header ? "" : "out")
        << " a header\n\n";
    std::size_t width = 0;
    for (const Column& column : columns) width = std::max(width, shown(column.name, 40).size());
    for (const Column& column : columns) {
        const std::string name = shown(column.name, 40);
        out << name << std::string(width - name.size() + 2, ' ') << column.facts() << '\n';
    }

    const Column& chosen = find_answer(file, columns, answer);
    out << "\n// The answer is " << literal(chosen.name) << (answer.empty() ? ", the last column" : "")
        << "; --label NAME chooses another one.\n";
    if (format.may_be_data) {
        out << "// The first row may be data: its texts are also values of their columns. Then say --header absent.\n";
    }
    print_types(file, columns, chosen, format, out);
}

}  // namespace inspect
