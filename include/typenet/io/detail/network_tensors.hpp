#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/text.hpp>

/// What files show of a network's parameters.
namespace typenet::detail {

/// One tensor of a network; `layout` counts its parameters from the network's first.
struct NetworkTensor {
    std::string name;
    LayerTensor layout;
};

/// Returns a layer's tensors.
template <class Layer>
constexpr auto tensors_of_layer() {
    constexpr std::size_t count = Layer::parameter_rows * Layer::parameter_columns;
    static_assert(count == 0 || !Layer::tensors.empty(),
                  "model files: the layer named with this message has parameters, but no `tensors` that name them");
    constexpr bool in_order = [] {
        std::size_t next = 0;
        for (const LayerTensor& tensor : Layer::tensors) {
            if (tensor.first != next) return false;
            next += tensor.size();
        }
        return next == count;
    }();
    static_assert(in_order,
                  "model files: the `tensors` of the layer named with this message must be all its parameters in their "
                  "order");
    return Layer::tensors;
}

/// Returns how many modules of nn.Sequential a layer is: one for each of its operations, so that an activation is a
/// module of its own, and one for a layer that does nothing in prediction.
template <class Layer>
constexpr std::size_t modules_of_layer() {
    const auto does_something = [](const LayerOperation& operation) {
        return operation.kind != OperationKind::identity;
    };
    const auto count = std::count_if(Layer::operations.begin(), Layer::operations.end(), does_something);
    return std::max<std::size_t>(1, static_cast<std::size_t>(count));
}

/// All tensors of a network, in the order of its parameters, named as those of nn.Sequential: by the number of the
/// module, then the tensor's own name.
template <class Network>
std::vector<NetworkTensor> tensors_of() {
    std::vector<NetworkTensor> tensors;
    std::size_t module = 0;
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        for (LayerTensor tensor : tensors_of_layer<Layer>()) {
            tensor.first += Network::Layers::offsets[I];
            tensors.push_back({join({module, ".", tensor.name}), tensor});
        }
        module += modules_of_layer<Layer>();
    });
    return tensors;
}

}  // namespace typenet::detail
