#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include <typenet/core/buffer.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
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

    /// For batches of up to `batch_size` rows. Throws OptionError for a batch size of 0, and what `loss` and
    /// `optimizer` find wrong in their options.
    Trainer(Network& network, Loss loss, OptimizerType optimizer, std::size_t batch_size)
        : network_(network), loss_(std::move(loss)), optimizer_(std::move(optimizer)), workspace_(checked(batch_size)) {
        detail::validate_loss<Network::outputs>(loss_);
        optimizer_.validate();
        state_ = Buffer<T>(optimizer_.state_vectors() * Network::parameter_count);
    }

    /// One step on the given rows of `data`. Throws ShapeError unless there are at least one and at most batch_size.
    template <class Data>
    BatchResult step(const Data& data, std::span<const std::uint32_t> rows) {
        detail::check_training_types<Network, Loss, Data>();
        if (rows.empty() || rows.size() > workspace_.batch_size()) {
            throw ShapeError("a step was given " + std::to_string(rows.size()) + " rows; it takes 1 to " +
                             std::to_string(workspace_.batch_size()));
        }
        T* parameters = network_.parameters().data();
        data.inputs().gather(rows, workspace_.x().data);
        prepare<Layers>(parameters, workspace_);
        row_phase<Layers>(parameters, workspace_, rows.size(), 0, rows.size(), loss_,
                          [&](std::size_t r) { return data.targets()[rows[r]]; });
        parameter_phase<Layers>(workspace_, rows.size(), [&](std::size_t offset, std::span<const T> gradient) {
            optimizer_.update(std::span<T>(parameters + offset, gradient.size()), gradient,
                              OptimizerState<T>{state_.data(), Network::parameter_count, offset});
        });
        BatchResult result;
        for (std::size_t r = 0; r < rows.size(); ++r) {
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

    Network& network_;
    Loss loss_;
    OptimizerType optimizer_;
    Workspace<Layers> workspace_;
    Buffer<T> state_;
};

}  // namespace typenet
