#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <typenet/core/buffer.hpp>
#include <typenet/core/chain.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/network.hpp>
#include <typenet/train/checks.hpp>

/// One training step in two phases. The row phase carries rows of a batch all the way: forward, loss, and back to each
/// layer's d_y. The parameter phase sums, for a part of the parameters, the gradient over all rows and applies the
/// optimizer. Nothing is shared inside a phase and each sum has a fixed order, so that the result doesn't depend on
/// how rows and parameters are shared out.
namespace typenet {

/// The layers that a loss trains: the network's, without the final activation where the loss takes that over.
template <class Network, class Loss>
using TrainedLayers =
    typename std::conditional_t<detail::fuses<Loss>, detail::WithoutFinalActivation<typename Network::Layers>,
                                std::type_identity<typename Network::Layers>>::type;

/// All that a step needs beside the parameters, for batches of up to `batch_size` rows.
template <class Layers>
class Workspace {
public:
    using T = typename Layers::Scalar;
    template <std::size_t I>
    using Layer = typename Layers::template Layer<I>;

    explicit Workspace(std::size_t batch_size)
        : batch_size_(batch_size),
          x_(batch_size * Layers::inputs),
          gradients_(Layers::parameter_count),
          losses_(batch_size),
          hits_(batch_size) {
        Layers::for_each([&]<std::size_t I>() {
            y_[I] = Buffer<T>(batch_size * Layer<I>::outputs);
            d_y_[I] = Buffer<T>(batch_size * Layer<I>::outputs);
            saved_[I] = Buffer<T>(batch_size * Layer<I>::saved);
            prepared_[I] = Buffer<T>(I == 0 ? 0 : Layer<I>::prepared);  // nobody asks for the gradient of the inputs
        });
    }

    [[nodiscard]] std::size_t batch_size() const noexcept { return batch_size_; }

    /// The batch's features: to be filled before the row phase.
    [[nodiscard]] Rows<T, Layers::inputs> x() { return {x_.data(), batch_size_}; }

    /// Layer I's input.
    template <std::size_t I>
    [[nodiscard]] Rows<T, Layer<I>::inputs> input() {
        if constexpr (I == 0) {
            return x();
        } else {
            return y<I - 1>();
        }
    }
    template <std::size_t I>
    [[nodiscard]] Rows<T, Layer<I>::outputs> y() {
        return {y_[I].data(), batch_size_};
    }
    template <std::size_t I>
    [[nodiscard]] Rows<T, Layer<I>::outputs> d_y() {
        return {d_y_[I].data(), batch_size_};
    }
    template <std::size_t I>
    [[nodiscard]] Rows<T, Layer<I>::saved> saved() {
        return {saved_[I].data(), batch_size_};
    }
    template <std::size_t I>
    [[nodiscard]] T* prepared() {
        return prepared_[I].data();
    }
    [[nodiscard]] std::span<T> gradients() { return {gradients_.data(), gradients_.size()}; }
    [[nodiscard]] std::span<T> losses() { return {losses_.data(), losses_.size()}; }
    /// 1 for each row that was classified right.
    [[nodiscard]] std::span<std::uint8_t> hits() { return hits_; }

private:
    std::size_t batch_size_;
    Buffer<T> x_;
    std::array<Buffer<T>, Layers::length> y_, d_y_, saved_, prepared_;
    Buffer<T> gradients_;
    Buffer<T> losses_;
    std::vector<std::uint8_t> hits_;
};

namespace detail {

/// Whether a row is classified right: its outputs decide for the target's class or, where they are independent yes-no
/// outputs, each of them decides as its target does. y is what the loss sees, so for a fused sigmoid its input.
template <class Loss, class T, std::size_t N, class Target>
bool is_hit(std::span<const T, N> y, const Target& target) {
    const auto decides = [&](std::size_t k) {
        if constexpr (fuses_elementwise<Loss>) {
            const T output = Loss::FusedActivation::forward(y[k]);
            return decide<T, 1>(&output);
        } else {
            return decide<T, 1>(&y[k]);
        }
    };
    if constexpr (std::integral<Target> && N == 1) {
        return decides(0) == target;
    } else if constexpr (!std::integral<Target> && fuses_elementwise<Loss>) {
        for (std::size_t k = 0; k < N; ++k) {
            if (decides(k) != decide<float, 1>(&target[k])) return false;
        }
        return true;
    } else if constexpr (std::integral<Target>) {
        return decide<T, N>(y.data()) == target;
    } else {
        return decide<T, N>(y.data()) == decide<float, N>(target.data());
    }
}

}  // namespace detail

/// Derives from the parameters what the row phase needs beside them; to be called whenever they have changed.
template <class Layers>
void prepare(const typename Layers::Scalar* parameters, Workspace<Layers>& workspace) {
    Layers::for_each([&]<std::size_t I>() {
        if constexpr (I > 0) {
            Layers::template Layer<I>::prepare(parameters + Layers::offsets[I], workspace.template prepared<I>());
        }
    });
}

/// Rows first ... last - 1 of a batch of `batch` rows: forward, loss, and backward to each layer's d_y, the gradient of
/// the batch's mean loss. `target(r)` gives the target of the batch's row r.
template <class Layers, class Loss, class TargetOf>
void row_phase(const typename Layers::Scalar* parameters, Workspace<Layers>& workspace, std::size_t batch,
               std::size_t first, std::size_t last, const Loss& loss, TargetOf target) {
    using T = typename Layers::Scalar;
    constexpr std::size_t end = Layers::length - 1;
    constexpr std::size_t chunk = 64;  // small enough that a chunk's activations stay in the cache on their way
    const T share = T(1) / static_cast<T>(batch);
    for (; first < last; first += chunk) {
        const std::size_t rows = std::min(chunk, last - first);
        const auto part = [&](auto matrix) { return matrix.part(first, rows); };
        Layers::for_each([&]<std::size_t I>() {
            Layers::template Layer<I>::forward(parameters + Layers::offsets[I], part(workspace.template input<I>()),
                                               part(workspace.template y<I>()), part(workspace.template saved<I>()));
        });
        for (std::size_t r = first; r < first + rows; ++r) {
            const std::span<const T, Layers::outputs> y(workspace.template y<end>()[r], Layers::outputs);
            const std::span<T, Layers::outputs> d_y(workspace.template d_y<end>()[r], Layers::outputs);
            const auto wanted = target(r);
            workspace.losses()[r] = loss(y, wanted, d_y);
            workspace.hits()[r] = detail::is_hit<Loss>(y, wanted);
            for (T& d : d_y) d *= share;
        }
        Layers::for_each_backward([&]<std::size_t I>() {
            using Layer = typename Layers::template Layer<I>;
            const auto d_y = part(workspace.template d_y<I>());
            Layer::backward_output(part(workspace.template y<I>()), part(workspace.template saved<I>()), d_y);
            if constexpr (I > 0) {
                Layer::backward_input(parameters + Layers::offsets[I], workspace.template prepared<I>(), d_y,
                                      part(workspace.template d_y<I - 1>()));
            }
        });
    }
}

/// For all parameters, piece by piece: sums the gradient over the batch's rows, then calls apply(offset, gradient) with
/// the piece's place in the parameter block, while it is still in the cache.
template <class Layers, class Apply>
void parameter_phase(Workspace<Layers>& workspace, std::size_t batch, Apply apply) {
    using T = typename Layers::Scalar;
    Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Layers::template Layer<I>;
        for (std::size_t row = 0; row < Layer::parameter_rows; row += Layer::parameter_chunk) {
            const std::size_t last = std::min(Layer::parameter_rows, row + Layer::parameter_chunk);
            const std::size_t offset = Layers::offsets[I] + row * Layer::parameter_columns;
            const auto gradient = workspace.gradients().subspan(offset, (last - row) * Layer::parameter_columns);
            Layer::backward_parameters(workspace.template input<I>().part(0, batch),
                                       workspace.template d_y<I>().part(0, batch), row, last, gradient.data());
            apply(offset, std::span<const T>(gradient));
        }
    });
}

}  // namespace typenet
