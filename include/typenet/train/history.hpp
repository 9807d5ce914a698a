#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>

namespace TYPENET {

/// What one epoch came to. A training row counts with the loss that it had before its own step. Means and fractions
/// count each row by its weight, if rows have weights.
struct EpochRecord {
    std::size_t epoch = 0;                ///< counted from 1
    double loss = 0;                      ///< mean over the training rows
    std::optional<double> accuracy = {};  ///< fraction of training rows classified correctly; none in a regression
    std::optional<double> validation_loss = {};  ///< mean over the validation rows after the epoch, if there are any
    std::optional<double> validation_accuracy = {};  ///< fraction of them classified correctly; none in a regression
    double learning_rate = 0;                        ///< of the epoch's last step
    double seconds = 0;                              ///< spent on training, without validation and callbacks
};

namespace detail {

/// Calls visit(name, field) for each field of an epoch's record, const or not, in the order of their declaration.
template <class Record, class Visit>
requires std::same_as<std::remove_const_t<Record>, EpochRecord>
void for_each_field(Record& record, Visit visit) {
    visit("epoch", record.epoch);
    visit("loss", record.loss);
    visit("accuracy", record.accuracy);
    visit("validation_loss", record.validation_loss);
    visit("validation_accuracy", record.validation_accuracy);
    visit("learning_rate", record.learning_rate);
    visit("seconds", record.seconds);
}

}  // namespace detail

/// The records of all epochs of a training, as `fit` returns them. Losses of a network that ends in Unstandardize are
/// in units of the targets' deviation: a mean squared error of 1 is that of predicting the mean.
struct History {
    std::vector<EpochRecord> epochs;  ///< one record for each epoch that ended
};

/// The size of a training, and how far it has come.
struct TrainingPlan {
    std::size_t epochs = 0;       ///< the last epoch that is planned
    std::size_t epochs_done = 0;  ///< epochs finished so far; before the first step, those of the run that is resumed
    std::size_t rows = 0;         ///< training rows
    std::size_t batch_size = 0;   ///< rows of a step
    std::size_t parameters = 0;   ///< parameters of the network
    bool classifies = false;      ///< whether accuracies are measured
    bool validates = false;       ///< whether there are validation rows

    /// Returns how many steps an epoch takes.
    [[nodiscard]] std::size_t steps_an_epoch() const noexcept { return (rows + batch_size - 1) / batch_size; }

    /// Returns how many steps all epochs take. As a double, since `epochs` may be as large as its type allows.
    [[nodiscard]] double all_steps() const noexcept {
        return static_cast<double>(epochs) * static_cast<double>(steps_an_epoch());
    }
};

/// How far an epoch has come after one of its batches.
struct BatchRecord {
    std::size_t epoch = 0;                ///< counted from 1
    std::size_t rows_done = 0;            ///< rows of this epoch that were trained on so far
    double loss = 0;                      ///< mean over these rows
    std::optional<double> accuracy = {};  ///< fraction of these rows classified correctly; none in a regression
    double seconds = 0;                   ///< since the epoch began
};

}  // namespace TYPENET
