#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/train/history.hpp>

namespace TYPENET {

/// The metric by which epochs are compared. A lower loss is better, a higher accuracy is better.
enum class Monitor { loss, accuracy, validation_loss, validation_accuracy };

/// Returns the name in messages and logs.
[[nodiscard]] inline std::string_view name_of(Monitor monitor) {
    switch (monitor) {
        case Monitor::loss:
            return "loss";
        case Monitor::accuracy:
            return "accuracy";
        case Monitor::validation_loss:
            return "validation_loss";
        case Monitor::validation_accuracy:
            return "validation_accuracy";
    }
    return "";
}

/// Returns the metric's value in an epoch, NaN if it wasn't measured.
[[nodiscard]] inline double value_of(Monitor monitor, const EpochRecord& epoch) {
    constexpr double nothing = detail::nan<double>;
    switch (monitor) {
        case Monitor::loss:
            return epoch.loss;
        case Monitor::accuracy:
            return epoch.accuracy.value_or(nothing);
        case Monitor::validation_loss:
            return epoch.validation_loss.value_or(nothing);
        case Monitor::validation_accuracy:
            return epoch.validation_accuracy.value_or(nothing);
    }
    return nothing;
}

namespace detail {

inline bool falls(Monitor monitor) { return monitor == Monitor::loss || monitor == Monitor::validation_loss; }

/// Returns what every other finite value is better than.
inline double worst_of(Monitor monitor) {
    constexpr double largest = std::numeric_limits<double>::max();
    return falls(monitor) ? largest : -largest;
}

/// Returns whether `value` is better than `best` by more than `min_delta`. NaN never is.
inline bool is_better(Monitor monitor, double value, double best, double min_delta = 0) {
    if (is_nan(value)) return false;
    return falls(monitor) ? value < best - min_delta : value > best + min_delta;
}

/// Finds the best of the epochs that it is given in their order.
struct BestEpoch {
    Monitor monitor;
    double min_delta = 0;
    double value = worst_of(monitor);
    std::size_t epoch = 0;   ///< the best epoch, counted from 1; 0: none had a value yet
    std::size_t waited = 0;  ///< epochs since the best one

    /// Takes the next epoch. Returns whether it is the best so far.
    bool add(const EpochRecord& next) {
        const double now = value_of(monitor, next);
        ++waited;
        if (!is_better(monitor, now, value, min_delta)) return false;
        value = now;
        epoch = next.epoch;
        waited = 0;
        return true;
    }
};

/// Throws OptionError when a training doesn't measure the metric that `owner` watches.
inline void require_monitored(std::string_view owner, Monitor monitor, const TrainingPlan& plan) {
    const bool of_validation = monitor == Monitor::validation_loss || monitor == Monitor::validation_accuracy;
    const auto fail = [&](const char* reason) {
        throw OptionError(join({owner, ": it watches ", name_of(monitor), ", and ", reason}));
    };
    if (of_validation && !plan.validates) fail("fit was given no validation data");
    if (!falls(monitor) && !plan.classifies) fail("this training doesn't classify");
}

}  // namespace detail

}  // namespace TYPENET
