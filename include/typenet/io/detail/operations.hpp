#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/network_tensors.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/quantized.hpp>

/// A network as a list of operations, from which each export is written: operations_of collects what the layers state
/// about themselves (LayerBase::operations), and so knows no layer. OnnxGraph and HeaderWriter go through the list
/// once.
namespace TYPENET::detail {

/// One operation of a network. Value 0 is the network's input; operation i makes value i + 1 from value i.
template <Real T>
struct Operation {
    OperationKind kind;
    std::size_t inputs;
    std::size_t outputs;
    std::size_t module;             ///< index of the module that its tensors belong to in model files
    const T* parameters = nullptr;  ///< in the network, as OperationKind says; unused where the kind has none
    double number = 0;              ///< as in LayerOperation
    std::size_t other = 0;          ///< sum: index of the earlier value that is added
    std::optional<Int8Parameters> int8 = std::nullopt;  ///< affine in 8 bits: has them instead of `parameters`
};

template <Real T>
using Operations = std::vector<Operation<T>>;

/// Returns how many parameters an operation has.
constexpr std::size_t parameters_of(OperationKind kind, std::size_t inputs, std::size_t outputs) {
    if (kind == OperationKind::affine) return (inputs + 1) * outputs;
    const bool has_two_vectors =
        kind == OperationKind::standardize || kind == OperationKind::unstandardize || kind == OperationKind::layer_norm;
    return has_two_vectors ? 2 * outputs : 0;
}

/// Returns numbers as floats, which exports hold. Throws DataError, in the name of `function`, for one that is too
/// large for float.
template <Real T>
std::vector<float> to_floats(std::string_view function, const T* numbers, std::size_t count) {
    std::vector<float> floats(count);
    for (std::size_t i = 0; i < count; ++i) {
        floats[i] = static_cast<float>(numbers[i]);
        if (is_finite(floats[i])) continue;
        throw DataError(
            join({function, ": ", number_text(static_cast<double>(numbers[i])), " is too large for float"}));
    }
    return floats;
}

/// Does what to_floats does. Throws DataError also for a number that is 0 only as a float.
template <Real T>
std::vector<float> to_divisors(std::string_view function, const T* numbers, std::size_t count) {
    std::vector<float> floats = to_floats(function, numbers, count);
    for (std::size_t i = 0; i < count; ++i) {
        if (floats[i] != 0 || numbers[i] == 0) continue;
        throw DataError(
            join({function, ": the divisor ", number_text(static_cast<double>(numbers[i])), " is 0 as a float"}));
    }
    return floats;
}

/// Returns the operations of a network, which refer to its parameters. Throws OptionError, in the name of `function`,
/// for a layer or an activation that states no operation.
template <AnyPredictor Network>
Operations<typename Network::Scalar> operations_of(std::string_view function, const Network& network) {
    using T = typename Network::Scalar;
    using Layers = typename Network::Layers;
    Operations<T> operations;
    std::array<std::size_t, Layers::length> input_values{};  // index of the value that each layer takes
    Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Layers::template Layer<I>;
        input_values[I] = operations.size();
        const std::size_t start_of_skip = Layers::starts_of_skips[I] < I ? Layers::starts_of_skips[I] : I;
        std::size_t module = first_modules<Network>[I];
        std::size_t width = Layer::inputs;
        std::optional<Int8Parameters> int8;
        if constexpr (requires { network.template int8_layer<I>(); }) {
            if (const auto& layer = network.template int8_layer<I>()) int8 = layer->parameters();
        }
        std::size_t place = 0;  // of an operation's parameters, among those of the layer
        for (const LayerOperation& stated : Layer::operations) {
            if (stated.kind == OperationKind::none) {
                const bool is_activation = &stated != Layer::operations.data();
                throw OptionError(
                    join({function, ": layer ", I, ", ", Layer::describe(), ", can't be exported: ",
                          is_activation ? "its activation states no `operation`" : "it states no `operations`"}));
            }
            if (stated.kind == OperationKind::identity) continue;
            const bool is_int8 = int8 && stated.kind == OperationKind::affine;
            const T* const parameters = int8 ? nullptr : network.template layer_parameters<I>() + place;
            operations.push_back({stated.kind, width, Layer::outputs, module++, parameters, stated.number,
                                  input_values[start_of_skip], is_int8 ? int8 : std::nullopt});
            place += parameters_of(stated.kind, width, Layer::outputs);
            width = Layer::outputs;
        }
        if (place != Layer::parameter_rows * Layer::parameter_columns) {
            throw OptionError(join({function, ": layer ", I, ", ", Layer::describe(),
                                    ", can't be exported: its `operations` have other parameters than it has"}));
        }
    });
    return operations;
}

}  // namespace TYPENET::detail
