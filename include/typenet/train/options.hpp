#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/train/augmentation.hpp>
#include <typenet/train/schedules.hpp>

namespace TYPENET {

/// Options of a Trainer for networks with `Inputs` inputs.
template <std::size_t Inputs>
struct TrainerOptions {
    std::size_t batch_size = 32;  ///< the most rows of one step; at least 1
    std::size_t threads = 1;      ///< threads that share the work, the caller's included; 0: chosen. No effect on bits
    Seed seed = {};               ///< of the order of rows, augmentation, and layers that are random in training
    std::optional<double> clip_value = {};   ///< limits each component of the gradient to +-this; above 0
    std::optional<double> clip_norm = {};    ///< scales the whole gradient down to this length; above 0
    Augmentation<Inputs> augmentation = {};  ///< changes the features of each row before it is trained on
};

/// Options of `fit` for training on a `Data`, which is a TrainingData: `fit` itself asks for that, so that a compiler
/// names the concept. The last four, batch_size and seed are options of TrainerOptions, too.
template <class Data>
struct FitOptions {
    std::size_t epochs = 10;                ///< passes over the training rows; at least 1
    std::size_t batch_size = 32;            ///< rows of a step; the last step of an epoch takes the rows that are left
    bool shuffle = true;                    ///< whether each epoch takes the rows in a new order
    Seed seed = {};                         ///< see TrainerOptions
    const Data* validation = nullptr;       ///< evaluated after each epoch; null: nothing is
    Schedule schedule = {};                 ///< scales the learning rate step by step, for example CosineDecay{}
    std::optional<double> clip_value = {};  ///< see TrainerOptions
    std::optional<double> clip_norm = {};   ///< see TrainerOptions
    Augmentation<Data::feature_count> augmentation = {};  ///< see TrainerOptions
    std::size_t threads = 1;                              ///< see TrainerOptions
};

namespace detail {

/// Returns the options of the Trainer behind a `fit` on `rows` rows.
template <TrainingData Data>
TrainerOptions<Data::feature_count> trainer_options(const FitOptions<Data>& options, std::size_t rows) {
    return {.batch_size = std::min(options.batch_size, rows),
            .threads = options.threads,
            .seed = options.seed,
            .clip_value = options.clip_value,
            .clip_norm = options.clip_norm,
            .augmentation = options.augmentation};
}

}  // namespace detail

}  // namespace TYPENET
