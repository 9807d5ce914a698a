#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

namespace typenet {

/// What one epoch came to. Losses and accuracies of the training rows are those seen while training, each batch
/// before its own step.
struct EpochRecord {
    std::size_t epoch = 0;                           ///< from 1
    double loss = 0;                                 ///< mean over the training rows
    std::optional<double> accuracy = {};             ///< share of rows classified right; for classification only
    std::optional<double> validation_loss = {};      ///< mean over the validation rows, after the epoch
    std::optional<double> validation_accuracy = {};  ///< likewise, for classification only
    double learning_rate = 0;                        ///< of its last step
    double seconds = 0;  ///< of training, without validation and callbacks at the epoch's end
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

/// What `fit` did, epoch by epoch.
struct History {
    std::vector<EpochRecord> epochs;
};

/// What is about to be trained.
struct TrainingPlan {
    std::size_t epochs = 0;
    std::size_t epochs_done = 0;  ///< where an earlier run is resumed
    std::size_t rows = 0;         ///< of training data
    std::size_t batch_size = 0;
    std::size_t parameters = 0;  ///< of the network
    bool classifies = false;     ///< whether there are accuracies
    bool validates = false;      ///< whether there are validation data

    [[nodiscard]] std::size_t steps_an_epoch() const noexcept { return (rows + batch_size - 1) / batch_size; }
    /// Of all epochs; a double, since epochs may be as many as one likes.
    [[nodiscard]] double all_steps() const noexcept {
        return static_cast<double>(epochs) * static_cast<double>(steps_an_epoch());
    }
};

/// How far an epoch has come after a batch.
struct BatchRecord {
    std::size_t epoch = 0;      ///< from 1
    std::size_t rows_done = 0;  ///< of this epoch
    double loss = 0;            ///< mean over the rows done
    std::optional<double> accuracy =
        {};              ///< share of the rows done that were classified right; for classification only
    double seconds = 0;  ///< since the epoch began
};

}  // namespace typenet
