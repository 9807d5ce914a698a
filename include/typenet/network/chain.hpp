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
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/sparse.hpp>

namespace TYPENET {

/// The bound layers of a network in the order of data, and where the parameters of each lie in the network's block.
///
/// Prediction is `forward`: rows pass all layers, and nothing is kept. A layer's output goes to one of two scratch
/// buffers that alternate; with skip connections each layer has its own. Training goes through the layers itself
/// (train/step.hpp) and uses `offsets`, `for_each` and `add_skipped`.
template <BoundLayer... Layers>
struct Chain {
    static constexpr std::size_t length = sizeof...(Layers);
    template <std::size_t I>
    using Layer = std::tuple_element_t<I, std::tuple<Layers...>>;

    /// Not defined: its result says of which layers First consists.
    template <std::size_t... I>
    static std::type_identity<Chain<Layer<I>...>> first(std::index_sequence<I...>);
    /// The chain of the first `Count` layers.
    template <std::size_t Count>
    using First = typename decltype(first(std::make_index_sequence<Count>{}))::type;

    using Scalar = typename Layer<0>::Scalar;
    static constexpr std::size_t inputs = Layer<0>::inputs;
    static constexpr std::size_t outputs = Layer<length - 1>::outputs;
    static constexpr std::size_t widest = std::max({Layers::outputs...});
    static constexpr std::size_t parameter_count = ((Layers::parameter_rows * Layers::parameter_columns) + ...);

    /// offsets[I]: index of layer I's first parameter in the block.
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

    /// Calls f.operator()<I>() for each layer from the last to the first.
    template <class F>
    static constexpr void for_each_backward(F&& f) {
        for_each([&]<std::size_t I>() { f.template operator()<length - 1 - I>(); });
    }

    /// Writes the initial parameters of all layers. Each layer draws from its own random stream.
    static void initialize(Seed seed, Scalar* parameters) {
        for_each([&]<std::size_t I>() {
            Random random(seed, Purpose::parameters, I);
            Layer<I>::initialize(random, parameters + offsets[I]);
        });
    }

    /// Whether the first layer can skip zeros.
    static constexpr bool skips_zeros = Layer<0>::skips_zeros;

    /// starts_of_skips[I]: the layer whose input is added to the output of layer I; I + 1 if there is none.
    static constexpr std::array<std::size_t, length> starts_of_skips = [] {
        constexpr std::array skips{Layers::skip...};
        std::array<std::size_t, length> starts{};
        for (std::size_t i = 0; i < length; ++i) starts[i] = skips[i] > 0 ? i - skips[i] : i + 1;
        return starts;
    }();
    static constexpr bool has_skips = (... || (Layers::skip > 0));

    /// Scratch memory of `forward` for `rows` rows, in values of Scalar (scratch_size) and in words of the bitmap of
    /// nonzeros (scratch_words). A single row needs no bitmap: the first layer finds its zeros itself.
    static constexpr std::size_t scratch_size(std::size_t rows) {
        if (has_skips) return rows * output_begins[length - 1];
        return length == 1 ? 0 : 2 * rows * widest;
    }
    static constexpr std::size_t scratch_words(std::size_t rows) {
        return skips_zeros && rows > 1 ? rows * bitmap_words(inputs) : 0;
    }

    /// Writes the outputs y [rows, outputs] for x [rows, inputs]. Keeps nothing for a backward pass.
    static void forward(const Scalar* parameters, Rows<const Scalar, inputs> x, Rows<Scalar, outputs> y,
                        Scalar* scratch, std::uint64_t* words) {
        const auto forward_rows = [&](auto rows) {
            forward_each(rows, y, scratch, [&]<std::size_t I>(auto in, auto out) {
                Layer<I>::forward(parameters + offsets[I], in, out, {});
            });
        };
        if constexpr (skips_zeros) {
            if (x.count > 1 && worth_skipping_zeros(find_nonzeros_if_few(x, words), x.size())) {
                return forward_rows(MaskedRows<const Scalar, inputs>{x, words});
            }
        }
        forward_rows(x);
    }

    /// Passes x, Rows or MaskedRows, through the layers: forward_layer.operator()<I>(in, out) computes layer I.
    template <class X, class F>
    static void forward_each(X x, Rows<Scalar, outputs> y, Scalar* scratch, F forward_layer) {
        const auto output_of = [&]<std::size_t I>() {
            if constexpr (I + 1 == length) {
                return y;
            } else {
                const std::size_t begin = has_skips ? output_begins[I] : I % 2 * widest;
                return Rows<Scalar, Layer<I>::outputs>{scratch + y.count * begin, y.count};
            }
        };
        const auto input_of = [&]<std::size_t I>() {
            if constexpr (I == 0) {
                return x;
            } else {
                return Rows<const Scalar, Layer<I>::inputs>(output_of.template operator()<I - 1>());
            }
        };
        for_each([&]<std::size_t I>() {
            const auto out = output_of.template operator()<I>();
            forward_layer.template operator()<I>(input_of.template operator()<I>(), out);
            add_skipped<I>(input_of, out);
        });
    }

    /// Adds to y, the output of layer I, the input of the layer where I's skip starts. input_of.operator()<J>() returns
    /// the input of layer J.
    template <std::size_t I, class InputOf>
    static void add_skipped(InputOf input_of, Rows<Scalar, Layer<I>::outputs> y) {
        if constexpr (starts_of_skips[I] < I) {
            const Scalar* from = numbers_of(input_of.template operator()<starts_of_skips[I]>());
            simd::for_each_pack(
                y.size(), [](auto& sum, const auto& skipped) { sum = sum + skipped; }, y.data, from);
        }
    }

private:
    template <std::size_t Columns>
    static const Scalar* numbers_of(Rows<const Scalar, Columns> rows) {
        return rows.data;
    }
    template <std::size_t Columns>
    static const Scalar* numbers_of(MaskedRows<const Scalar, Columns> rows) {
        return rows.values.data;
    }

    /// output_begins[I]: the sum of the output widths of the layers before I.
    static constexpr std::array<std::size_t, length> output_begins = [] {
        constexpr std::array widths{Layers::outputs...};
        std::array<std::size_t, length> begins{};
        for (std::size_t i = 1; i < length; ++i) begins[i] = begins[i - 1] + widths[i - 1];
        return begins;
    }();
};

}  // namespace TYPENET
