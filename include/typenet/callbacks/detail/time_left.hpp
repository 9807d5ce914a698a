#pragma once

#include <algorithm>

#include <typenet/core/namespace.hpp>

namespace TYPENET::detail {

/// Estimates how long the rest of a training takes, from times in seconds by any clock. Where an epoch has ended, the
/// next ones are taken to last as long, with validation and all that callbacks do; before, as long as the steps so far
/// let expect.
class TimeLeft {
public:
    explicit TimeLeft(double training_begins = 0) : last_end_(training_begins) {}

    /// `training`: what the epoch's steps took, also those before the training was stopped and resumed.
    void epoch_ends(double now, double training) {
        training_ = training;
        rest_ = std::max(now - last_end_ - training, 0.0);
        last_end_ = now;
    }

    /// `training`: what the steps of the epoch under way took so far; `done`: its fraction that they are, above 0.
    [[nodiscard]] double seconds_left(double training, double done, double further_epochs) const {
        const double whole = training_ > 0 ? training_ : training / done;
        return whole * (1 - done + further_epochs) + rest_ * (1 + further_epochs);
    }

private:
    double last_end_;      // when the last epoch ended, or the training began
    double training_ = 0;  // what the last epoch's steps took; 0 before there is one
    double rest_ = 0;      // what else it took: validation, and callbacks
};

}  // namespace TYPENET::detail
