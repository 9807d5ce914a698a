#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/monitor.hpp>

namespace typenet {

struct EarlyStoppingOptions {
    Monitor monitor = Monitor::validation_loss;
    std::size_t patience = 5;  ///< epochs in a row without anything better that end the training; at least 1
    double min_delta = 0;      ///< by how much better is better; at least 0
    bool restore_best = true;  ///< the network ends with the parameters of the best epoch
};

/// A callback that ends the training when it gets no better. An epoch whose value is NaN is no better than any.
/// In a resumed run it goes on from where it was; where it was no part of the former run, it counts that one's epochs,
/// but has no parameters of them to restore.
class EarlyStopping {
public:
    static constexpr std::string_view name = "EarlyStopping";

    /// Throws OptionError for a patience of 0, or a min_delta that is negative or not finite.
    explicit EarlyStopping(const EarlyStoppingOptions& options = {}) : options_(options) {
        detail::require_option(options.patience > 0, name, "patience", 0, "it must be at least 1");
        detail::require_option(std::isfinite(options.min_delta) && options.min_delta >= 0, name, "min_delta",
                               options.min_delta, "it must be finite and at least 0");
    }

    /// Of the last training: from 1, or 0 where no epoch had a value.
    [[nodiscard]] std::size_t best_epoch() const noexcept { return best_.epoch; }
    /// The monitored value of that epoch.
    [[nodiscard]] double best_value() const noexcept { return best_.value; }

    /// Throws OptionError where the training doesn't measure what is monitored.
    void check(const TrainingPlan& plan) const { detail::require_monitored(name, options_.monitor, plan); }

    template <class Run>
    CallbackResult on_train_begin(const TrainingPlan&, Run& run) {
        best_ = {options_.monitor, options_.min_delta};
        for (const EpochRecord& epoch : run.history().epochs) best_.add(epoch);
        const std::size_t wanted = std::as_bytes(std::span(run.network().parameters())).size();
        if (kept_epoch_ != best_.epoch || kept_.size() != wanted) forget();
        return answer();
    }

    template <class Run>
    CallbackResult on_epoch_end(const EpochRecord& epoch, Run& run) {
        if (best_.add(epoch) && options_.restore_best) {
            const auto parameters = std::as_bytes(std::span(run.network().parameters()));
            kept_.assign(reinterpret_cast<const char*>(parameters.data()), parameters.size());
            kept_epoch_ = epoch.epoch;
        }
        return answer();
    }

    template <class Run>
    void on_train_end(const History&, Run& run) {
        if (options_.restore_best && !kept_.empty()) copy_bytes(kept_, run.network().parameters());
    }

    [[nodiscard]] std::string save_state() const {
        ByteWriter state;
        state.add(std::uint64_t{kept_epoch_});
        state.add(std::string_view(kept_));
        return std::move(state).bytes();
    }
    void restore_state(std::string_view bytes) {
        forget();
        if (bytes.empty()) return;
        ByteReader state(bytes);
        const auto epoch = state.number<std::uint64_t>();
        kept_ = state.text();
        kept_epoch_ = epoch;
    }

private:
    [[nodiscard]] CallbackResult answer() const {
        return best_.waited >= options_.patience ? CallbackResult::stop : CallbackResult::proceed;
    }

    void forget() {
        kept_.clear();
        kept_epoch_ = 0;
    }

    EarlyStoppingOptions options_;
    detail::BestEpoch best_{Monitor::validation_loss};
    std::string kept_;  // the parameters after an epoch, as bytes
    std::size_t kept_epoch_ = 0;
};

}  // namespace typenet
