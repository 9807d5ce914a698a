#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/train/callbacks.hpp>
#include <typenet/train/checks.hpp>
#include <typenet/train/evaluate.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/trainer.hpp>

namespace typenet {

template <class Data>
struct FitOptions {
    std::size_t epochs = 10;
    std::size_t batch_size = 32;       ///< the last batch of an epoch is shorter where the rows don't divide
    bool shuffle = true;               ///< a new order of the rows for each epoch
    Seed seed = {};                    ///< of the orders
    const Data* validation = nullptr;  ///< evaluated after each epoch, where given
    /// From the share of steps done to a factor of the optimizer's learning rate, such as CosineDecay{}; none for 1.
    std::function<double(double)> schedule = {};
    std::size_t threads = 1;  ///< that work, the caller's among them; 0 for automatic. It changes no bit of the result
};

namespace detail {

class Stopwatch {
public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The rows' order in an epoch: it depends on nothing but the seed and the epoch.
inline void order_rows(std::vector<std::uint32_t>& order, bool shuffled, Seed seed, std::size_t epoch) {
    std::iota(order.begin(), order.end(), 0U);
    if (!shuffled) return;
    Random random(seed, Purpose::row_order, epoch);
    shuffle(std::span(order), random);
}

/// What the batches of an epoch come to so far.
template <bool Classifies>
struct EpochTotals {
    double loss_sum = 0;
    std::size_t hits = 0;
    std::size_t rows = 0;

    void add(const BatchResult& batch, std::size_t count) {
        loss_sum += batch.loss;
        hits += batch.hits;
        rows += count;
    }
    [[nodiscard]] double loss() const { return loss_sum / static_cast<double>(rows); }
    [[nodiscard]] std::optional<double> accuracy() const {
        if constexpr (!Classifies) return std::nullopt;
        return static_cast<double>(hits) / static_cast<double>(rows);
    }
};

template <class T, std::size_t N>
bool all_finite(std::span<T, N> values) {
    return std::all_of(values.begin(), values.end(), [](T value) { return std::isfinite(value); });
}

inline std::string describe_divergence(const char* what, std::size_t epoch, std::size_t batch,
                                       std::optional<double> finite_loss) {
    std::string text = "training diverged: ";
    text.append(what).append(" not finite in epoch ").append(std::to_string(epoch));
    text.append(", batch ").append(std::to_string(batch));
    text += finite_loss ? "; the last finite loss was " + number_text(*finite_loss) : "; no loss was finite";
    return text + ". A smaller learning rate may help";
}

}  // namespace detail

/// Trains `network` on `train` by mini-batches and returns what happened. The same network, data and options give the
/// same parameters, bit for bit. `callbacks` are told in their order; see Callback.
/// Throws OptionError or DataError before anything changes where options or data don't fit (and OptionError in the
/// course of training, leaving the network as trained so far, when `schedule` makes the learning rate negative or not
/// finite). When a batch's loss or
/// the parameters after an epoch are not finite, throws DivergenceError and leaves the network with the parameters that
/// it had before that epoch.
template <AnyNetwork Network, class Data, class Loss, Optimizer OptimizerType, class... Callbacks>
History fit(Network& network, const Data& train, const Loss& loss, const OptimizerType& optimizer,
            const FitOptions<Data>& options = {}, Callbacks&&... callbacks) {
    static_assert((Callback<std::remove_reference_t<Callbacks>> && ...),
                  "fit: each argument after the options must be a callback, with at least one of the hooks "
                  "on_train_begin, on_batch_end, on_epoch_end and on_train_end");
    detail::check_training_types<Network, Loss, Data>();
    if (options.epochs == 0) throw OptionError("epochs is 0; it must be at least 1");
    detail::check_targets<Network, Loss>(train);
    if (options.validation != nullptr) detail::check_targets<Network, Loss>(*options.validation);
    const std::size_t batch_size = std::min(options.batch_size, train.size());
    Trainer trainer(network, loss, optimizer, batch_size, options.threads);

    std::vector<std::uint32_t> order(train.size());
    std::vector<typename Network::Scalar> good(Network::parameter_count);
    const double steps_an_epoch = std::ceil(static_cast<double>(train.size()) / static_cast<double>(batch_size));
    const double all_steps = static_cast<double>(options.epochs) * steps_an_epoch;
    std::size_t steps = 0;
    std::optional<double> finite_loss;
    History history;
    history.epochs.reserve(std::min<std::size_t>(options.epochs, 1000));
    (detail::call_train_begin(callbacks,
                              TrainingPlan{options.epochs, train.size(), batch_size, Network::parameter_count}),
     ...);
    const auto diverged = [&](const char* what, std::size_t epoch, std::size_t batch) {
        std::copy(good.begin(), good.end(), network.parameters().begin());
        throw DivergenceError(detail::describe_divergence(what, epoch, batch, finite_loss));
    };
    auto wanted = Training::go_on;
    for (std::size_t epoch = 1; epoch <= options.epochs && wanted == Training::go_on; ++epoch) {
        std::copy(network.parameters().begin(), network.parameters().end(), good.begin());
        const detail::Stopwatch watch;
        detail::order_rows(order, options.shuffle, options.seed, epoch);
        detail::EpochTotals<detail::classifies<Loss, Data>> totals;
        while (totals.rows < order.size()) {
            const std::size_t count = std::min(batch_size, order.size() - totals.rows);
            if (options.schedule) {
                const double share = static_cast<double>(steps++) / all_steps;
                trainer.set_learning_rate(optimizer.learning_rate * options.schedule(share));
            }
            const std::size_t rest = order.size() - totals.rows - count;
            const BatchResult batch =
                trainer.step(train, std::span(order).subspan(totals.rows, count),
                             std::span(order).subspan(totals.rows + count, std::min(batch_size, rest)));
            if (!std::isfinite(batch.loss)) diverged("the loss is", epoch, totals.rows / batch_size + 1);
            finite_loss = batch.loss / static_cast<double>(count);
            totals.add(batch, count);
            if constexpr (sizeof...(callbacks) > 0) {
                const BatchRecord record{epoch, totals.rows, totals.loss(), totals.accuracy(), watch.seconds()};
                (detail::call_batch_end(callbacks, record), ...);
            }
        }
        // The last step's damage would show only in the next batch's loss.
        if (!detail::all_finite(network.parameters()))
            diverged("the parameters are", epoch, (order.size() - 1) / batch_size + 1);
        EpochRecord record;
        record.epoch = epoch;
        record.loss = totals.loss();
        record.accuracy = totals.accuracy();
        record.seconds = watch.seconds();
        if (options.validation != nullptr) {
            const Evaluation validation = evaluate(network, *options.validation, loss, {.threads = options.threads});
            record.validation_loss = validation.loss;
            record.validation_accuracy = validation.accuracy;
        }
        history.epochs.push_back(record);
        [[maybe_unused]] const auto tell = [&](auto& callback) {
            if (detail::call_epoch_end(callback, record) == Training::stop) wanted = Training::stop;
        };
        (tell(callbacks), ...);
    }
    (detail::call_train_end(callbacks, history), ...);
    return history;
}

/// As above with a default-constructed loss: fit<CrossEntropy>(network, train, Sgd{...}, {...}).
template <class Loss, AnyNetwork Network, class Data, Optimizer OptimizerType, class... Callbacks>
History fit(Network& network, const Data& train, const OptimizerType& optimizer, const FitOptions<Data>& options = {},
            Callbacks&&... callbacks) {
    return fit(network, train, Loss{}, optimizer, options, std::forward<Callbacks>(callbacks)...);
}

}  // namespace typenet
