#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstddef>
#include <cstdint>
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
#include <typenet/core/text.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/platform/threads.hpp>
#include <typenet/train/augmentation.hpp>
#include <typenet/train/layer_training.hpp>
#include <typenet/train/step.hpp>

namespace typenet {

/// For networks with `Features` inputs.
template <std::size_t Features>
struct TrainerOptions {
    std::size_t batch_size = 32;  ///< the most rows of a step
    std::size_t threads = 1;  ///< that work, the caller's among them; 0 for automatic. It changes no bit of the result
    Seed seed = {};           ///< of orders, augmentation and layers that are random in training
    std::optional<double> clip_value = {};  ///< each number of a gradient is kept within +-this; above 0
    std::optional<double> clip_norm = {};   ///< longer gradients, of all layers together, are scaled to this; above 0
    Augmentation<Features> augmentation = {};  ///< of the rows of each step
};

/// What one step saw, before it moved the parameters.
struct BatchResult {
    double loss = 0;       ///< sum over the batch's rows
    std::size_t hits = 0;  ///< rows classified right
    bool finite =
        true;  ///< whether the loss and the gradients of all layers' outputs are; where not, nothing was moved
};

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

namespace detail {

/// Calls visit(rows, next_rows) for the batches of an order.
template <class Visit>
void for_each_batch(std::span<const std::uint32_t> order, std::size_t batch_size, Visit visit) {
    for (std::size_t first = 0; first < order.size(); first += batch_size) {
        const std::size_t count = std::min(batch_size, order.size() - first);
        const std::size_t next = first + count;
        visit(order.subspan(first, count), order.subspan(next, std::min(batch_size, order.size() - next)));
    }
}

/// The rows' order in an epoch: it hangs on nothing but the seed and the epoch.
inline void order_rows(std::span<std::uint32_t> order, bool shuffled, Seed seed, std::size_t epoch) {
    std::iota(order.begin(), order.end(), 0U);
    if (!shuffled) return;
    Random random(seed, Purpose::row_order, epoch);
    shuffle(order, random);
}

/// "the outputs of layer 1 (Dense<64, Sigmoid>) are not finite", or nothing where they are.
template <class T>
[[gnu::noinline]] std::string describe_not_finite(const char* what, std::size_t layer, std::string (*describe)(),
                                                  const T* numbers, std::size_t count) {
    if (simd::all_finite(numbers, count)) return {};
    return join({what, " ", layer_text(layer, describe()), " are not finite"});
}

/// 0 for no limit.
inline double checked_limit(const char* option, const std::optional<double>& limit) {
    if (limit) {
        require_option(std::isfinite(*limit) && *limit > 0, "gradient clipping", option, *limit,
                       "it must be finite and above 0");
    }
    return limit.value_or(0);
}

}  // namespace detail

/// Trains one network batch by batch. It refers to the network, which must outlive it, and owns the workspace and the
/// optimizer's state: after the constructor no step allocates.
template <AnyNetwork Network, class Loss, Optimizer OptimizerType>
class Trainer {
public:
    using T = typename Network::Scalar;
    using Options = TrainerOptions<Network::inputs>;

    /// Throws OptionError for a batch size of 0, a limit that isn't above 0, and what `loss`, `optimizer` and the
    /// network's LayerTraining have out of range.
    Trainer(Network& network, Loss loss, OptimizerType optimizer, Options options = {})
        : network_(network),
          loss_(std::move(loss)),
          optimizer_(std::move(optimizer)),
          learning_rate_(optimizer_.learning_rate),
          options_(std::move(options)),
          clip_value_(detail::checked_limit("clip_value", options_.clip_value)),
          clip_norm_(detail::checked_limit("clip_norm", options_.clip_norm)),
          team_(choose_threads(options_.threads, Network::parameter_count * options_.batch_size)),
          workspace_(checked(options_.batch_size), team_.size()),
          all_rows_(options_.batch_size) {
        detail::validate_loss<Network::outputs>(loss_);
        optimizer_.validate();
        detail::validate_training(network_);
        state_.vectors = Buffer<T>(optimizer_.state_vectors() * Network::parameter_count);
        if (clip_norm_ > 0) {
            gradient_ = Buffer<T>(Network::parameter_count);
            squares_.resize(Parts::count);
        }
        std::iota(all_rows_.begin(), all_rows_.end(), 0U);
    }

    /// What a trainer carries from one step to the next beside the parameters.
    struct State {
        std::uint64_t steps = 0;   ///< made so far
        std::uint64_t epochs = 0;  ///< finished so far
        Buffer<T> vectors = {};    ///< the optimizer's
        std::array<double, detail::state_numbers<OptimizerType>> numbers = {};
    };
    /// To be stored and put back between steps; `vectors` must keep its size.
    [[nodiscard]] State& state() noexcept { return state_; }
    [[nodiscard]] const State& state() const noexcept { return state_; }

    [[nodiscard]] std::size_t batch_size() const noexcept { return options_.batch_size; }

    /// One step on the given rows of `data`. `next_rows`, where they are known, are those of the next step: they are
    /// brought nearer on the way. Throws ShapeError unless there are at least one and at most batch_size rows.
    template <TrainingData Data>
    BatchResult step(const Data& data, std::span<const std::uint32_t> rows,
                     std::span<const std::uint32_t> next_rows = {}) {
        detail::check_training_types<Network, Loss, Data>();
        const std::size_t batch = rows.size();
        if (batch == 0 || batch > batch_size()) {
            throw ShapeError(detail::join({"a step was given ", batch, " rows; it takes 1 to ", batch_size()}));
        }
        rows_done_ = batch;
        workspace_.seed = options_.seed;
        workspace_.step = state_.steps;
        const T* parameters = network_.parameters().data();
        prepare<Layers>(parameters, workspace_);
        const std::size_t chunk = rows_at_once(batch);
        finite_ = true;
        team_.run((batch + chunk - 1) / chunk, [&](std::size_t i, std::size_t) {
            const std::size_t first = i * chunk;
            const std::size_t last = std::min(batch, first + chunk);
            gather(data, rows.subspan(first, last - first), workspace_.x()[first]);
            row_phase<Layers>(parameters, workspace_, batch, first, last, loss_, [&](std::size_t r) {
                if constexpr (requires { data.prefetch(std::size_t{}); }) {
                    if (r < next_rows.size()) data.prefetch(next_rows[r]);
                }
                return data.target(rows[r]);
            });
            if (!is_finite(first, last)) finite_.store(false, std::memory_order_relaxed);
        });
        if (finite_) {
            if constexpr (detail::state_numbers<OptimizerType> != 0) optimizer_.begin_step(std::span(state_.numbers));
            move(batch);
        }
        ++state_.steps;
        BatchResult result;
        for (std::size_t r = 0; r < batch; ++r) {
            result.loss += static_cast<double>(workspace_.losses()[r]);
            result.hits += workspace_.hits()[r];
        }
        result.finite = finite_;
        return result;
    }

    /// One step on all rows of `batch`.
    template <TrainingData Data>
    BatchResult step(const Data& batch) {
        // A larger batch is refused before the rows beyond are read.
        return step(batch, std::span<const std::uint32_t>(all_rows_.data(), batch.size()));
    }

    /// One pass over `data` in a new order, in batches: for data that comes in pieces. Throws DataError where a target
    /// doesn't fit, and DivergenceError when a loss or a gradient is not finite, with the parameters as they then are.
    template <TrainingData Data>
    auto partial_fit(const Data& data) {
        detail::check_targets<Network, Loss>(data);
        std::vector<std::uint32_t> order(data.size());
        detail::order_rows(order, true, options_.seed, state_.epochs + 1);
        EpochTotals<detail::classifies<Loss, Data>> totals;
        detail::for_each_batch(order, batch_size(), [&](auto rows, auto next_rows) {
            const BatchResult batch = step(data, rows, next_rows);
            if (!batch.finite) {
                throw DivergenceError(
                    detail::join({"training diverged after ", totals.rows, " rows: ", describe_divergence()}));
            }
            totals.add(batch, rows.size());
        });
        ++state_.epochs;
        return totals;
    }

    /// Sets the learning rate from the next step on, in place of the optimizer's. Throws OptionError unless it is
    /// finite and at least 0.
    void set_learning_rate(double rate) {
        detail::require_not_negative("Trainer", "learning_rate", rate);
        learning_rate_ = rate;
    }

    /// After a step that wasn't finite: what was the first thing that isn't, and in which layer.
    [[nodiscard]] std::string describe_divergence() {
        std::string found;
        const auto look_at = [&](const char* what, std::size_t layer, std::string (*describe)(), const T* numbers,
                                 std::size_t count) {
            if (found.empty()) found = detail::describe_not_finite(what, layer, describe, numbers, count);
        };
        Layers::for_each([&]<std::size_t I>() {
            using Layer = typename Layers::template Layer<I>;
            look_at("the parameters of", I, &Layer::describe, network_.parameters().data() + Layers::offsets[I],
                    Layer::parameter_rows * Layer::parameter_columns);
        });
        Layers::for_each([&]<std::size_t I>() {
            const auto y = workspace_.template y<I>().subrows(0, rows_done_);
            look_at("the outputs of", I, &Layers::template Layer<I>::describe, y.data, y.size());
        });
        if (found.empty() && !simd::all_finite(workspace_.losses().data(), rows_done_)) return "the loss is not finite";
        Layers::for_each_backward([&]<std::size_t I>() {
            const auto d_y = workspace_.template d_y<I>().subrows(0, rows_done_);
            look_at("the gradients of the outputs of", I, &Layers::template Layer<I>::describe, d_y.data, d_y.size());
        });
        return found.empty() ? "a sum of gradients is not finite" : found;
    }

private:
    using Layers = TrainedLayers<Network, Loss>;
    using Parts = ParameterParts<Layers>;

    static std::size_t checked(std::size_t batch_size) {
        if (batch_size == 0) throw OptionError("batch_size is 0; it must be at least 1");
        return batch_size;
    }

    /// Rows that one thread carries through the row phase at once: few enough that they stay in the cache on their way.
    [[nodiscard]] std::size_t rows_at_once(std::size_t batch) const noexcept {
        if constexpr (Layers::row_chunk != 0) return Layers::row_chunk;
        return std::min(detail::rows_at_once, (batch + team_.size() - 1) / team_.size());
    }

    template <TrainingData Data>
    void gather(const Data& data, std::span<const std::uint32_t> rows, T* out) const {
        if (!options_.augmentation) return data.gather(rows, out);
        for (const std::uint32_t& row : rows) {
            std::array<float, Network::inputs> features;
            data.gather(std::span(&row, 1), features.data());
            Random random(options_.seed, Purpose::augmentation, state_.epochs, std::uint64_t{row} << 24);
            options_.augmentation(features, random);
            out = std::copy(features.begin(), features.end(), out);
        }
    }

    /// Whether the losses of rows first ... last - 1 are, and the gradients of all layers' outputs.
    [[nodiscard]] bool is_finite(std::size_t first, std::size_t last) {
        bool finite = simd::all_finite(workspace_.losses().data() + first, last - first);
        Layers::for_each([&]<std::size_t I>() {
            const auto d_y = workspace_.template d_y<I>().subrows(first, last - first);
            finite = finite && simd::all_finite(d_y.data, d_y.size());
        });
        return finite;
    }

    /// Moves a part of the parameters along its gradient.
    void update(const ParameterPart& part, std::span<const T> gradient) {
        const std::span<T> w(network_.parameters().data() + part.offset, part.size);
        const OptimizerState<T> state{state_.vectors.data(), Network::parameter_count, part.offset, state_.numbers};
        optimizer_.update(w, gradient, state, learning_rate_ * network_.training(part.layer).rate);
    }

    /// Sums the gradient of a part of the parameters, with penalties and the limit of its numbers, and moves them, or
    /// keeps it, and its sum of squares, where the norm of all is limited.
    void work_on_part(std::size_t batch, std::size_t number, std::size_t member) {
        const ParameterPart part = Parts::at(number);
        if (network_.training(part.layer).rate == 0) return;
        const std::span<T> gradient = parameter_phase<Layers>(workspace_, batch, part, member);
        detail::add_penalty_gradient(network_, part.layer, part.offset, gradient);
        if (clip_value_ > 0) {
            const simd::Pack<T> limit(static_cast<T>(clip_value_));
            simd::for_each_pack(
                gradient.size(), [&](auto& d) { d = simd::max(-limit, -simd::max(-limit, -d)); }, gradient.data());
        }
        if (clip_norm_ > 0) {
            std::copy(gradient.begin(), gradient.end(), gradient_.data() + part.offset);
            squares_[number] = static_cast<double>(simd::sum(
                gradient.size(), [](auto d) { return d * d; }, gradient.data()));
        } else {
            update(part, gradient);
        }
    }

    void move(std::size_t batch) {
        std::fill(squares_.begin(), squares_.end(), 0.0);
        team_.run(Parts::count, [&](std::size_t part, std::size_t member) { work_on_part(batch, part, member); });
        if (clip_norm_ > 0) move_by_clipped_norm();
    }

    /// The sum of squares is made part by part, and the parts' in their order, so that its bits don't hang on threads.
    void move_by_clipped_norm() {
        const double norm = std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0));
        if (!std::isfinite(norm)) {
            finite_ = false;
            return;
        }
        const simd::Pack<T> scale(static_cast<T>(norm > clip_norm_ ? clip_norm_ / norm : 1));
        team_.run(Parts::count, [&](std::size_t number, std::size_t) {
            const ParameterPart part = Parts::at(number);
            if (network_.training(part.layer).rate == 0) return;
            const std::span<T> gradient(gradient_.data() + part.offset, part.size);
            simd::for_each_pack(
                gradient.size(), [&](auto& d) { d = d * scale; }, gradient.data());
            update(part, gradient);
        });
    }

    Network& network_;
    Loss loss_;
    OptimizerType optimizer_;
    double learning_rate_;
    Options options_;
    double clip_value_;
    double clip_norm_;
    Team team_;
    Workspace<Layers> workspace_;
    State state_;
    Buffer<T> gradient_;           // of all parameters, where its norm is limited
    std::vector<double> squares_;  // sums over the parts of that
    std::vector<std::uint32_t> all_rows_;
    std::size_t rows_done_ = 0;  // of the last step
    std::atomic<bool> finite_ = true;
};

template <AnyNetwork Network, class Loss, Optimizer OptimizerType>
Trainer(Network&, Loss, OptimizerType) -> Trainer<Network, Loss, OptimizerType>;
template <AnyNetwork Network, class Loss, Optimizer OptimizerType>
Trainer(Network&, Loss, OptimizerType, TrainerOptions<Network::inputs>) -> Trainer<Network, Loss, OptimizerType>;

}  // namespace typenet
