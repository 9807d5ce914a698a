#pragma once

#include <concepts>

#include <typenet/train/history.hpp>

namespace typenet {

/// What a callback's on_epoch_end may return to end the training.
enum class Training { go_on, stop };

/// Something that `fit` tells how it goes. Each hook is optional, at least one is there:
///   on_train_begin(const TrainingPlan&)
///   on_batch_end(const BatchRecord&)     after each step; should be quick
///   on_epoch_end(const EpochRecord&)     may return Training::stop
///   on_train_end(const History&)
template <class C>
concept Callback = requires(C& callback, const TrainingPlan& plan) {
    callback.on_train_begin(plan);
}
|| requires(C& callback, const BatchRecord& batch) { callback.on_batch_end(batch); }
|| requires(C& callback, const EpochRecord& epoch) { callback.on_epoch_end(epoch); }
|| requires(C& callback, const History& history) { callback.on_train_end(history); };

namespace detail {

template <class C>
void call_train_begin(C& callback, const TrainingPlan& plan) {
    if constexpr (requires { callback.on_train_begin(plan); }) callback.on_train_begin(plan);
}
template <class C>
void call_batch_end(C& callback, const BatchRecord& batch) {
    if constexpr (requires { callback.on_batch_end(batch); }) callback.on_batch_end(batch);
}
template <class C>
Training call_epoch_end(C& callback, const EpochRecord& epoch) {
    if constexpr (requires { callback.on_epoch_end(epoch); }) {
        using Result = decltype(callback.on_epoch_end(epoch));
        static_assert(std::same_as<Result, void> || std::same_as<Result, Training>,
                      "a callback's on_epoch_end must return nothing, or Training::stop or Training::go_on");
        if constexpr (std::same_as<Result, Training>) {
            return callback.on_epoch_end(epoch);
        } else {
            callback.on_epoch_end(epoch);
        }
    }
    return Training::go_on;
}
template <class C>
void call_train_end(C& callback, const History& history) {
    if constexpr (requires { callback.on_train_end(history); }) callback.on_train_end(history);
}

}  // namespace detail

}  // namespace typenet
