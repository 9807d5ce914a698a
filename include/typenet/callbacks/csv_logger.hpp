#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <optional>
#include <ostream>
#include <string>
#include <system_error>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/train/history.hpp>

namespace typenet {

namespace detail {

inline constexpr const char* csv_header =
    "epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds\n";

/// One line; a field is empty where nothing was measured.
inline std::string csv_row(const EpochRecord& epoch) {
    const auto text = [](const std::optional<double>& value) { return value ? exact_text(*value) : std::string(); };
    return join({epoch.epoch, ",", exact_text(epoch.loss), ",", text(epoch.accuracy), ",", text(epoch.validation_loss),
                 ",", text(epoch.validation_accuracy), ",", exact_text(epoch.learning_rate), ",",
                 exact_text(epoch.seconds), "\n"});
}

}  // namespace detail

/// Every metric of every epoch as CSV: a header, then a row an epoch, with digits that read back as the same numbers
/// and empty fields where nothing was measured.
inline void write_csv(std::ostream& out, const History& history) {
    out << detail::csv_header;
    for (const EpochRecord& epoch : history.epochs) out << detail::csv_row(epoch);
}

/// A callback that writes each epoch's metrics to a CSV file as it ends, in the form of write_csv. A file that is there
/// is replaced; in a resumed run the epochs of the former one stand first.
class CsvLogger {
public:
    explicit CsvLogger(std::filesystem::path path) : path_(std::move(path)) {}

    /// Throws FileError where the file can't be written, as do the others; a file that is there stays as it is.
    void check(const TrainingPlan&) { open(std::ios::app); }

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
            throw FileError(path_.string(),
                            detail::join({"cannot be written: ", std::generic_category().message(errno)}));
        }
    }

    std::filesystem::path path_;
    std::ofstream out_;
};

}  // namespace typenet
