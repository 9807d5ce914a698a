#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/monitor.hpp>

namespace TYPENET {

/// A callback that ends the training when its results no longer improve.
/// ```cpp
/// EarlyStopping stopping{.patience = 3};
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 100, .validation = &validation}, stopping);
/// const std::size_t epochs_until_best = stopping.best_epoch();
/// ```
/// An epoch whose value is NaN is never the best. A resumed training counts on from where it was stopped. If it ran
/// without EarlyStopping before the stop, its epochs count, but their parameters can't be restored.
struct EarlyStopping {
    static constexpr std::string_view name = "EarlyStopping";

    Monitor monitor = Monitor::validation_loss;  ///< the value that should improve
    std::size_t patience = 5;  ///< training ends after this many epochs in a row without a new best one; at least 1
    double min_delta = 0;      ///< a new best value must be better by more than this; finite and at least 0
    bool restore_best = true;  ///< whether the network gets the best epoch's parameters when training ends

    /// What the callback keeps from the last training.
    class Memory {
        friend struct EarlyStopping;
        detail::BestEpoch best{Monitor::validation_loss};
        std::string parameters;  // the network's parameters after that epoch, as bytes; empty where none are kept
        std::uint64_t epoch = 0;
    };
    Memory memory = {};  ///< set by the training

    /// Returns the best epoch of the last training, from 1; 0 where no epoch had a value.
    [[nodiscard]] std::size_t best_epoch() const noexcept { return memory.best.epoch; }
    /// Returns the monitored value of that epoch.
    [[nodiscard]] double best_value() const noexcept { return memory.best.value; }

    /// Throws OptionError where an option is out of range, or the training doesn't measure the monitored value.
    void check(const TrainingPlan& plan) const {
        detail::require_count(name, "patience", patience);
        detail::require_not_negative(name, "min_delta", min_delta);
        detail::require_monitored(name, monitor, plan);
    }

    template <class Run>
    CallbackResult on_train_begin(const TrainingPlan&, Run& run) {
        memory.best = {monitor, min_delta};
        for (const EpochRecord& epoch : run.history().epochs) memory.best.add(epoch);
        const std::size_t wanted = std::span(run.network().parameters()).size_bytes();
        if (memory.epoch != memory.best.epoch || memory.parameters.size() != wanted) restore_state({});
        return answer();
    }

    template <class Run>
    CallbackResult on_epoch_end(const EpochRecord& epoch, Run& run) {
        if (memory.best.add(epoch) && restore_best) {
            const std::span parameters(run.network().parameters());
            memory.parameters.resize(parameters.size_bytes());
            store_numbers(memory.parameters.data(), parameters.data(), parameters.size());
            memory.epoch = epoch.epoch;
        }
        return answer();
    }

    template <class Run>
    void on_train_end(const History&, Run& run) {
        if (restore_best && !memory.parameters.empty()) copy_bytes(memory.parameters, run.network().parameters());
    }

    [[nodiscard]] std::string save_state() const {
        ByteWriter state;
        state.add(memory.epoch);
        state.add(std::string_view(memory.parameters));
        return std::move(state).bytes();
    }
    /// Takes over what save_state returned; nothing where it is empty. Throws DataError where it is damaged.
    void restore_state(std::string_view bytes) {
        memory.parameters.clear();
        memory.epoch = 0;
        if (bytes.empty()) return;
        ByteReader state(bytes);
        const auto epoch = state.number<std::uint64_t>();
        memory.parameters = state.text();
        memory.epoch = epoch;
    }

private:
    [[nodiscard]] CallbackResult answer() const {
        return memory.best.waited >= patience ? CallbackResult::stop : CallbackResult::proceed;
    }
};

}  // namespace TYPENET
