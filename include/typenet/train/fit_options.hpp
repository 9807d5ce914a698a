#pragma once

#include <cstddef>
#include <optional>

#include <typenet/core/concepts.hpp>
#include <typenet/core/random.hpp>
#include <typenet/train/augmentation.hpp>
#include <typenet/train/schedules.hpp>

namespace typenet {

template <TrainingData Data>
struct FitOptions {
    std::size_t epochs = 10;
    std::size_t batch_size = 32;            ///< the last batch of an epoch is shorter where the rows don't divide
    bool shuffle = true;                    ///< a new order of the rows for each epoch
    Seed seed = {};                         ///< of orders, augmentation and layers that are random in training
    const Data* validation = nullptr;       ///< evaluated after each epoch, where given
    Schedule schedule = {};                 ///< of the learning rate, such as CosineDecay{}
    std::optional<double> clip_value = {};  ///< see TrainerOptions, also for the next two
    std::optional<double> clip_norm = {};
    Augmentation<Data::feature_count> augmentation = {};
    std::size_t threads = 1;  ///< that work, the caller's among them; 0 for automatic. It changes no bit of the result
};

}  // namespace typenet
