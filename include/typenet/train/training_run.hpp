#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/bit_cast.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/options.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/options.hpp>
#include <typenet/train/trainer.hpp>

/// TrainingRun is a training under way. It holds what `fit` was given, the Trainer and the History. `fit` makes one,
/// and a callback's hook may take it as its second argument. Where there is a schedule, it sets the Trainer's learning
/// rate before each step; the Trainer does the step. `description()` tells a Checkpoint whether it continues the same
/// training.
namespace TYPENET {

namespace detail {

using RunDescription = std::vector<std::pair<std::string, std::string>>;

/// Returns a hash of all features, scaled, as floats, all targets, and the weights if there are any.
template <TrainingData Data>
std::uint64_t data_hash(const Data& data) {
    Hash hash;
    std::vector<float> features(Data::feature_count);
    for (std::size_t i = 0; i < data.size(); ++i) {
        const auto row = static_cast<std::uint32_t>(i);
        data.gather(std::span(&row, 1), features.data());
        for (const float feature : features) hash.add(bit_cast<std::uint32_t>(feature));
        const auto target = data.target(i);
        if constexpr (std::integral<TargetOf<Data>>) {
            hash.add(static_cast<std::uint64_t>(target));
        } else {
            for (const float number : target) hash.add(bit_cast<std::uint32_t>(number));
        }
    }
    const RowWeights& weights = weights_of(data);
    for (const float weight : weights.values()) hash.add(bit_cast<std::uint32_t>(weight));
    return hash.value();
}

template <TrainingData Data>
std::string describe_data(const Data& data) {
    return join({data.size(), " rows with hash ", data_hash(data)});
}

template <AnyNetwork Network>
std::string describe_network() {
    std::string columns;
    if constexpr (HasColumns<typename Network::InputType>) columns = " of " + Network::InputType::describe();
    return join({Network::architecture(), sizeof(typename Network::Scalar) == 4 ? " (float)" : " (double)", columns});
}

template <class Loss>
std::string describe_loss(const Loss& loss) {
    if constexpr (requires { loss.describe(); }) return loss.describe();
    return std::string(Loss::name);
}

}  // namespace detail

/// A training under way. `fit` works on it, and passes it to hooks of callbacks that take a second argument. It refers
/// to the network, data, loss, optimizer and options that `fit` was given.
template <AnyNetwork NetworkType, TrainingData Data, class Loss, Optimizer OptimizerType>
class TrainingRun {
public:
    /// The type of the network.
    using Network = NetworkType;
    /// Whether the data have labels.
    static constexpr bool classifies = detail::classifies<Loss, Data>;
    /// The type of the trainer.
    using TrainerType = Trainer<Network, Loss, OptimizerType>;

    /// Checks the options against the data, and throws OptionError where they don't fit.
    TrainingRun(Network& network, const Data& data, const Loss& loss, const OptimizerType& optimizer,
                const FitOptions<Data>& options)
        : network_(network),
          data_(data),
          loss_(loss),
          optimizer_(optimizer),
          options_(options),
          trainer_(network, loss, optimizer, detail::trainer_options(options, data.size())) {
        const TrainingPlan now = plan();
        options.schedule.check({now});
    }

    /// Returns the network in training.
    [[nodiscard]] Network& network() noexcept { return network_; }
    /// Returns the network in training.
    [[nodiscard]] const Network& network() const noexcept { return network_; }
    /// Returns the trainer, which has the step and the learning rate.
    [[nodiscard]] TrainerType& trainer() noexcept { return trainer_; }
    /// Returns the training data.
    [[nodiscard]] const Data& data() const noexcept { return data_; }
    /// Returns the loss.
    [[nodiscard]] const Loss& loss() const noexcept { return loss_; }
    /// Returns the optimizer, with the options that it began with.
    [[nodiscard]] const OptimizerType& optimizer() const noexcept { return optimizer_; }
    [[nodiscard]] const FitOptions<Data>& options() const noexcept { return options_; }

    /// The records of the epochs that are finished.
    [[nodiscard]] History& history() noexcept { return history_; }
    /// Returns the records of all epochs that ended.
    [[nodiscard]] const History& history() const noexcept { return history_; }

    /// The seconds that an epoch took before it was stopped, if one is unfinished.
    [[nodiscard]] double& unfinished_seconds() noexcept { return unfinished_seconds_; }

    /// Returns how many steps and epochs there will be.
    [[nodiscard]] TrainingPlan plan() const noexcept {
        return {.epochs = options_.epochs,
                .epochs_done = history_.epochs.size(),
                .rows = data_.size(),
                .batch_size = trainer_.batch_size(),
                .parameters = Network::parameter_count,
                .classifies = classifies,
                .validates = options_.validation != nullptr};
    }

    /// Sets the learning rate of the next step, as the schedule wants it, and returns it.
    double schedule_step() {
        if (!options_.schedule) return optimizer_.learning_rate;
        const TrainingPlan now = plan();
        const auto step = static_cast<std::size_t>(trainer_.state().steps);
        const double rate = optimizer_.learning_rate * options_.schedule({now, step, history_.epochs});
        trainer_.set_learning_rate(rate);
        return rate;
    }

    /// The states of the callbacks that keep something between epochs.
    [[nodiscard]] std::vector<CallbackState>& callback_states() noexcept { return callback_states_; }

    /// Returns, as pairs of a name and a text, what the result of the training depends on, except the number of epochs
    /// and the callbacks. Schedules, augmentations and losses of the user's own that have no `describe` can't be told
    /// apart. A checkpoint is resumed only by a training with the same description.
    [[nodiscard]] detail::RunDescription description() const {
        using detail::join;
        std::string layers;
        Network::Layers::for_each([&]<std::size_t I>() {
            const LayerTraining& training = network_.template training<I>();
            layers += detail::describe_options(
                join({I == 0 ? "" : ", ", I}),
                {{"rate_factor", training.rate_factor}, {"l1", training.l1}, {"l2", training.l2}});
        });
        return {
            {"network", detail::describe_network<Network>()},
            {"treatment of the layers", layers},
            {"loss", detail::describe_loss(loss_)},
            {"optimizer", optimizer_.describe()},
            {"schedule", options_.schedule.describe()},
            {"data", detail::describe_data(data_)},
            {"validation data", options_.validation == nullptr ? "none" : detail::describe_data(*options_.validation)},
            {"batches", join({trainer_.batch_size(), options_.shuffle ? " rows, shuffled" : " rows in order"})},
            {"seed", join({options_.seed.value})},
            {"clipping", detail::describe_options("limits", {{"value", options_.clip_value.value_or(0)},
                                                             {"norm", options_.clip_norm.value_or(0)}})},
            {"augmentation", options_.augmentation.describe()},
        };
    }

private:
    Network& network_;
    const Data& data_;
    const Loss& loss_;
    const OptimizerType& optimizer_;
    const FitOptions<Data>& options_;
    TrainerType trainer_;
    History history_;
    double unfinished_seconds_ = 0;
    std::vector<CallbackState> callback_states_;
};

}  // namespace TYPENET
