#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/stopwatch.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/fit_options.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/trainer.hpp>
#include <typenet/train/training_run.hpp>

namespace typenet {

namespace detail {

[[noreturn]] inline void throw_divergence(std::size_t epoch, std::size_t batch, const std::string& what,
                                          std::optional<double> finite_loss) {
    throw DivergenceError(join(
        {"training diverged in epoch ", epoch, ", batch ", batch, ": ", what,
         finite_loss ? "; the last finite loss was " + number_text(*finite_loss) : std::string("; no loss was finite"),
         ". A smaller learning rate may help"}));
}

/// One epoch of a run; `good` gets the parameters from before it, for the case that it diverges.
template <class Run, TrainingData Data, class... Callbacks>
EpochRecord run_epoch(Run& run, const Data& data, std::span<std::uint32_t> order,
                      std::vector<typename Run::Network::Scalar>& good, Callbacks&... callbacks) {
    auto& network = run.network();
    auto& trainer = run.trainer();
    const auto& options = run.options();
    const Stopwatch watch;
    EpochRecord record;
    record.epoch = run.history().epochs.size() + 1;
    std::optional<double> finite_loss;
    if (!run.history().epochs.empty()) finite_loss = run.history().epochs.back().loss;
    std::copy(network.parameters().begin(), network.parameters().end(), good.begin());
    order_rows(order, options.shuffle, options.seed, record.epoch);
    typename Run::Totals totals;
    std::size_t batch_number = 0;
    const auto check = [&](bool finite) {
        if (finite) return;
        const std::string what = trainer.describe_divergence();
        std::copy(good.begin(), good.end(), network.parameters().begin());
        throw_divergence(record.epoch, batch_number, what, finite_loss);
    };
    for_each_batch(order, trainer.batch_size(), [&](auto rows, auto next_rows) {
        ++batch_number;
        record.learning_rate = run.schedule_step();
        const BatchResult batch = trainer.step(data, rows, next_rows);
        check(batch.finite);
        finite_loss = batch.loss / static_cast<double>(rows.size());
        totals.add(batch, rows.size());
        if constexpr (sizeof...(callbacks) > 0) {
            const BatchRecord so_far{record.epoch, totals.rows, totals.loss(), totals.accuracy(), watch.seconds()};
            (call_batch_end(callbacks, so_far, run), ...);
        }
    });
    // Damage by the last step, which would show only in the next batch's loss.
    check(simd::all_finite(network.parameters().data(), network.parameters().size()));
    ++trainer.state().epochs;
    record.loss = totals.loss();
    record.accuracy = totals.accuracy();
    record.seconds = watch.seconds();
    return record;
}

}  // namespace detail

/// Trains `network` on `train` by mini-batches and returns what happened. The same network, data and options give the
/// same parameters, bit for bit. `callbacks` are told in their order; see Callback.
/// Throws OptionError or DataError before anything changes where options or data don't fit, and what callbacks' checks
/// throw (and OptionError in the
/// course of training, leaving the network as trained so far, when `schedule` makes the learning rate negative or not
/// finite). When a batch's loss, a gradient or the parameters after an epoch are not finite, throws DivergenceError and
/// leaves the network with the parameters that it had before that epoch.
template <AnyNetwork Network, TrainingData Data, class Loss, Optimizer OptimizerType, class... Callbacks>
History fit(Network& network, const Data& train, const Loss& loss, const OptimizerType& optimizer,
            const FitOptions<Data>& options = {}, Callbacks&&... callbacks) {
    using Run = TrainingRun<Network, Data, Loss, OptimizerType>;
    static_assert((CallbackOf<std::remove_reference_t<Callbacks>, Run> && ...),
                  "fit: each argument after the options must be a callback: with at least one of the hooks check, "
                  "on_train_begin, on_batch_end, on_epoch_end, after_epoch and on_train_end, or a function of an "
                  "EpochRecord");
    detail::check_training_types<Network, Loss, Data>();
    if (options.epochs == 0) throw OptionError("epochs is 0; it must be at least 1");
    detail::check_targets<Network, Loss>(train);
    if (options.validation != nullptr) detail::check_targets<Network, Loss>(*options.validation);
    Run run(network, train, loss, optimizer, options);
    History& history = run.history();
    (detail::add_callback_state(callbacks, run.callback_states()), ...);
    (detail::call_check(callbacks, run.plan(), run), ...);
    (detail::call_resume(callbacks, run), ...);

    auto wanted = Training::go_on;
    [[maybe_unused]] const auto note = [&](Training answer) {
        if (answer == Training::stop) wanted = Training::stop;
    };
    [[maybe_unused]] const TrainingPlan plan = run.plan();
    (note(detail::call_train_begin(callbacks, plan, run)), ...);
    std::vector<std::uint32_t> order(train.size());
    std::vector<typename Network::Scalar> good(Network::parameter_count);
    history.epochs.reserve(std::min<std::size_t>(options.epochs, 1000));
    while (history.epochs.size() < options.epochs && wanted == Training::go_on) {
        EpochRecord record = detail::run_epoch(run, train, order, good, callbacks...);
        if (options.validation != nullptr) {
            const Evaluation validation = evaluate(network, *options.validation, loss, {.threads = options.threads});
            record.validation_loss = validation.loss;
            record.validation_accuracy = validation.accuracy;
        }
        history.epochs.push_back(record);
        (note(detail::call_epoch_end(callbacks, record, run)), ...);
        (detail::call_after_epoch(callbacks, record, run), ...);
    }
    (detail::call_train_end(callbacks, history, run), ...);
    return history;
}

/// As above with a default-constructed loss: fit<CrossEntropy>(network, train, Sgd{...}, {...}).
template <class Loss, AnyNetwork Network, TrainingData Data, Optimizer OptimizerType, class... Callbacks>
History fit(Network& network, const Data& train, const OptimizerType& optimizer, const FitOptions<Data>& options = {},
            Callbacks&&... callbacks) {
    return fit(network, train, Loss{}, optimizer, options, std::forward<Callbacks>(callbacks)...);
}

}  // namespace typenet
