#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/core/stopwatch.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/evaluate/scoring.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/platform/threads.hpp>
#include <typenet/train/column_blocks.hpp>
#include <typenet/train/divergence.hpp>
#include <typenet/train/options.hpp>
#include <typenet/train/pace.hpp>
#include <typenet/train/parameter_update.hpp>
#include <typenet/train/step.hpp>
#include <typenet/train/tally.hpp>

/// Training batch by batch: `Trainer`. `fit` runs one over whole epochs; a loop of your own calls `step` or
/// `partial_fit`.
///
/// `step` gathers the rows of a batch and runs the two phases of train/step.hpp on the threads of a Team: first
/// `row_phase` for chunks of rows, then, in a ParameterUpdate, `parameter_phase` for slices of the parameters. In whole
/// epochs, a Pace chooses between this division, a single thread, and the ColumnBlocks of two.
namespace TYPENET {

namespace detail {

/// Stands for the ColumnBlocks of a network that can have none.
struct NoBlocks {};

}  // namespace detail

/// Trains one network, batch by batch:
///
/// ```cpp
/// Trainer trainer(net, CrossEntropy{}, Adam{}, {.batch_size = 16});
/// for (int epoch = 0; epoch < 5; ++epoch) std::cout << trainer.partial_fit(train).loss() << '\n';
/// ```
///
/// It refers to the network, which must outlive it, and owns the memory of a step and the optimizer's state. The
/// constructor allocates, steps don't. One thread may use a Trainer at a time.
template <AnyNetwork Network, class Loss, Optimizer OptimizerType>
class Trainer {
public:
    using T = typename Network::Scalar;
    /// The options, for this network's inputs.
    using Options = TrainerOptions<Network::inputs>;

    /// Throws OptionError for a batch size of 0, a limit that isn't above 0, and where an option of the loss, the
    /// optimizer or the network's LayerTraining is out of range.
    Trainer(Network& network, Loss loss, OptimizerType optimizer, Options options = {})
        : network_(network),
          loss_(std::move(loss)),
          options_(std::move(options)),
          update_(network, std::move(optimizer), options_.clip_value, options_.clip_norm),
          // A step costs about three forward passes.
          team_(choose_threads(options_.threads, 3 * Network::parameter_count * options_.batch_size)),
          workspace_(checked(options_.batch_size), team_.size()),
          all_rows_(options_.batch_size) {
        pace_.allow(Division::rows, team_.size() > 1);
        if constexpr (can_have_blocks) {
            if (team_.size() == Blocks::count && !options_.augmentation && !update_.needs_norm()) {
                blocks_.emplace(options_.batch_size, optimizer_memory().vectors.size() / Network::parameter_count);
            }
        }
        detail::validate_loss<Network::outputs>(loss_);
        std::iota(all_rows_.begin(), all_rows_.end(), 0U);
    }

    /// What a trainer counts from step to step. A checkpoint stores it, with `optimizer_memory`.
    struct State {
        std::uint64_t steps = 0;   ///< steps done
        std::uint64_t epochs = 0;  ///< passes over the data that are finished
        Tally unfinished = {};     ///< sums of the epoch under way, if it was stopped: run_epoch goes on from there
    };
    /// Returns the step, and what else a checkpoint stores.
    [[nodiscard]] State& state() noexcept { return state_; }
    /// Returns the step, and what else a checkpoint stores.
    [[nodiscard]] const State& state() const noexcept { return state_; }

    /// What the optimizer keeps from step to step.
    [[nodiscard]] auto& optimizer_memory() noexcept { return update_.memory(); }
    /// Returns what the optimizer keeps for each parameter.
    [[nodiscard]] const auto& optimizer_memory() const noexcept { return update_.memory(); }

    /// Returns how many rows a step takes.
    [[nodiscard]] std::size_t batch_size() const noexcept { return options_.batch_size; }

    /// Trains on the given rows of `data` once. Weights of rows are scaled to a mean of 1 over all rows of `data`.
    /// `next_rows`: the rows of the next step, if they are known; their features are prefetched during this step.
    /// Leaves the parameters as they are if the loss or the gradient of a layer's output is not finite; Tally::finite
    /// then says so. (A gradient of weights that overflows shows in the next step, unless `clip_norm` looks at it.)
    /// Throws ShapeError unless there are 1 to batch_size rows, all of them in `data`, and DataError for a target that
    /// doesn't fit the network and the loss, and for data that have weights, but not one for each row; nothing has
    /// changed then.
    template <TrainingData Data>
    Tally step(const Data& data, std::span<const std::uint32_t> rows, std::span<const std::uint32_t> next_rows = {}) {
        return do_step(data, rows, next_rows);
    }

    /// Trains on all rows of `batch` once.
    template <TrainingData Data>
    Tally step(const Data& batch) {
        // A batch that is too large is refused before the rows past all_rows_ are read.
        return step(batch, std::span<const std::uint32_t>(all_rows_.data(), batch.size()));
    }

    /// Trains on each row of `data` once, in batches and in a new order: for data that comes in pieces. Throws
    /// DataError for a target or feature that doesn't fit, and DivergenceError when a loss, a gradient or a parameter
    /// is not finite; the network then has its parameters from before the call. The optimizer's memory stays as it is.
    /// Throws OptionError where the network's LayerTraining is out of range.
    template <TrainingData Data>
    Tally partial_fit(const Data& data) {
        detail::check_targets<Network, Loss>(data, "the training data");
        return run_epoch(
            data, true, false, [] {}, [](const Tally&) { return true; });
    }

    /// Does what partial_fit does, but expects targets that have been checked. Calls before_step() before each step,
    /// and after_step(tally) after it with the sums of the epoch so far. Where it returns false before the last step,
    /// the epoch stays unfinished: the next call does its other steps. `shuffled`: whether the order is a new one.
    /// `watched`: whether after_step looks at the network; it may otherwise have the parameters from before the epoch.
    template <TrainingData Data, class BeforeStep, class AfterStep>
    Tally run_epoch(const Data& data, bool shuffled, bool watched, BeforeStep before_step, AfterStep after_step) {
        detail::validate_training(network_);
        if (rows_in_epoch_ > 0) end_epoch();  // of steps made one by one
        before_epoch_.assign(network_.parameters().begin(), network_.parameters().end());
        order_.resize(data.size());
        detail::order_rows(order_, shuffled, options_.seed, state_.epochs + 1);
        const std::span<const std::uint32_t> order = order_;
        pace_.allow(Division::columns, blocks_.has_value() && !watched);
        // Also where a step or a callback throws, the network gets all its parameters back.
        const auto finish = [](Trainer* trainer) noexcept {
            try {
                trainer->divide_by(Division::rows);
            } catch (const Error&) {  // the network was moved from: nothing is to be given back
            }
        };
        const std::unique_ptr<Trainer, decltype(finish)> guard(this, finish);
        const detail::Stopwatch watch;
        double begin = 0;
        Tally total = std::exchange(state_.unfinished, {});
        for (std::size_t first = total.rows; first < order.size(); first += batch_size()) {
            divide_by(pace_.current());
            const auto rows = order.subspan(first, std::min(batch_size(), order.size() - first));
            const auto rest = order.subspan(first + rows.size());
            before_step();
            const Tally batch = do_step(data, rows, rest.first(std::min(batch_size(), rest.size())));
            if (!batch.finite) fail(data, first / batch_size());
            if (batch.weight > 0) last_loss_ = batch.loss();
            total.add(batch);
            if (!after_step(std::as_const(total)) && total.rows < order.size()) {
                state_.unfinished = total;
                rows_in_epoch_ = 0;
                return total;
            }
            if (!pace_.has_choice()) continue;
            const double end = watch.seconds();
            pace_.add(rows.size(), end - std::exchange(begin, end));
        }
        divide_by(Division::rows);
        // The last step's damage would otherwise show only in the next epoch.
        if (!simd::all_finite(std::as_const(network_).parameters().data(), Network::parameter_count)) {
            fail(data, (order.size() - 1) / batch_size());
        }
        end_epoch();
        return total;
    }

    /// Returns the learning rate of the next step.
    [[nodiscard]] double learning_rate() const noexcept { return update_.learning_rate(); }
    /// Sets the learning rate of the steps to come. Throws OptionError unless it is finite and at least 0.
    void set_learning_rate(double rate) {
        detail::require_not_negative("Trainer", "learning_rate", rate);
        update_.set_learning_rate(rate);
    }

private:
    using Layers = TrainedLayers<Network, Loss>;
    static constexpr bool can_have_blocks = detail::has_column_blocks<Layers>;
    using Blocks = std::conditional_t<can_have_blocks, ColumnBlocks<Layers>, detail::NoBlocks>;

    /// Has the next steps divided among the threads in another way. Where the first layer's blocks are no longer used,
    /// the network gets their parameters back.
    void divide_by(Division division) {
        team_.set_alone(division == Division::alone);
        if constexpr (can_have_blocks) {
            const bool in_blocks = division == Division::columns;
            if (in_blocks == in_blocks_) return;
            in_blocks_ = in_blocks;
            T* const parameters = network_.parameters().data();
            T* const vectors = optimizer_memory().vectors.data();
            if (in_blocks) blocks_->load(parameters, vectors, Network::parameter_count);
            if (!in_blocks) blocks_->store(parameters, vectors, Network::parameter_count);
        }
    }

    /// Does what `step` does, divided as divide_by was told.
    template <TrainingData Data>
    Tally do_step(const Data& data, std::span<const std::uint32_t> rows, std::span<const std::uint32_t> next_rows) {
        detail::check_training_types<Network, Loss, Data>();
        check_rows(data, rows);
        const std::size_t batch = rows.size();
        const RowWeights& weights = detail::weights_of(data, "a step's data");
        if (rows_in_epoch_ >= data.size()) end_epoch();
        const T* parameters = network_.parameters().data();
        prepare<Layers>(parameters, workspace_);
        const DrawKey key{.seed = options_.seed, .step = state_.steps};
        const auto& loss = detail::loss_on_targets(network_, loss_);
        const auto gather_rows = [&](std::size_t first, std::size_t last, T* x) {
            gather(data, rows.subspan(first, last - first), x);
            constexpr bool looks = detail::loses_nan && !Network::template Layer<0>::takes_missing;
            if (looks && !simd::all_finite(x, (last - first) * Network::inputs)) {
                finite_.store(false, std::memory_order_relaxed);
            }
        };
        // Prefetches rows of the next step: a thread that works in blocks needs all of them, otherwise its own.
        const auto target = [&](std::size_t r) {
            if constexpr (requires { data.prefetch(std::size_t{}); }) {
                const auto ask = [&](std::size_t next) {
                    if (next < next_rows.size() && next_rows[next] < data.size()) data.prefetch(next_rows[next]);
                };
                if (in_blocks_) {
                    ask(2 * r % batch);
                    ask((2 * r + 1) % batch);
                } else {
                    ask(r);
                }
            }
            return data.target(rows[r]);
        };
        const std::size_t chunk = chunk_rows(batch);
        const auto for_each_chunk = [&](auto task) {
            team_.run((batch + chunk - 1) / chunk, [&](std::size_t i, std::size_t) {
                const std::size_t first = i * chunk;
                const std::size_t last = std::min(batch, first + chunk);
                task(first, last);
                if (!is_finite(first, last)) finite_.store(false, std::memory_order_relaxed);
            });
        };
        finite_ = true;
        if constexpr (can_have_blocks) {
            if (in_blocks_) {
                team_.run(Blocks::count, [&](std::size_t b, std::size_t) { blocks_->forward(b, batch, gather_rows); });
                for_each_chunk([&](std::size_t first, std::size_t last) {
                    blocks_->send(first, last, workspace_);
                    row_phase<Layers>(parameters, workspace_, batch, first, last, loss, target, key, weights, rows);
                    blocks_->receive(first, last, workspace_);
                });
                if (finite_) update_.run(team_, workspace_, batch, *blocks_);
            }
        }
        if (!in_blocks_) {
            for_each_chunk([&](std::size_t first, std::size_t last) {
                gather_rows(first, last, workspace_.x()[first]);
                first_layer_phase<Layers>(parameters, workspace_, first, last, key);
                row_phase<Layers>(parameters, workspace_, batch, first, last, loss, target, key, weights, rows);
            });
            if (finite_ && !update_.run(team_, workspace_, batch)) finite_ = false;
        }
        ++state_.steps;
        rows_in_epoch_ += batch;
        return tally_of(rows, weights);
    }

    /// Throws unless a step can be given these rows of `data`.
    template <TrainingData Data>
    void check_rows(const Data& data, std::span<const std::uint32_t> rows) const {
        if (rows.empty() || rows.size() > batch_size()) {
            throw ShapeError(detail::join({"a step was given ", rows.size(), " rows; it takes 1 to ", batch_size()}));
        }
        for (const std::uint32_t row : rows) {
            if (row >= data.size()) {
                throw ShapeError(detail::join({"a step was given row ", row, " of data with ", data.size(), " rows"}));
            }
            detail::check_target<Network, Loss>(data, row, "a step's data");
        }
    }

    /// Sums what the step with these rows came to, in their order.
    [[nodiscard]] Tally tally_of(std::span<const std::uint32_t> rows, const RowWeights& weights) {
        Tally tally{.rows = rows.size(), .finite = finite_};
        const auto sum_rows = [&](auto weight_of) {
            for (std::size_t r = 0; r < rows.size(); ++r) {
                const double weight = weight_of(r);
                tally.loss_sum += weight * static_cast<double>(workspace_.losses()[r]);
                tally.correct += weight * workspace_.correct()[r];
                tally.weight += weight;
            }
        };
        if (weights.empty()) {
            sum_rows([](std::size_t) { return 1.0; });
        } else {
            sum_rows([&](std::size_t r) { return static_cast<double>(weights[rows[r]]); });
        }
        return tally;
    }

    static std::size_t checked(std::size_t batch_size) {
        constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();  // rows are counted in 32 bits
        detail::require_option(batch_size >= 1 && batch_size <= most, "", "batch_size", static_cast<double>(batch_size),
                               "it must be from 1 to 4294967295");
        return batch_size;
    }

    /// Ends a pass over the data, also one made by calls of `step`. In the next pass augmentation draws new numbers.
    void end_epoch() noexcept {
        ++state_.epochs;
        rows_in_epoch_ = 0;
    }

    /// Puts back the parameters from before run_epoch and throws, for the epoch's batch with index `batch`: numbers of
    /// its step are not finite, or parameters after it.
    template <TrainingData Data>
    [[noreturn]] void fail(const Data& data, std::size_t batch) {
        divide_by(Division::rows);  // the network gets its parameters back from blocks
        std::swap_ranges(before_epoch_.begin(), before_epoch_.end(), network_.parameters().begin());
        rows_in_epoch_ = 0;
        // The network is as it was before the epoch, whatever is thrown from here on. before_epoch_ is as it was after.
        const auto all = std::span<const std::uint32_t>(order_).subspan(batch * batch_size());
        const auto rows = all.first(std::min(batch_size(), all.size()));
        gather(data, rows, workspace_.x().data);  // blocks have features of their own
        const std::string what =
            detail::describe_divergence<Network, Loss>(before_epoch_, workspace_, finite_ ? 0 : rows.size());
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const std::span<const T> x(workspace_.x()[r], Network::inputs);
            detail::check_features(x, rows[r], Network::template Layer<0>::takes_missing);
        }
        const std::string last = last_loss_ ? "; the last finite loss was " + detail::number_text(*last_loss_) : "";
        throw DivergenceError(
            detail::join({"training diverged in epoch ", state_.epochs + 1, ", batch ", batch + 1, ": ", what, last,
                          ". ", detail::divergence_advice(workspace_, rows.size())}));
    }

    /// Returns how many rows one thread carries through the row phase together: few enough to stay in the cache.
    [[nodiscard]] std::size_t chunk_rows(std::size_t batch) const noexcept {
        return std::min(detail::rows_at_once, (batch + team_.active() - 1) / team_.active());
    }

    /// Writes the features of the rows to `out`, changed by the augmentation if there is one. Its random numbers depend
    /// on seed, epoch and row.
    template <TrainingData Data>
    void gather(const Data& data, std::span<const std::uint32_t> rows, T* out) const {
        constexpr std::size_t inputs = Network::inputs;
        if (!options_.augmentation) return data.gather(rows, out);
        constexpr bool in_place = std::same_as<T, float>;  // augmentations change floats
        Scratch<float, in_place ? 0 : inputs> copy;
        for (const std::uint32_t& row : rows) {
            float* features = copy.data();
            if constexpr (in_place) features = out;
            data.gather(std::span(&row, 1), features);
            Random random(options_.seed, Purpose::augmentation, state_.epochs, std::uint64_t{row} << 24);
            options_.augmentation(std::span<float, inputs>(features, inputs), random);
            out = in_place ? out + inputs : std::copy_n(features, inputs, out);
        }
    }

    /// Returns whether the losses of rows first ... last - 1 and the gradients of all layers' outputs are finite.
    [[nodiscard]] bool is_finite(std::size_t first, std::size_t last) {
        bool finite = simd::all_finite(workspace_.losses().data() + first, last - first);
        Layers::for_each([&]<std::size_t I>() {
            const auto d_y = workspace_.template d_y<I>().subrows(first, last - first);
            finite = finite && simd::all_finite(d_y.data, d_y.size());
        });
        return finite;
    }

    Network& network_;
    Loss loss_;
    Options options_;
    ParameterUpdate<Network, Layers, OptimizerType> update_;
    Team team_;
    Workspace<Layers> workspace_;
    Pace pace_;
    std::optional<Blocks> blocks_;  // of the first layer, where threads can own them
    bool in_blocks_ = false;        // whether they hold the first layer's parameters now
    State state_;
    std::vector<std::uint32_t> all_rows_;   // 0, 1, ... batch_size - 1
    std::vector<std::uint32_t> order_;      // of the rows in an epoch
    std::vector<T> before_epoch_;           // the parameters before the epoch under way
    std::size_t rows_in_epoch_ = 0;         // rows trained on since the last epoch ended
    std::optional<double> last_loss_ = {};  // mean loss of the last batch whose loss was finite
    std::atomic<bool> finite_ = true;       // whether the step's numbers are finite so far
};

/// The types follow from the arguments.
template <AnyNetwork Network, class Loss, Optimizer OptimizerType>
Trainer(  // the options in braces have the names and the order that TrainerOptions has in train/options.hpp
    Network&, Loss, OptimizerType, TrainerOptions<Network::inputs> = {}) -> Trainer<Network, Loss, OptimizerType>;

}  // namespace TYPENET
