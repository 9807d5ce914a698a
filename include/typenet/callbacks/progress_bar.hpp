#pragma once

#include <algorithm>
#include <iostream>
#include <optional>
#include <ostream>
#include <string_view>

#include <typenet/callbacks/detail/progress_line.hpp>
#include <typenet/callbacks/detail/time_left.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/stopwatch.hpp>
#include <typenet/core/text.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/history_table.hpp>

namespace TYPENET {

/// A callback that shows how training goes. On a terminal it is a line that is redrawn ten times a second, fits
/// the window as it is at the moment, and has a bar, loss, accuracy, rows a second and the seconds left until the last
/// epoch ends; elsewhere it writes one plain line an epoch. A training of two epochs or more ends with the table of
/// write_table. Writes ASCII without colours. Allocates nothing while training.
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20}, ProgressBar{});
/// ```
class ProgressBar {
public:
    static constexpr bool ignores_network = true;  ///< on_batch_end doesn't look at it

    /// Writes to `out`.
    explicit ProgressBar(std::ostream& out = std::cout) : line_(out) {}
    /// `live` chooses between the redrawn line and plain lines, whatever the stream is.
    ProgressBar(std::ostream& out, bool live) : line_(out, live) {}

    void on_train_begin(const TrainingPlan& plan) {
        plan_ = plan;
        time_left_ = detail::TimeLeft(watch_.seconds());
    }

    void on_batch_end(const BatchRecord& batch) {
        if (!line_.live() || (batch.seconds < next_draw_ && batch.rows_done < plan_.rows)) return;
        next_draw_ = batch.seconds + 0.1;
        const double done = static_cast<double>(batch.rows_done) / static_cast<double>(plan_.rows);
        const double rate = static_cast<double>(batch.rows_done) / std::max(batch.seconds, 1e-9);
        const auto epochs_left = static_cast<double>(plan_.epochs - batch.epoch);
        line_.begin();
        line_.count("epoch", batch.epoch, plan_.epochs);
        line_.bar(done);
        line_.add({" loss ", detail::NumberText(batch.loss, detail::significant_digits(4))});
        percent(" acc ", batch.accuracy, 1);
        line_.add({" ", detail::NumberText(rate, detail::significant_digits(3)), " rows/s"});
        const double seconds_left = time_left_.seconds_left(batch.seconds, done, epochs_left);
        line_.add({" ", detail::NumberText(seconds_left, detail::decimals(0)), " s left"});
        line_.pause();
    }

    /// Erases the line of an epoch within which the training was stopped. Writes a table of the epochs, if there are
    /// two or more.
    void on_train_end(const History& history) {
        line_.erase();
        if (history.epochs.size() > 1) write_table(line_.out() << '\n', history);
    }

    void on_epoch_end(const EpochRecord& epoch) {
        next_draw_ = 0;
        time_left_.epoch_ends(watch_.seconds(), epoch.seconds);
        line_.begin();
        line_.count("epoch", epoch.epoch, plan_.epochs);
        line_.add({"  loss ", detail::NumberText(epoch.loss, detail::decimals(4))});
        percent("  accuracy ", epoch.accuracy, 2);
        if (epoch.validation_loss) {
            line_.add({"  validation loss ", detail::NumberText(*epoch.validation_loss, detail::decimals(4))});
        }
        percent("  validation accuracy ", epoch.validation_accuracy, 2);
        const double rate = static_cast<double>(plan_.rows) / std::max(epoch.seconds, 1e-9);
        line_.add({"  ", detail::NumberText(epoch.seconds, detail::decimals(2)), " s"});
        line_.add({"  ", detail::NumberText(rate, detail::decimals(0)), " rows/s"});
        line_.end();
    }

private:
    void percent(std::string_view what, const std::optional<double>& fraction, int digits) {
        if (fraction) line_.add({what, detail::NumberText(100 * *fraction, detail::decimals(digits)), " %"});
    }

    detail::ProgressLine line_;
    TrainingPlan plan_{};
    detail::Stopwatch watch_;
    detail::TimeLeft time_left_;
    double next_draw_ = 0;  // seconds since the epoch began, from which on the line is drawn anew
};

}  // namespace TYPENET
