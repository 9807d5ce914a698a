#pragma once

#include <algorithm>

#include <typenet/core/namespace.hpp>

namespace TYPENET::detail {

/// Estimates how long the rest of a training takes, from times in seconds by any clock. The epochs to come are taken to
/// last as long as those that ended did on average, with validation and all that callbacks do; before the first has
/// ended, as long as its steps so far let expect. The first epoch, which is often slow, counts only until the second
/// has ended. The average follows a change within some eight epochs, and one slow epoch sways it little.
class TimeLeft {
public:
    explicit TimeLeft(double training_begins = 0) : last_end_(training_begins) {}

    /// `training`: what the epoch's steps took, also those before the training was stopped and resumed.
    void epoch_ends(double now, double training) {
        const double weight = 1 / std::clamp(epochs_++, 1.0, 8.0);
        const double rest = std::max(now - last_end_ - training, 0.0);
        training_ += weight * (training - training_);
        rest_ += weight * (rest - rest_);
        last_end_ = now;
    }

    /// `training`: what the steps of the epoch under way took so far; `done`: its fraction that they are, above 0.
    [[nodiscard]] double seconds_left(double training, double done, double further_epochs) const {
        const double whole = epochs_ > 0 ? training_ : training / done;
        return whole * (1 - done + further_epochs) + rest_ * (1 + further_epochs);
    }

private:
    double last_end_;      // when the last epoch ended, or the training began
    double epochs_ = 0;    // how many have ended
    double training_ = 0;  // what an epoch's steps take on average; 0 before one has ended
    double rest_ = 0;      // what else an epoch takes: validation, and callbacks
};

}  // namespace TYPENET::detail
