#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/platform/threads.hpp>
#include <typenet/train/layer_training.hpp>
#include <typenet/train/step.hpp>

/// The second half of a training step: the parameter phase and what becomes of its gradients. Trainer::step calls it.
///
/// For each slice of the parameters: its gradient, the gradient of the penalties, the limit of each component, the
/// optimizer. The thread that computed a slice of the gradient updates that slice at once, while it is in L1. With
/// `clip_norm` all slices are kept first, since the norm needs them all, and a second pass updates. Layers that are
/// frozen take no part.
namespace TYPENET {

namespace detail {

/// Returns a limit of the gradient, 0 for none. Throws OptionError unless it is finite and above 0.
inline double checked_limit(const char* option, const std::optional<double>& limit) {
    if (limit) require_positive("gradient clipping", option, *limit);
    return limit.value_or(0);
}

}  // namespace detail

/// Updates a network's parameters after the row phase of each step. It refers to the network and owns what the
/// optimizer keeps. `Layers` are those of the step: TrainedLayers<Network, Loss>.
template <AnyNetwork Network, class Layers, Optimizer OptimizerType>
class ParameterUpdate {
public:
    using T = typename Network::Scalar;

    /// Throws OptionError for a limit that isn't above 0, and for what `optimizer` or the network's LayerTraining have
    /// out of range.
    ParameterUpdate(Network& network, OptimizerType optimizer, const std::optional<double>& clip_value,
                    const std::optional<double>& clip_norm)
        : network_(network),
          optimizer_(std::move(optimizer)),
          learning_rate_(optimizer_.learning_rate),
          clip_value_(detail::checked_limit("clip_value", clip_value)),
          clip_norm_(detail::checked_limit("clip_norm", clip_norm)) {
        optimizer_.validate();
        detail::validate_training(network_);
        memory_.vectors = Buffer<T>(optimizer_.state_vectors() * Network::parameter_count);
        if (clip_norm_ > 0) {
            gradient_ = Buffer<T>(Network::parameter_count);
            squares_.resize(Slices::count);
        }
    }

    /// What the optimizer keeps from step to step.
    struct Memory {
        Buffer<T> vectors = {};  ///< its numbers for each parameter; must keep its size
        std::array<double, detail::state_numbers<OptimizerType>> numbers = {};  ///< and those for all together
    };
    [[nodiscard]] Memory& memory() noexcept { return memory_; }
    [[nodiscard]] const Memory& memory() const noexcept { return memory_; }

    [[nodiscard]] double learning_rate() const noexcept { return learning_rate_; }
    void set_learning_rate(double rate) noexcept { learning_rate_ = rate; }

    /// Updates the parameters by the gradient of a batch whose row phase is done, on the threads of `team`. Returns
    /// false, and changes neither the parameters nor the memory, when the norm that `clip_norm` needs is not finite.
    bool run(Team& team, Workspace<Layers>& workspace, std::size_t batch) {
        if (clip_norm_ == 0) {
            begin_updates();
            team.run(Slices::count, [&](std::size_t index, std::size_t thread) {
                update_slice(workspace, batch, Slices::at(index), thread);
            });
            return true;
        }
        team.run(Slices::count, [&](std::size_t index, std::size_t thread) {
            const ParameterSlice slice = Slices::at(index);
            squares_[index] = 0;
            if (is_frozen(slice)) return;
            const std::span<const T> gradient = limited_gradient(workspace, batch, slice, thread, parameters_of(slice));
            std::copy(gradient.begin(), gradient.end(), gradient_.data() + slice.offset);
            squares_[index] = sum_of_squares(gradient);
        });
        // The squares are added in the order of the slices, so that the norm's bits don't depend on the threads.
        const double norm = std::sqrt(std::accumulate(squares_.begin(), squares_.end(), 0.0));
        if (!detail::is_finite(norm)) return false;
        begin_updates();
        const simd::Pack<T> scale(static_cast<T>(norm > clip_norm_ ? clip_norm_ / norm : 1));
        team.run(Slices::count, [&](std::size_t index, std::size_t) {
            const ParameterSlice slice = Slices::at(index);
            if (is_frozen(slice)) return;
            const std::span<T> gradient(gradient_.data() + slice.offset, slice.size);
            const auto shorten = [&](auto& d) { d = d * scale; };
            simd::for_each_pack(gradient.size(), shorten, gradient.data());
            update(slice.layer, {parameters_of(slice), slice.size}, gradient, state_of(slice));
        });
        return true;
    }

    /// The same where the first layer is in ColumnBlocks: each thread updates a block, and its share of the other
    /// layers. Not for `clip_norm`, whose norm is summed by slices of whole rows.
    template <class Blocks>
    void run(Team& team, Workspace<Layers>& workspace, std::size_t batch, Blocks& blocks) {
        begin_updates();
        constexpr std::size_t first = Slices::begins[1];
        team.run(Blocks::count, [&](std::size_t block, std::size_t thread) {
            for (std::size_t i = first + block; i < Slices::count; i += Blocks::count) {
                update_slice(workspace, batch, Slices::at(i), thread);
            }
            if (network_.training(0).rate_factor == 0) return;
            blocks.update(block, [&](auto& part, const ParameterSlice& slice, T* w, OptimizerState<T> state) {
                state.numbers = memory_.numbers;
                update(0, {w, slice.size}, limited_gradient(part, batch, slice, 0, w), state);
            });
        });
    }
    /// Returns whether gradients are limited by their norm.
    [[nodiscard]] bool needs_norm() const noexcept { return clip_norm_ > 0; }

private:
    using Slices = ParameterSlices<Layers>;

    [[nodiscard]] bool is_frozen(const ParameterSlice& slice) const {
        return network_.training(slice.layer).rate_factor == 0;
    }

    [[nodiscard]] T* parameters_of(const ParameterSlice& slice) const {
        return network_.parameters().data() + slice.offset;
    }
    [[nodiscard]] OptimizerState<T> state_of(const ParameterSlice& slice) {
        return {memory_.vectors.data(), Network::parameter_count, slice.offset, memory_.numbers};
    }

    /// Computes the gradient of a slice and updates it, unless its layer is frozen.
    void update_slice(Workspace<Layers>& workspace, std::size_t batch, const ParameterSlice& slice,
                      std::size_t thread) {
        if (is_frozen(slice)) return;
        T* const w = parameters_of(slice);
        update(slice.layer, {w, slice.size}, limited_gradient(workspace, batch, slice, thread, w), state_of(slice));
    }

    /// Returns the gradient of a slice, whose parameters are at `w`, with its penalties, each component within
    /// +-clip_value.
    template <class Part>
    std::span<const T> limited_gradient(Workspace<Part>& workspace, std::size_t batch, const ParameterSlice& slice,
                                        std::size_t thread, const T* w) const {
        const std::span<T> gradient = parameter_phase<Part>(workspace, batch, slice, thread);
        detail::add_penalty_gradient(network_.training(slice.layer), std::span(w, slice.weights), gradient.data());
        if (clip_value_ > 0) {
            const simd::Pack<T> limit(static_cast<T>(clip_value_));
            const auto clip = [&](auto& d) { d = simd::max(-limit, -simd::max(-limit, -d)); };
            simd::for_each_pack(gradient.size(), clip, gradient.data());
        }
        return gradient;
    }

    /// Returns the sum of the squares of a slice's gradient: of float in double, if they overflow.
    [[nodiscard]] static double sum_of_squares(std::span<const T> gradient) {
        const auto square = [](auto d) { return d * d; };
        const auto sum = static_cast<double>(simd::sum(gradient.size(), square, gradient.data()));
        if (detail::is_finite(sum)) return sum;
        return std::accumulate(gradient.begin(), gradient.end(), 0.0,
                               [&](double so_far, T d) { return so_far + square(static_cast<double>(d)); });
    }

    /// Has the optimizer begin a step. Updates of the slices follow.
    void begin_updates() {
        if constexpr (detail::state_numbers<OptimizerType> != 0) optimizer_.begin_step(std::span(memory_.numbers));
    }

    /// Updates parameters of a layer by their gradient.
    void update(std::size_t layer, std::span<T> w, std::span<const T> gradient, const OptimizerState<T>& state) {
        optimizer_.update(w, gradient, state, learning_rate_ * network_.training(layer).rate_factor);
    }

    Network& network_;
    OptimizerType optimizer_;
    double learning_rate_;
    double clip_value_;  // 0 for none
    double clip_norm_;   // 0 for none
    Memory memory_;
    Buffer<T> gradient_;           // of all parameters; empty without clip_norm
    std::vector<double> squares_;  // of each slice of the gradient, summed; empty without clip_norm
};

}  // namespace TYPENET
