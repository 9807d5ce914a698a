#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <typenet/core/concepts.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/network/layer_list.hpp>

namespace typenet {

/// The end of a block of layers that is skipped: y = x + the input of the block's first layer, which the chain adds.
template <Real T, std::size_t N, std::size_t Length>
struct SkipSumLayer : LayerBase<T, N> {
    static constexpr std::size_t skip = Length;
    static constexpr std::array operations{LayerOperation{OperationKind::sum}};

    static std::string describe() { return "SkipSum<" + std::to_string(Length) + ">"; }

    static void forward(const T*, Rows<const T, N> x, Rows<T, N> y, Rows<T, 0>) {
        std::copy_n(x.data, x.size(), y.data);
    }
    /// d_x = d_y, and the same is added to the gradient of the block's input.
    static void backward_input(const T*, const T*, Rows<const T, 0>, Rows<const T, N> d_y, Rows<T, N> d_x) {
        std::copy_n(d_y.data, d_y.size(), d_x.data);
    }
};

/// Adds the input of the layer that stands `Length` layers before; see Residual.
template <std::size_t Length>
struct SkipSum {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }

    template <class T, std::size_t Inputs>
    using Bind = SkipSumLayer<T, Inputs, Length>;
};

/// y = x + f(x), where f are the layers named; the last of them must be as wide as x. In the network they stand one
/// after the other, and the sum behind them is a layer of its own. Source: He, Zhang, Ren, Sun, "Deep residual learning
/// for image recognition", CVPR 2016.
template <class... Specs>
struct Residual {
    static_assert(sizeof...(Specs) > 0, "Residual: it needs at least one layer");

    using Parts = LayerList<Specs..., SkipSum<detail::Flat<Specs...>::length>>;
};

}  // namespace typenet
