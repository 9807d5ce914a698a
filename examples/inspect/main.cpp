#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>
#include <typenet/core/error.hpp>
#include <typenet/data/csv_options.hpp>
#include <typenet/version.hpp>

#include "csv_format.hpp"
#include "model.hpp"
#include "table.hpp"

int main(int argc, char** argv) {
    using typenet::CsvHeader;
    CLI::App app{"Says what a CSV file or a model file holds, and prints the C++ types with which typenet reads it."};
    app.set_version_flag("--version", typenet::version);
    std::string file;
    app.add_option("file", file, "a CSV file, which may be compressed by gzip, or a model: safetensors or .npz")
        ->required();
    std::string label;
    app.add_option("--label", label, "the column to be predicted; without it the last one");
    std::string delimiter;
    app.add_option("--delimiter", delimiter, "between columns: one character, or tab, or blanks; without it a guess");
    std::string header;
    app.add_option("--header", header, "whether the first row names the columns; without it a guess")
        ->check(CLI::IsMember({"present", "absent"}));
    inspect::CsvHints hints;
    app.add_option("--skip-lines", hints.skip_lines, "how many lines to skip at the top")
        ->check(CLI::NonNegativeNumber);

    try {
        app.parse(argc, argv);
        if (delimiter == "tab") delimiter = '\t';
        if (delimiter == "blanks") delimiter = ' ';
        if (delimiter.size() > 1) throw typenet::OptionError("--delimiter takes one character, tab or blanks");
        if (!delimiter.empty()) hints.delimiter = delimiter[0];
        if (!header.empty()) hints.header = header == "present" ? CsvHeader::present : CsvHeader::absent;
        if (inspect::is_model(file)) {
            inspect::inspect_model(file, std::cout);
        } else {
            inspect::inspect_table(file, label, hints, std::cout);
        }
    } catch (const CLI::Success& help) {
        return app.exit(help);
    } catch (const std::exception& error) {
        std::cerr << "inspect: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
