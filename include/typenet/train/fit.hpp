#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/stopwatch.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/options.hpp>
#include <typenet/train/tally.hpp>
#include <typenet/train/training_run.hpp>

/// Training over whole epochs: `fit`. It makes a TrainingRun, whose Trainer does the steps, tells the callbacks and
/// evaluates on the validation rows.
namespace TYPENET {

namespace detail {

/// Trains for one epoch of a run, or until a callback sets `stopped`, and returns what it came to, without the
/// validation.
template <class Run, class... Callbacks>
EpochRecord run_epoch(Run& run, [[maybe_unused]] bool& stopped, Callbacks&... callbacks) {
    const Stopwatch watch;
    const double seconds_before = run.unfinished_seconds();
    EpochRecord record{.epoch = run.history().epochs.size() + 1};
    const auto accuracy_of = [](const Tally& tally) {
        return Run::classifies ? std::optional(tally.accuracy()) : std::nullopt;
    };
    const auto before_step = [&] { record.learning_rate = run.schedule_step(); };
    const auto after_step = [&]([[maybe_unused]] const Tally& so_far) {
        if constexpr (sizeof...(callbacks) > 0) {
            const BatchRecord batch{record.epoch, so_far.rows, so_far.loss(), accuracy_of(so_far),
                                    seconds_before + watch.seconds()};
            ((stopped |= call(hooks::batch_end, callbacks, batch, run) == CallbackResult::stop), ...);
        }
        return !stopped;
    };
    const bool watched = (... || watches_steps<Callbacks, Run>) || !run.options().schedule.is_known();
    const Tally total = run.trainer().run_epoch(run.data(), run.options().shuffle, watched, before_step, after_step);
    record.loss = total.loss();
    record.accuracy = accuracy_of(total);
    record.seconds = seconds_before + watch.seconds();
    run.unfinished_seconds() = run.trainer().state().unfinished.rows > 0 ? record.seconds : 0;
    return record;
}

/// Trains from the first epoch to the last, and tells the callbacks.
template <class Run, class... Callbacks>
void run_epochs(Run& run, Callbacks&... callbacks) {
    History& history = run.history();
    const auto& options = run.options();
    (add_callback_state(callbacks, run.callback_states()), ...);
    (call(hooks::check, callbacks, run.plan(), run), ...);
    (call_resume(callbacks, run), ...);

    bool stopped = false;
    bool suspended = false;  // by a callback's on_batch_end
    [[maybe_unused]] const auto note = [&](CallbackResult result) {
        stopped = stopped || result == CallbackResult::stop;
    };
    (note(call(hooks::train_begin, callbacks, run.plan(), run)), ...);
    history.epochs.reserve(std::min<std::size_t>(options.epochs, 1000));
    while (history.epochs.size() < options.epochs && !stopped && !suspended) {
        EpochRecord record = run_epoch(run, suspended, callbacks...);
        if (run.trainer().state().unfinished.rows > 0) break;
        if (options.validation != nullptr) {
            const Evaluation validation =
                evaluate(run.network(), *options.validation, run.loss(), {.threads = options.threads});
            record.validation_loss = validation.loss;
            record.validation_accuracy = validation.accuracy;
        }
        history.epochs.push_back(record);
        (note(call_epoch_end(callbacks, record, run)), ...);
        (call(hooks::after_epoch, callbacks, record, run), ...);
    }
    if (suspended) (call_suspend(callbacks, run), ...);
    (call(hooks::train_end, callbacks, std::as_const(history), run), ...);
}

}  // namespace detail

/// Trains `network` on the rows of `train` in mini-batches and returns what each epoch came to:
///
/// ```cpp
/// const History history = fit(net, train, CrossEntropy{.label_smoothing = 0.1}, Adam{.learning_rate = 0.002},
///                             {.epochs = 20, .batch_size = 64, .validation = &validation}, ProgressBar{});
/// std::cout << "validation loss " << *history.epochs.back().validation_loss << '\n';
/// ```
///
/// The same network, data, seed and options give the same bits, whatever the number of threads. The callbacks are told
/// in their order; see CallbackOf.
///
/// Throws OptionError or DataError before anything changes when options or data don't fit, and whatever the callbacks'
/// checks throw. Throws DivergenceError when a loss, a gradient or a parameter is not finite, and DataError when a
/// feature isn't; the network then has the parameters from before that epoch, or, in an epoch that was stopped and
/// resumed, those from the resume. Throws OptionError in the course of training when the schedule gives a learning rate
/// that is negative or not finite; the network stays as trained so far.
template <AnyNetwork Network, TrainingData Data, class Loss, Optimizer OptimizerType, class... Callbacks>
History fit(  // the options in braces have the names and the order that FitOptions has in train/options.hpp
    Network& network, const Data& train, const Loss& loss, const OptimizerType& optimizer,
    const FitOptions<Data>& options = {}, Callbacks&&... callbacks) {
    if constexpr (std::is_const_v<Network>) {
        static_assert(!std::is_const_v<Network>, "fit changes the parameters of the network: it must not be const");
    } else if constexpr (detail::check_training_types<Network, Loss, Data>()) {
        using Run = TrainingRun<Network, Data, Loss, OptimizerType>;
        static_assert((CallbackOf<std::remove_reference_t<Callbacks>, Run> && ...),
                      "fit: each argument after the options must be a callback: with at least one of the hooks check, "
                      "on_train_begin, on_batch_end, on_epoch_end, after_epoch and on_train_end, or a function of an "
                      "EpochRecord");
        if (options.epochs == 0) throw OptionError("epochs is 0; it must be at least 1");
        detail::check_targets<Network, Loss>(train, "the training data");
        if (options.validation != nullptr) {
            detail::check_targets<Network, Loss>(*options.validation, "the validation data");
        }
        Run run(network, train, loss, optimizer, options);
        detail::run_epochs(run, callbacks...);
        return std::move(run.history());
    }
    return {};
}

/// As above with a default-constructed loss:
///
/// ```cpp
/// fit<CrossEntropy>(net, train, Sgd{.learning_rate = 0.1, .momentum = 0.9}, {.epochs = 5});
/// ```
template <class Loss = void, AnyNetwork Network, TrainingData Data, Optimizer OptimizerType, class... Callbacks>
History fit(  // the options in braces have the names and the order that FitOptions has in train/options.hpp
    Network& network, const Data& train, const OptimizerType& optimizer, const FitOptions<Data>& options = {},
    Callbacks&&... callbacks) {
    static_assert(
        !std::is_void_v<Loss>,
        "fit needs a loss: fit<CrossEntropy>(network, data, optimizer), or fit(network, data, loss, optimizer)");
    if constexpr (!std::is_void_v<Loss>) {
        return fit(network, train, Loss{}, optimizer, options, std::forward<Callbacks>(callbacks)...);
    }
    return {};
}

}  // namespace TYPENET
