#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <typenet/core/buffer.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/parallel.hpp>
#include <typenet/train/checks.hpp>
#include <typenet/train/step.hpp>

namespace typenet {

/// What one step saw, before it moved the parameters.
struct BatchResult {
    double loss = 0;       ///< sum over the batch's rows
    std::size_t hits = 0;  ///< rows classified right
};

/// Trains one network batch by batch. It refers to the network, which must outlive it, and owns the workspace and the
/// optimizer's state: after the constructor nothing allocates.
template <AnyNetwork Network, class Loss, Optimizer OptimizerType>
class Trainer {
public:
    using T = typename Network::Scalar;

    /// For batches of up to `batch_size` rows, shared out to `threads` threads, the caller's among them; 0 for as many
    /// as the machine has, where a batch is worth it. The number of threads changes no bit of the result. Throws
    /// OptionError for a batch size of 0, and what `loss` and `optimizer` find wrong in their options.
    Trainer(Network& network, Loss loss, OptimizerType optimizer, std::size_t batch_size, std::size_t threads = 1)
        : network_(network),
          loss_(std::move(loss)),
          optimizer_(std::move(optimizer)),
          team_(choose_threads(threads, Network::parameter_count * batch_size)),
          workspace_(checked(batch_size), team_.size()) {
        detail::validate_loss<Network::outputs>(loss_);
        optimizer_.validate();
        state_ = Buffer<T>(optimizer_.state_vectors() * Network::parameter_count);
    }

    /// One step on the given rows of `data`. `next_rows`, where they are known, are those of the next step: they are
    /// brought nearer on the way. Throws ShapeError unless there are at least one and at most batch_size rows.
    template <class Data>
    BatchResult step(const Data& data, std::span<const std::uint32_t> rows,
                     std::span<const std::uint32_t> next_rows = {}) {
        detail::check_training_types<Network, Loss, Data>();
        const std::size_t batch = rows.size();
        if (batch == 0 || batch > workspace_.batch_size()) {
            throw ShapeError("a step was given " + std::to_string(batch) + " rows; it takes 1 to " +
                             std::to_string(workspace_.batch_size()));
        }
        T* parameters = network_.parameters().data();
        prepare<Layers>(parameters, workspace_);
        const std::size_t chunk = rows_at_once(batch);
        team_.run((batch + chunk - 1) / chunk, [&](std::size_t i, std::size_t) {
            const std::size_t first = i * chunk;
            const std::size_t last = std::min(batch, first + chunk);
            data.inputs().gather(rows.subspan(first, last - first), workspace_.x()[first]);
            row_phase<Layers>(parameters, workspace_, batch, first, last, loss_, [&](std::size_t r) {
                if constexpr (requires { data.inputs().prefetch(std::size_t{}); }) {
                    if (r < next_rows.size()) data.inputs().prefetch(next_rows[r]);
                }
                return data.targets()[rows[r]];
            });
        });
        if constexpr (detail::state_numbers < OptimizerType >> 0) optimizer_.begin_step(std::span(numbers_));
        team_.run(ParameterParts<Layers>::count, [&](std::size_t part, std::size_t member) {
            parameter_part<Layers>(
                workspace_, batch, part, member, [&](std::size_t offset, std::span<const T> gradient) {
                    optimizer_.update(std::span<T>(parameters + offset, gradient.size()), gradient,
                                      OptimizerState<T>{state_.data(), Network::parameter_count, offset, numbers_});
                });
        });
        BatchResult result;
        for (std::size_t r = 0; r < batch; ++r) {
            result.loss += static_cast<double>(workspace_.losses()[r]);
            result.hits += workspace_.hits()[r];
        }
        return result;
    }

    /// From the next step on; finite and at least 0.
    void set_learning_rate(double rate) {
        OptimizerType changed = optimizer_;
        changed.learning_rate = rate;
        changed.validate();
        optimizer_ = changed;
    }

private:
    using Layers = TrainedLayers<Network, Loss>;

    static std::size_t checked(std::size_t batch_size) {
        if (batch_size == 0) throw OptionError("batch_size is 0; it must be at least 1");
        return batch_size;
    }

    /// Rows that one thread carries through the row phase at once: few enough that they stay in the cache on their way.
    [[nodiscard]] std::size_t rows_at_once(std::size_t batch) const noexcept {
        if constexpr (Layers::row_chunk != 0) return Layers::row_chunk;
        return std::min(detail::rows_at_once, (batch + team_.size() - 1) / team_.size());
    }

    Network& network_;
    Loss loss_;
    OptimizerType optimizer_;
    Team team_;
    Workspace<Layers> workspace_;
    Buffer<T> state_;
    std::array<double, detail::state_numbers<OptimizerType>> numbers_{};
};

}  // namespace typenet
