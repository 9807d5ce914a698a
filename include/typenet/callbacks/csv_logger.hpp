#pragma once

#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/platform/path_text.hpp>
#include <typenet/train/history.hpp>

namespace TYPENET {

namespace detail {

inline std::string csv_text(std::size_t value) { return join({value}); }
inline std::string csv_text(double value) { return exact_text(value); }
inline std::string csv_text(const std::optional<double>& value) { return value ? exact_text(*value) : std::string(); }

/// Returns a line of CSV with text_of(name, field) for each field of a record.
template <class TextOf>
std::string csv_line(const EpochRecord& epoch, TextOf text_of) {
    std::string line;
    for_each_field(epoch, [&](std::string_view name, const auto& field) { (line += text_of(name, field)) += ','; });
    line.back() = '\n';
    return line;
}

inline std::string csv_header() {
    return csv_line({}, [](std::string_view name, const auto&) { return name; });
}
inline std::string csv_row(const EpochRecord& epoch) {
    return csv_line(epoch, [](std::string_view, const auto& field) { return csv_text(field); });
}

}  // namespace detail

/// Writes a history as CSV: a header with the names of EpochRecord's fields, then one row an epoch. Numbers have as
/// many digits as it takes to read back the same number; a field that was not measured is empty.
/// ```cpp
/// const History history = fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20});
/// write_csv(std::cout, history);
/// ```
inline void write_csv(std::ostream& out, const History& history) {
    out << detail::csv_header();
    for (const EpochRecord& epoch : history.epochs) out << detail::csv_row(epoch);
}

/// A callback that writes the rows of `write_csv` to a file, each as soon as its epoch ends. An existing file is
/// replaced when training begins. In a resumed training the file begins with the epochs before the stop.
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20, .validation = &validation}, CsvLogger("log.csv"));
/// ```
/// Every hook throws FileError where the file can't be written.
class CsvLogger {
public:
    /// Writes to the file at `path`.
    explicit CsvLogger(std::filesystem::path path) : path_(std::move(path)) {}

    /// Tries whether the file can be written, and leaves what is in it.
    void check(const TrainingPlan&) {
        std::error_code error;
        const bool is_new = !std::filesystem::exists(std::filesystem::symlink_status(path_, error));
        open(std::ios::app);
        if (!is_new) return;  // it stays open: the reader of a pipe would see its end
        out_.close();
        std::filesystem::remove(path_, error);  // another callback may still refuse the training
    }

    template <class Run>
    void on_train_begin(const TrainingPlan&, Run& run) {
        open(std::ios::trunc);
        write_csv(out_, run.history());
        flush();
    }

    void on_epoch_end(const EpochRecord& epoch) {
        out_ << detail::csv_row(epoch);
        flush();
    }

private:
    void open(std::ios::openmode mode) {
        errno = 0;
        out_ = std::ofstream(path_, std::ios::binary | mode);
        flush();
    }
    void flush() {
        if (!out_.flush()) {
            throw FileError(detail::path_text(path_),
                            detail::join({"cannot be written: ", std::generic_category().message(errno)}));
        }
    }

    std::filesystem::path path_;
    std::ofstream out_;
};

}  // namespace TYPENET
