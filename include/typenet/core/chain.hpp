#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <typenet/core/concepts.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/sparse.hpp>
#include <typenet/core/tensor.hpp>

namespace typenet {

namespace detail {

template <class Layer>
inline constexpr bool layer_skips_zeros = [] {
    if constexpr (requires { Layer::skips_zeros; }) return Layer::skips_zeros;
    return false;
}();

template <class Layer>
inline constexpr std::size_t layer_row_chunk = [] {
    if constexpr (requires { Layer::row_chunk; }) return Layer::row_chunk;
    return std::size_t{0};
}();

}  // namespace detail

/// Bound layers in the order of data, and where each one's parameters lie in the network's block.
template <BoundLayer... Layers>
struct Chain {
    static constexpr std::size_t length = sizeof...(Layers);
    template <std::size_t I>
    using Layer = std::tuple_element_t<I, std::tuple<Layers...>>;

    using Scalar = typename Layer<0>::Scalar;
    static constexpr std::size_t inputs = Layer<0>::inputs;
    static constexpr std::size_t outputs = Layer<length - 1>::outputs;
    static constexpr std::size_t widest = std::max({Layers::outputs...});
    static constexpr std::size_t parameter_count = ((Layers::parameter_rows * Layers::parameter_columns) + ...);

    /// offsets[i]: where layer i's parameters begin.
    static constexpr std::array<std::size_t, length> offsets = [] {
        constexpr std::array counts{Layers::parameter_rows * Layers::parameter_columns...};
        std::array<std::size_t, length> starts{};
        for (std::size_t i = 1; i < length; ++i) starts[i] = starts[i - 1] + counts[i - 1];
        return starts;
    }();

    /// Calls f.operator()<I>() for each layer in order.
    template <class F>
    static constexpr void for_each(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) { (f.template operator()<I>(), ...); }
        (std::make_index_sequence<length>{});
    }

    /// As for_each, from the last layer to the first.
    template <class F>
    static constexpr void for_each_backward(F&& f) {
        for_each([&]<std::size_t I>() { f.template operator()<length - 1 - I>(); });
    }

    /// Layer by layer, from random streams of their own.
    static void initialize(Seed seed, Scalar* parameters) {
        for_each([&]<std::size_t I>() {
            Random random(seed, Purpose::parameters, I);
            Layer<I>::initialize(random, parameters + offsets[I]);
        });
    }

    /// How many rows must go together for the same bits whatever the number of threads; 0 where any may.
    static constexpr std::size_t row_chunk = std::max({detail::layer_row_chunk<Layers>...});

    /// Whether the first layer can leave out zeros.
    static constexpr bool skips_zeros = detail::layer_skips_zeros<Layer<0>>;

    /// How much scratch memory `forward` needs for `rows` rows: numbers, and words for the places of zeros, for which a
    /// layer looks itself in a single row.
    static constexpr std::size_t scratch_size(std::size_t rows) { return length == 1 ? 0 : 2 * rows * widest; }
    static constexpr std::size_t scratch_words(std::size_t rows) {
        return skips_zeros && rows > 1 ? rows * words_of(inputs) : 0;
    }

    /// y = the chain's output for x, keeping nothing for a way back.
    static void forward(const Scalar* parameters, Rows<const Scalar, inputs> x, Rows<Scalar, outputs> y,
                        Scalar* scratch, std::uint64_t* words) {
        Scalar* const spare = length == 1 ? scratch : scratch + x.count * widest;
        if constexpr (skips_zeros) {
            if (x.count > 1 && mostly_zeros(find_nonzeros_if_few(x, words), x.size())) {
                forward_from<0>(parameters, SparseRows<const Scalar, inputs>{x, words}, y, scratch, spare);
                return;
            }
        }
        forward_from<0>(parameters, x, y, scratch, spare);
    }

private:
    template <std::size_t I, class X>
    static void forward_from(const Scalar* parameters, X x, Rows<Scalar, outputs> y, Scalar* next, Scalar* spare) {
        if constexpr (I + 1 == length) {
            Layer<I>::forward(parameters + offsets[I], x, y, {});
        } else {
            const Rows<Scalar, Layer<I>::outputs> between{next, y.count};
            Layer<I>::forward(parameters + offsets[I], x, between, {});
            forward_from<I + 1>(parameters, Rows<const Scalar, Layer<I>::outputs>(between), y, spare, next);
        }
    }
};

}  // namespace typenet
