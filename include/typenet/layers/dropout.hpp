#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <span>
#include <string>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/loops.hpp>

namespace TYPENET {

/// A bound Dropout layer: y = x m in training, with each value of m [rows, N] either 0 or 1 / (1 - rate); y = x in
/// prediction.
template <Real T, std::size_t N, class Rate>
struct DropoutLayer : LayerBase<T, N> {
    static constexpr std::size_t saved = N;  ///< the mask m
    static constexpr std::array operations{LayerOperation{OperationKind::identity}};

    static std::string describe() {
        return "Dropout<" + std::to_string(Rate::num) + "/" + std::to_string(Rate::den) + ">";
    }

    static void forward(const T*, Rows<const T, N> x, Rows<T, N> y, Rows<T, N>) {
        std::copy_n(x.data, x.size(), y.data);
    }

    static void forward_in_training(const T*, Rows<const T, N> x, Rows<T, N> y, Rows<T, N> m, const DrawKey& key) {
        constexpr double rate = static_cast<double>(Rate::num) / static_cast<double>(Rate::den);
        constexpr auto dropped_words = static_cast<std::uint32_t>(rate * 0x1p32);
        constexpr T kept = static_cast<T>(1 / (1 - rate));
        constexpr std::size_t at_once = 256;
        constexpr std::size_t blocks_a_row = (N + 3) / 4;
        const std::uint64_t stream = std::uint64_t{key.layer} << 40 | key.step;
        std::array<std::uint32_t, at_once> words;
        for (std::size_t r = 0; r < x.count; ++r) {
            const std::uint64_t position = (key.first_row + r) * blocks_a_row;
            for (std::size_t first = 0; first < N; first += at_once) {
                const std::size_t count = std::min(at_once, N - first);
                random_words(key.seed, Purpose::dropout, stream, position + first / 4, std::span(words).first(count));
                for (std::size_t k = 0; k < count; ++k) m[r][first + k] = words[k] < dropped_words ? T(0) : kept;
            }
        }
        simd::transform(
            x.size(), y.data, [](auto a, auto b) { return a * b; }, x.data, m.data);
    }

    /// Computes d_x = d_y m, in place of d_y.
    static void backward_output(Rows<const T, N>, Rows<const T, N> m, Rows<T, N> d_y) {
        simd::transform(
            d_y.size(), d_y.data, [](auto a, auto b) { return a * b; }, d_y.data, m.data);
    }
    static void backward_input(const T*, const T*, Rows<const T, N>, Rows<const T, N> d_y, Rows<T, N> d_x) {
        std::copy_n(d_y.data, d_y.size(), d_x.data);
    }
};

/// Sets each value to 0 with the probability `Rate`, a std::ratio, in training, and scales the others up so that the
/// expectation stays the same. Does nothing in prediction.
///
/// ```cpp
/// using Net = Mlp<float, Input<4>, Dense<64, ReLU>, Dropout<std::ratio<1, 5>>, Dense<3, Softmax>>;
/// ```
///
/// The mask depends on seed, step, layer, row of the batch and place in the row alone.
/// Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural networks
/// from overfitting", JMLR 15 (2014), in the form that scales while training (section 10).
template <class Rate>
struct Dropout {
    static_assert(std::ratio_greater_equal_v<Rate, std::ratio<0>> && std::ratio_less_v<Rate, std::ratio<1>>,
                  "Dropout: the rate must be at least 0 and below 1, such as std::ratio<1, 5>");

    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }

    template <class T, std::size_t Inputs>
    using Bind = DropoutLayer<T, Inputs, typename Rate::type>;
};

}  // namespace TYPENET
