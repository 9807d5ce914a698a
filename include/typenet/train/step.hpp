#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/row_weights.hpp>
#include <typenet/evaluate/scoring.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/sparse.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/network/mlp.hpp>

/// The two phases of a training step, without the threads that share them; Trainer::step calls both.
///
/// Row phase (`first_layer_phase`, then `row_phase`): carries rows of the batch through all layers to the loss, and
/// back to the gradient d_y of each layer's output. Rows don't affect each other.
/// Parameter phase (`parameter_phase`): sums the gradient of a slice of the parameters over all rows of the batch.
/// Slices don't affect each other.
///
/// Every sum has a fixed order. So the result has the same bits however rows and slices are distributed over threads.
/// A Workspace holds all memory that both phases need. Shapes: x [batch, inputs], y and d_y [batch, outputs] for each
/// layer. The gradient check of tests runs the same two phases.
namespace TYPENET {

/// A slice of the parameters: consecutive parameter rows of one layer.
struct ParameterSlice {
    std::size_t layer = 0;
    std::size_t first = 0;    ///< first parameter row, counted in the layer
    std::size_t last = 0;     ///< one past the last parameter row
    std::size_t offset = 0;   ///< index of the first parameter in the network's block
    std::size_t size = 0;     ///< parameters in the slice
    std::size_t weights = 0;  ///< how many of them, the first ones, are weights, which can be penalised
};

/// All parameters that are trained, cut into slices: `parameter_chunk` rows of a layer each, the last slice of a layer
/// may have fewer.
template <class Layers>
struct ParameterSlices {
    /// begins[I]: the index of layer I's first slice; the last element is the number of slices.
    static constexpr std::array<std::size_t, Layers::length + 1> begins = [] {
        std::array<std::size_t, Layers::length + 1> indices{};
        Layers::for_each([&]<std::size_t I>() {
            using Layer = typename Layers::template Layer<I>;
            const std::size_t rows = detail::is_trained<Layer> ? Layer::parameter_rows : 0;
            indices[I + 1] = indices[I] + (rows + Layer::parameter_chunk - 1) / Layer::parameter_chunk;
        });
        return indices;
    }();
    static constexpr std::size_t count = begins[Layers::length];

    /// Parameters in the largest slice.
    static constexpr std::size_t largest = [] {
        std::size_t most = 0;
        Layers::for_each([&]<std::size_t I>() {
            using Layer = typename Layers::template Layer<I>;
            most = std::max(most, std::min(Layer::parameter_chunk, Layer::parameter_rows) * Layer::parameter_columns);
        });
        return most;
    }();

    /// Returns slice `index`, which must be below `count`.
    static ParameterSlice at(std::size_t index) {
        const auto next = std::upper_bound(begins.begin(), begins.end(), index);
        const auto layer = static_cast<std::size_t>(next - begins.begin()) - 1;
        ParameterSlice slice;
        Layers::for_each([&]<std::size_t I>() {
            if (I != layer) return;
            using Layer = typename Layers::template Layer<I>;
            const std::size_t first = (index - begins[I]) * Layer::parameter_chunk;
            const std::size_t last = std::min(Layer::parameter_rows, first + Layer::parameter_chunk);
            const std::size_t before = first * Layer::parameter_columns;
            const std::size_t size = (last - first) * Layer::parameter_columns;
            const std::size_t weights = std::max(before, Layer::weight_count) - before;
            slice = {I, first, last, Layers::offsets[I] + before, size, std::min(size, weights)};
        });
        return slice;
    }
};

/// The memory of a training step, for batches of up to `batch_size` rows. Steps allocate nothing.
template <class Layers>
class Workspace {
public:
    using T = typename Layers::Scalar;
    template <std::size_t I>
    using Layer = typename Layers::template Layer<I>;

    /// `threads`: how many threads compute slices of the gradient at once.
    explicit Workspace(std::size_t batch_size, std::size_t threads = 1)
        : batch_size_(batch_size),
          x_(batch_size * Layers::inputs),
          gradients_(threads * ParameterSlices<Layers>::largest),
          losses_(batch_size),
          correct_(batch_size),
          nonzeros_(Layers::skips_zeros ? batch_size : 0),
          words_(Layers::skips_zeros ? batch_size * bitmap_words(Layers::inputs) : 0) {
        Layers::for_each([&]<std::size_t I>() {
            y_[I] = Buffer<T>(batch_size * Layer<I>::outputs);
            d_y_[I] = Buffer<T>(batch_size * Layer<I>::outputs);
            saved_[I] = Buffer<T>(batch_size * Layer<I>::saved);
            prepared_[I] = Buffer<T>(I == 0 ? 0 : Layer<I>::prepared);  // layer 0 computes no gradient of its inputs
        });
    }

    [[nodiscard]] std::size_t batch_size() const noexcept { return batch_size_; }

    /// The features of the batch. The caller writes them before the row phase.
    [[nodiscard]] Rows<T, Layers::inputs> x() { return {x_.data(), batch_size_}; }

    template <std::size_t I>
    [[nodiscard]] Rows<const T, Layer<I>::inputs> input() {
        if constexpr (I > 0) {
            return y<I - 1>();
        } else {
            return x();
        }
    }
    /// Calls f with layer I's input: for the first layer with its bitmap of nonzeros if `skip_zeros`.
    template <std::size_t I, class F>
    void with_input(bool skip_zeros, F f) {
        if constexpr (I == 0 && Layers::skips_zeros) {
            if (skip_zeros) return f(MaskedRows<const T, Layers::inputs>{input<I>(), words_.data()});
        }
        f(input<I>());
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
    /// Returns the memory of one thread for one slice of the gradient.
    [[nodiscard]] std::span<T> gradient(std::size_t thread) {
        constexpr std::size_t size = ParameterSlices<Layers>::largest;
        return {gradients_.data() + thread * size, size};
    }
    [[nodiscard]] std::span<T> losses() { return {losses_.data(), losses_.size()}; }
    /// 1 for each row that was classified correctly, else 0.
    [[nodiscard]] std::span<std::uint8_t> correct() { return correct_; }

    /// Finds the nonzeros in rows first ... last - 1 of x, if the first layer can skip zeros.
    void find_zeros(std::size_t first, std::size_t last) {
        if constexpr (Layers::skips_zeros) {
            std::fill(nonzeros_.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                      nonzeros_.begin() + static_cast<std::ptrdiff_t>(last), 0);
            nonzeros_[first] = find_nonzeros_if_few<T, Layers::inputs>(
                x().subrows(first, last - first), words_.data() + first * bitmap_words(Layers::inputs));
        }
    }
    /// Returns whether the products of rows first ... last - 1 of x are faster with their zeros skipped
    /// (worth_skipping_zeros). find_zeros must have been called for them.
    [[nodiscard]] bool skips_zeros_of(std::size_t first, std::size_t last) const {
        if constexpr (!Layers::skips_zeros) return false;
        std::size_t sum = 0;
        for (std::size_t r = first; r < last; ++r) sum += nonzeros_[r];
        return worth_skipping_zeros(sum, (last - first) * Layers::inputs);
    }

private:
    std::size_t batch_size_;
    Buffer<T> x_;
    std::array<Buffer<T>, Layers::length> y_, d_y_, saved_, prepared_;
    Buffer<T> gradients_;
    Buffer<T> losses_;
    std::vector<std::uint8_t> correct_;
    std::vector<std::size_t>
        nonzeros_;                      // [r]: nonzeros in the chunk of rows that starts at row r; 0 for its other rows
    std::vector<std::uint64_t> words_;  // the bitmaps of nonzeros, [batch_size, bitmap_words(inputs)]
};

namespace detail {

template <class Layer, class T, class X>
void forward_in_training(const T* parameters, X x, Rows<T, Layer::outputs> y, Rows<T, Layer::saved> saved,
                         const DrawKey& key) {
    if constexpr (requires { Layer::forward_in_training(parameters, x, y, saved, key); }) {
        Layer::forward_in_training(parameters, x, y, saved, key);
    } else {
        Layer::forward(parameters, x, y, saved);
    }
}

}  // namespace detail

/// Computes what the row phase derives from the parameters, such as transposed weights. Call it whenever they changed.
template <class Layers>
void prepare(const typename Layers::Scalar* parameters, Workspace<Layers>& workspace) {
    Layers::for_each([&]<std::size_t I>() {
        if constexpr (I > 0) {
            Layers::template Layer<I>::prepare(parameters + Layers::offsets[I], workspace.template prepared<I>());
        }
    });
}

/// Begins the row phase of rows first ... last - 1: finds the zeros of their features, and computes the outputs of the
/// first layer. `key` holds seed and step, from which layers that are random in training draw.
template <class Layers>
void first_layer_phase(const typename Layers::Scalar* parameters, Workspace<Layers>& workspace, std::size_t first,
                       std::size_t last, const DrawKey& key = {}) {
    const auto rows_of = [&](auto matrix) { return matrix.subrows(first, last - first); };
    workspace.find_zeros(first, last);
    workspace.template with_input<0>(workspace.skips_zeros_of(first, last), [&](auto x) {
        detail::forward_in_training<typename Layers::template Layer<0>>(
            parameters, rows_of(x), rows_of(workspace.template y<0>()), rows_of(workspace.template saved<0>()),
            DrawKey{key.seed, key.step, 0, first});
    });
}

/// Carries these rows, of a batch of `batch` rows, from the first layer's outputs forward to the loss and back to each
/// layer's d_y, the gradient of the batch's mean loss. `target(r)` returns the target of the batch's row r. Where there
/// are `weights`, row r counts by the scaled weight of row rows[r].
template <class Layers, class Loss, class TargetOf>
void row_phase(const typename Layers::Scalar* parameters, Workspace<Layers>& workspace, std::size_t batch,
               std::size_t first, std::size_t last, const Loss& loss, TargetOf target, const DrawKey& key = {},
               const RowWeights& weights = {}, std::span<const std::uint32_t> rows = {}) {
    using T = typename Layers::Scalar;
    constexpr std::size_t end = Layers::length - 1;
    const T scale = T(1) / static_cast<T>(batch);
    const auto rows_of = [&](auto matrix) { return matrix.subrows(first, last - first); };
    const auto input_of = [&]<std::size_t I>() { return rows_of(workspace.template input<I>()); };
    Layers::for_each([&]<std::size_t I>() {
        if constexpr (I > 0) {
            const auto y = rows_of(workspace.template y<I>());
            const DrawKey layer_key{key.seed, key.step, I, first};
            detail::forward_in_training<typename Layers::template Layer<I>>(
                parameters + Layers::offsets[I], input_of.template operator()<I>(), y,
                rows_of(workspace.template saved<I>()), layer_key);
            Layers::template add_skipped<I>(input_of, y);
        }
    });
    for (std::size_t r = first; r < last; ++r) {
        const std::span<const T, Layers::outputs> y(workspace.template y<end>()[r], Layers::outputs);
        const std::span<T, Layers::outputs> d_y(workspace.template d_y<end>()[r], Layers::outputs);
        const auto expected = target(r);
        workspace.losses()[r] = loss(y, expected, d_y);
        workspace.correct()[r] = detail::is_hit<Loss>(y, expected);
        for (T& d : d_y) d *= scale;
    }
    if (!weights.empty()) {
        for (std::size_t r = first; r < last; ++r) {
            const auto weight = static_cast<T>(weights.scaled(rows[r]));
            for (T& d : std::span<T, Layers::outputs>(workspace.template d_y<end>()[r], Layers::outputs)) d *= weight;
        }
    }
    Layers::for_each_backward([&]<std::size_t I>() {
        using Layer = typename Layers::template Layer<I>;
        const auto d_y = rows_of(workspace.template d_y<I>());
        const Rows<const T, Layer::saved> saved = rows_of(workspace.template saved<I>());
        Layer::backward_output(rows_of(workspace.template y<I>()), saved, d_y);
        if constexpr (I > 0) {
            const auto d_x = rows_of(workspace.template d_y<I - 1>());
            Layer::backward_input(parameters + Layers::offsets[I], workspace.template prepared<I>(), saved, d_y, d_x);
            Layers::for_each([&]<std::size_t J>() {
                if constexpr (Layers::starts_of_skips[J] == I && J >= I) {
                    const auto d_sum = rows_of(workspace.template d_y<J>());
                    simd::for_each_pack(
                        d_x.size(), [](auto& d, const auto& skipped) { d = d + skipped; }, d_x.data,
                        std::as_const(d_sum.data));
                }
            });
        }
    });
}

/// Sums the gradient of a slice of the parameters over the rows of a batch and returns it, in the memory of `thread`.
template <class Layers>
std::span<typename Layers::Scalar> parameter_phase(Workspace<Layers>& workspace, std::size_t batch,
                                                   const ParameterSlice& slice, std::size_t thread) {
    const auto gradient = workspace.gradient(thread).first(slice.size);
    const bool skip_zeros = workspace.skips_zeros_of(0, batch);
    Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Layers::template Layer<I>;
        if constexpr (detail::is_trained<Layer>) {
            if (slice.layer != I) return;
            workspace.template with_input<I>(skip_zeros, [&](auto x) {
                Layer::backward_parameters(x.subrows(0, batch), workspace.template saved<I>().subrows(0, batch),
                                           workspace.template d_y<I>().subrows(0, batch), slice.first, slice.last,
                                           gradient.data());
            });
        }
    });
    return gradient;
}

/// Calls apply(slice, gradient) for all slices, one after the other.
template <class Layers, class Apply>
void parameter_phase(Workspace<Layers>& workspace, std::size_t batch, Apply apply) {
    for (std::size_t i = 0; i < ParameterSlices<Layers>::count; ++i) {
        const ParameterSlice slice = ParameterSlices<Layers>::at(i);
        apply(slice, parameter_phase<Layers>(workspace, batch, slice, 0));
    }
}

}  // namespace TYPENET
