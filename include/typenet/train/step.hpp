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
#include <typenet/core/random.hpp>
#include <typenet/evaluate/scoring.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/sparse.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/network/mlp.hpp>

/// One training step in two phases. The row phase carries rows of a batch all the way: forward, loss, and back to each
/// layer's d_y. The parameter phase sums, for a part of the parameters, the gradient over all rows and applies the
/// optimizer. Nothing is shared inside a phase and each sum has a fixed order, so that the result doesn't depend on
/// how rows and parameters are shared out.
namespace typenet {

/// Some rows of one layer's parameters.
struct ParameterPart {
    std::size_t layer = 0;
    std::size_t first = 0;   ///< of the layer's parameter rows
    std::size_t last = 0;    ///< one behind the last of them
    std::size_t offset = 0;  ///< of its first parameter in the block of all
    std::size_t size = 0;    ///< in parameters
};

/// The parameters in the parts that are worked on at once: `parameter_chunk` rows of a layer, or its last few.
template <class Layers>
struct ParameterParts {
    /// begins[I]: the number of layer I's first part; the last one is the number of all parts.
    static constexpr std::array<std::size_t, Layers::length + 1> begins = [] {
        std::array<std::size_t, Layers::length + 1> numbers{};
        Layers::for_each([&]<std::size_t I>() {
            using Layer = typename Layers::template Layer<I>;
            const std::size_t rows = detail::is_trained<Layer> ? Layer::parameter_rows : 0;
            numbers[I + 1] = numbers[I] + (rows + Layer::parameter_chunk - 1) / Layer::parameter_chunk;
        });
        return numbers;
    }();
    static constexpr std::size_t count = begins[Layers::length];

    /// Parameters in the largest part.
    static constexpr std::size_t largest = [] {
        std::size_t most = 0;
        Layers::for_each([&]<std::size_t I>() {
            using Layer = typename Layers::template Layer<I>;
            most = std::max(most, std::min(Layer::parameter_chunk, Layer::parameter_rows) * Layer::parameter_columns);
        });
        return most;
    }();

    /// The part with a number below `count`.
    static ParameterPart at(std::size_t number) {
        const auto next = std::upper_bound(begins.begin(), begins.end(), number);
        const auto layer = static_cast<std::size_t>(next - begins.begin()) - 1;
        ParameterPart part;
        Layers::for_each([&]<std::size_t I>() {
            if (I != layer) return;
            using Layer = typename Layers::template Layer<I>;
            const std::size_t first = (number - begins[I]) * Layer::parameter_chunk;
            const std::size_t last = std::min(Layer::parameter_rows, first + Layer::parameter_chunk);
            part = {I, first, last, Layers::offsets[I] + first * Layer::parameter_columns,
                    (last - first) * Layer::parameter_columns};
        });
        return part;
    }
};

/// All that a step needs beside the parameters, for batches of up to `batch_size` rows.
template <class Layers>
class Workspace {
public:
    using T = typename Layers::Scalar;
    template <std::size_t I>
    using Layer = typename Layers::template Layer<I>;

    /// `members` is the number of threads that a gradient's parts are shared out to.
    explicit Workspace(std::size_t batch_size, std::size_t members = 1)
        : batch_size_(batch_size),
          x_(batch_size * Layers::inputs),
          gradients_(members * ParameterParts<Layers>::largest),
          losses_(batch_size),
          hits_(batch_size),
          nonzeros_(Layers::skips_zeros ? batch_size : 0),
          words_(Layers::skips_zeros ? batch_size * bitmap_words(Layers::inputs) : 0) {
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

    template <std::size_t I>
    [[nodiscard]] Rows<const T, Layer<I>::inputs> input() {
        if constexpr (I > 0) {
            return y<I - 1>();
        } else {
            return x();
        }
    }
    /// Calls f with layer I's input, which for the first layer has the places of its zeros where `skip_zeros`.
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
    /// A thread's own memory for one part of the gradient.
    [[nodiscard]] std::span<T> gradient(std::size_t member) {
        constexpr std::size_t size = ParameterParts<Layers>::largest;
        return {gradients_.data() + member * size, size};
    }
    [[nodiscard]] std::span<T> losses() { return {losses_.data(), losses_.size()}; }
    /// 1 for each row that was classified right.
    [[nodiscard]] std::span<std::uint8_t> hits() { return hits_; }

    /// Where the first layer can leave out zeros: looks for them in rows first ... last - 1 of x.
    void find_zeros(std::size_t first, std::size_t last) {
        if constexpr (Layers::skips_zeros) {
            std::fill(nonzeros_.begin() + static_cast<std::ptrdiff_t>(first) + 1,
                      nonzeros_.begin() + static_cast<std::ptrdiff_t>(last), 0);
            nonzeros_[first] = find_nonzeros_if_few<T, Layers::inputs>(
                x().subrows(first, last - first), words_.data() + first * bitmap_words(Layers::inputs));
        }
    }
    /// Whether rows first ... last - 1 of x, in which zeros have been looked for, are mostly zeros.
    [[nodiscard]] bool skips_zeros_of(std::size_t first, std::size_t last) const {
        if constexpr (!Layers::skips_zeros) return false;
        std::size_t sum = 0;
        for (std::size_t r = first; r < last; ++r) sum += nonzeros_[r];
        return worth_skipping_zeros(sum, (last - first) * Layers::inputs);
    }

    /// What layers that are random in training draw from.
    Seed seed = {};
    std::uint64_t step = 0;

private:
    std::size_t batch_size_;
    Buffer<T> x_;
    std::array<Buffer<T>, Layers::length> y_, d_y_, saved_, prepared_;
    Buffer<T> gradients_;
    Buffer<T> losses_;
    std::vector<std::uint8_t> hits_;
    std::vector<std::size_t> nonzeros_;  // of x, the rows that were looked at together counted at the first of them
    std::vector<std::uint64_t> words_;   // which they are
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
    const T share = T(1) / static_cast<T>(batch);
    const auto part = [&](auto matrix) { return matrix.subrows(first, last - first); };
    workspace.find_zeros(first, last);
    const bool skip_zeros = workspace.skips_zeros_of(first, last);
    const auto input_of = [&]<std::size_t I>() { return part(workspace.template input<I>()); };
    Layers::for_each([&]<std::size_t I>() {
        const auto y = part(workspace.template y<I>());
        workspace.template with_input<I>(skip_zeros, [&](auto x) {
            using Layer = typename Layers::template Layer<I>;
            const DrawKey key{workspace.seed, workspace.step, I, first};
            detail::forward_in_training<Layer>(parameters + Layers::offsets[I], part(x), y,
                                               part(workspace.template saved<I>()), key);
        });
        Layers::template add_skipped<I>(input_of, y);
    });
    for (std::size_t r = first; r < last; ++r) {
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
        const Rows<const T, Layer::saved> saved = part(workspace.template saved<I>());
        Layer::backward_output(part(workspace.template y<I>()), saved, d_y);
        if constexpr (I > 0) {
            const auto d_x = part(workspace.template d_y<I - 1>());
            Layer::backward_input(parameters + Layers::offsets[I], workspace.template prepared<I>(), saved, d_y, d_x);
            Layers::for_each([&]<std::size_t J>() {
                if constexpr (Layers::starts_of_skips[J] == I && J >= I) {
                    const auto d_sum = part(workspace.template d_y<J>());
                    simd::for_each_pack(
                        d_x.size(), [](auto& d, const auto& skipped) { d = d + skipped; }, d_x.data,
                        std::as_const(d_sum.data));
                }
            });
        }
    });
}

/// The gradient of a part of the parameters, summed over the batch's rows, in the memory of thread `member`.
template <class Layers>
std::span<typename Layers::Scalar> parameter_phase(Workspace<Layers>& workspace, std::size_t batch,
                                                   const ParameterPart& part, std::size_t member) {
    const auto gradient = workspace.gradient(member).first(part.size);
    const bool skip_zeros = workspace.skips_zeros_of(0, batch);
    Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Layers::template Layer<I>;
        if constexpr (detail::is_trained<Layer>) {
            if (part.layer != I) return;
            workspace.template with_input<I>(skip_zeros, [&](auto x) {
                Layer::backward_parameters(x.subrows(0, batch), workspace.template saved<I>().subrows(0, batch),
                                           workspace.template d_y<I>().subrows(0, batch), part.first, part.last,
                                           gradient.data());
            });
        }
    });
    return gradient;
}

/// Calls apply(part, gradient) for all parts, one after the other.
template <class Layers, class Apply>
void parameter_phase(Workspace<Layers>& workspace, std::size_t batch, Apply apply) {
    for (std::size_t i = 0; i < ParameterParts<Layers>::count; ++i) {
        const ParameterPart part = ParameterParts<Layers>::at(i);
        apply(part, parameter_phase<Layers>(workspace, batch, part, 0));
    }
}

}  // namespace typenet
