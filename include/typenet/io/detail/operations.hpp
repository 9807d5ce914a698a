#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <typenet/activations.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/network_tensors.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>

/// A network as a list of what it does in prediction, for what is exported to run elsewhere.
namespace typenet::detail {

enum class OperationKind {
    affine,       ///< x w + b
    standardize,  ///< (x - m) / s
    layer_norm,
    sum,  ///< x + an earlier value
    sigmoid,
    tanh,
    relu,
    leaky_relu,
    elu,
    gelu,
    silu,
    softplus,
    softmax
};

/// Value 0 is the network's input; operation i makes value i + 1 from value i.
template <Real T>
struct Operation {
    OperationKind kind;
    std::size_t inputs;
    std::size_t outputs;
    std::size_t module;             ///< the number that its tensors have in model files
    const T* parameters = nullptr;  ///< the layer's, where it has some
    double number = 0;              ///< leaky_relu: the slope; layer_norm: epsilon
    std::size_t other = 0;          ///< sum: the number of the earlier value
};

template <Real T>
using Operations = std::vector<Operation<T>>;

/// Nothing for an activation of the user's own, and for Identity.
template <class A>
inline constexpr std::optional<OperationKind> activation_kind = std::nullopt;
template <>
inline constexpr std::optional<OperationKind> activation_kind<Sigmoid> = OperationKind::sigmoid;
template <>
inline constexpr std::optional<OperationKind> activation_kind<Tanh> = OperationKind::tanh;
template <>
inline constexpr std::optional<OperationKind> activation_kind<ReLU> = OperationKind::relu;
template <class Slope>
inline constexpr std::optional<OperationKind> activation_kind<LeakyReLUWith<Slope>> = OperationKind::leaky_relu;
template <>
inline constexpr std::optional<OperationKind> activation_kind<ELU> = OperationKind::elu;
template <>
inline constexpr std::optional<OperationKind> activation_kind<GELU> = OperationKind::gelu;
template <>
inline constexpr std::optional<OperationKind> activation_kind<SiLU> = OperationKind::silu;
template <>
inline constexpr std::optional<OperationKind> activation_kind<Softplus> = OperationKind::softplus;
template <>
inline constexpr std::optional<OperationKind> activation_kind<Softmax> = OperationKind::softmax;

// Each of these appends what a layer does in prediction, or returns false for a layer that is unknown here. `base` has
// all but the kind.

template <Real T>
bool append(Operations<T>& operations, Operation<T> base, OperationKind kind, double number = 0) {
    base.kind = kind;
    base.number = number;
    operations.push_back(base);
    return true;
}

template <class Layer, Real T>
bool append_layer(std::type_identity<Layer>, Operations<T>&, const Operation<T>&) {
    return false;
}
template <Real T, std::size_t Inputs, std::size_t Outputs, class A, class I>
bool append_layer(std::type_identity<DenseLayer<T, Inputs, Outputs, A, I>>, Operations<T>& operations,
                  Operation<T> base) {
    append(operations, base, OperationKind::affine);
    if constexpr (std::same_as<A, Identity>) return true;
    if (!activation_kind<A>) return false;
    base.inputs = Outputs;
    base.parameters = nullptr;
    double number = 0;
    if constexpr (activation_kind<A> == OperationKind::leaky_relu) number = A::slope;
    return append(operations, base, *activation_kind<A>, number);
}
template <Real T, std::size_t N, class Rate>
bool append_layer(std::type_identity<DropoutLayer<T, N, Rate>>, Operations<T>&, const Operation<T>&) {
    return true;  // nothing in prediction
}
template <Real T, std::size_t N>
bool append_layer(std::type_identity<LayerNormLayer<T, N>>, Operations<T>& operations, const Operation<T>& base) {
    return append(operations, base, OperationKind::layer_norm, static_cast<double>(LayerNormLayer<T, N>::epsilon));
}
template <Real T, std::size_t N>
bool append_layer(std::type_identity<StandardizeLayer<T, N>>, Operations<T>& operations, const Operation<T>& base) {
    return append(operations, base, OperationKind::standardize);
}
template <Real T, std::size_t N, std::size_t Length>
bool append_layer(std::type_identity<SkipSumLayer<T, N, Length>>, Operations<T>& operations, const Operation<T>& base) {
    return append(operations, base, OperationKind::sum);
}

/// Numbers as exports hold them. Throws DataError, in the name of `function`, for one that is too large for float.
template <Real T>
std::vector<float> to_floats(std::string_view function, const T* numbers, std::size_t count) {
    std::vector<float> floats(count);
    for (std::size_t i = 0; i < count; ++i) {
        floats[i] = static_cast<float>(numbers[i]);
        if (std::isfinite(floats[i])) continue;
        throw DataError(
            join({function, ": ", number_text(static_cast<double>(numbers[i])), " is too large for float"}));
    }
    return floats;
}

/// As to_floats, and DataError also for a number that only float takes for 0.
template <Real T>
std::vector<float> to_divisors(std::string_view function, const T* numbers, std::size_t count) {
    std::vector<float> floats = to_floats(function, numbers, count);
    for (std::size_t i = 0; i < count; ++i) {
        if (floats[i] != 0 || numbers[i] == 0) continue;
        throw DataError(
            join({function, ": a division by ", number_text(static_cast<double>(numbers[i])), " is none by a float"}));
    }
    return floats;
}

/// The operations of a network, whose parameters they refer to. Throws OptionError, in the name of `function`, where it
/// has a layer or an activation that is not the library's.
template <AnyNetwork Network>
Operations<typename Network::Scalar> operations_of(std::string_view function, const Network& network) {
    using T = typename Network::Scalar;
    using Layers = typename Network::Layers;
    Operations<T> operations;
    std::array<std::size_t, Layers::length> input_values{};  // the number of the value that each layer takes
    std::size_t module = 0;
    Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Layers::template Layer<I>;
        input_values[I] = operations.size();
        const Operation<T> base{.kind = {},
                                .inputs = Layer::inputs,
                                .outputs = Layer::outputs,
                                .module = module,
                                .parameters = network.parameters().data() + Layers::offsets[I],
                                .other = input_values[Layers::starts_of_skips[I] < I ? Layers::starts_of_skips[I] : I]};
        if (!append_layer(std::type_identity<Layer>(), operations, base)) {
            throw OptionError(
                join({function, ": layer ", I, ", ", Layer::describe(), ", is none that can be exported"}));
        }
        module += modules_of_layer<Layer>();
    });
    return operations;
}

}  // namespace typenet::detail
