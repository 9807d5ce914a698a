#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

/// What files show of a network's parameters.
namespace TYPENET::detail {

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

/// first_modules[I]: the index of layer I's first module.
template <class Network>
inline constexpr auto first_modules = [] {
    std::array<std::size_t, Network::layer_count> modules{};
    std::size_t next = 0;
    Network::Layers::for_each([&]<std::size_t I>() {
        modules[I] = next;
        next += modules_of_layer<typename Network::template Layer<I>>();
    });
    return modules;
}();

/// Returns the name of a tensor of layer I: the index of its module, then the tensor's own name.
template <class Network>
std::string tensor_name(std::size_t layer, std::string_view name) {
    return join({first_modules<Network>[layer], ".", name});
}

/// Returns the tensors of layer I, with their places among all parameters.
template <class Network, std::size_t I>
std::vector<NetworkTensor> tensors_of() {
    std::vector<NetworkTensor> tensors;
    for (LayerTensor tensor : tensors_of_layer<typename Network::template Layer<I>>()) {
        tensor.first += Network::Layers::offsets[I];
        tensors.push_back({tensor_name<Network>(I, tensor.name), tensor});
    }
    return tensors;
}

/// Returns all tensors of a network, in the order of its parameters, named as those of nn.Sequential.
template <class Network>
std::vector<NetworkTensor> tensors_of() {
    std::vector<NetworkTensor> tensors;
    Network::Layers::for_each([&]<std::size_t I>() {
        for (NetworkTensor& tensor : tensors_of<Network, I>()) tensors.push_back(std::move(tensor));
    });
    return tensors;
}

}  // namespace TYPENET::detail
