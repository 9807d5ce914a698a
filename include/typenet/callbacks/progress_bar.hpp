#pragma once

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <optional>
#include <ostream>

#include <typenet/callbacks/detail/progress_line.hpp>
#include <typenet/platform/terminal.hpp>
#include <typenet/train/history.hpp>

namespace typenet {

/// A callback that shows how training goes: on a terminal a line of less than 80 columns that is redrawn ten times a
/// second, with a bar, loss, accuracy, rows a second and the time left of all epochs; elsewhere one plain line an
/// epoch. Allocates nothing while training.
class ProgressBar {
public:
    explicit ProgressBar(std::ostream& out = std::cout) : ProgressBar(out, detail::is_terminal(out)) {}
    /// `live` chooses the redrawn line whatever the stream is.
    ProgressBar(std::ostream& out, bool live) : out_(&out), live_(live) {}
    ProgressBar(const ProgressBar&) = delete;
    ProgressBar& operator=(const ProgressBar&) = delete;
    /// Ends a line that an exception left unfinished.
    ~ProgressBar() {
        if (open_) *out_ << '\n';
    }

    void on_train_begin(const TrainingPlan& plan) { plan_ = plan; }

    void on_batch_end(const BatchRecord& batch) {
        if (!live_ || (batch.seconds < next_draw_ && batch.rows_done < plan_.rows)) return;
        next_draw_ = batch.seconds + 0.1;
        const double done = static_cast<double>(batch.rows_done) / static_cast<double>(plan_.rows);
        const double rate = static_cast<double>(batch.rows_done) / std::max(batch.seconds, 1e-9);
        const auto epochs_left = static_cast<double>(plan_.epochs - batch.epoch);
        const double left = (epochs_left + 1 - done) * static_cast<double>(plan_.rows) / rate;
        *out_ << '\r';
        write_epoch(batch.epoch);
        detail::write_bar(*out_ << ' ', done);
        write(" loss %.4g", batch.loss);
        write_accuracy(" acc %.1f %%", batch.accuracy);
        write(" %.3g rows/s", rate);
        write(" %.0f s left\x1b[K", left);
        out_->flush();
        open_ = true;
    }

    void on_epoch_end(const EpochRecord& epoch) {
        next_draw_ = 0;
        if (open_) *out_ << "\r\x1b[2K";
        open_ = false;
        write_epoch(epoch.epoch);
        write("  loss %.4f", epoch.loss);
        write_accuracy("  accuracy %.2f %%", epoch.accuracy);
        if (epoch.validation_loss) write("  validation loss %.4f", *epoch.validation_loss);
        write_accuracy("  validation accuracy %.2f %%", epoch.validation_accuracy);
        write("  %.2f s", epoch.seconds);
        write("  %.0f rows/s\n", static_cast<double>(plan_.rows) / std::max(epoch.seconds, 1e-9));
        out_->flush();
    }

private:
    void write(const char* format, double value) { detail::write_number(*out_, format, value); }
    void write_accuracy(const char* format, const std::optional<double>& share) {
        if (share) write(format, 100 * *share);
    }
    void write_epoch(std::size_t epoch) { detail::write_count(*out_ << "epoch ", epoch, plan_.epochs); }

    std::ostream* out_;
    bool live_;
    TrainingPlan plan_{};
    double next_draw_ = 0;
    bool open_ = false;  // whether the cursor stands in an unfinished line
};

}  // namespace typenet
