#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/network/layer_list.hpp>

namespace TYPENET {

/// The end of a block with a skip connection: y = x + the input of the block's first layer. The Chain adds that input;
/// this layer only copies x.
template <Real T, std::size_t N, std::size_t Length>
struct SkipSumLayer : LayerBase<T, N> {
    /// How many layers lie between the input that is added and this layer.
    static constexpr std::size_t skip = Length;
    static constexpr std::array operations{LayerOperation{OperationKind::sum}};

    static std::string describe() { return "SkipSum<" + std::to_string(Length) + ">"; }

    static void forward(const T*, Rows<const T, N> x, Rows<T, N> y, Rows<T, 0>) {
        std::copy_n(x.data, x.size(), y.data);
    }
    /// Copies d_y to d_x. The row phase also adds d_y to the gradient of the block's input.
    static void backward_input(const T*, const T*, Rows<const T, 0>, Rows<const T, N> d_y, Rows<T, N> d_x) {
        std::copy_n(d_y.data, d_y.size(), d_x.data);
    }
};

/// The spec of SkipSumLayer, the last layer of a Residual: adds the input of the layer that is `Length` layers before
/// it.
template <std::size_t Length>
struct SkipSum {
    static constexpr std::size_t outputs(std::size_t inputs) { return inputs; }

    template <class T, std::size_t Inputs>
    using Bind = SkipSumLayer<T, Inputs, Length>;
};

/// A block of layers f with a skip connection: y = x + f(x). The last layer of f must be as wide as x.
///
/// ```cpp
/// using Deep = Mlp<float, Input<4>, Dense<16, ReLU>, Residual<LayerNorm, Dense<16, ReLU>>, Dense<3, Softmax>>;
/// ```
///
/// The network contains the layers of f one by one, followed by the sum as a layer of its own. Source: He, Zhang, Ren,
/// Sun, "Deep residual learning for image recognition", CVPR 2016.
template <class... Specs>
struct Residual {
    static_assert(sizeof...(Specs) > 0, "Residual: it needs at least one layer");

    /// The layers that it consists of.
    using Parts = LayerList<Specs..., SkipSum<detail::Flat<Specs...>::length>>;
};

}  // namespace TYPENET
