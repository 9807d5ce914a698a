#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/network_tensors.hpp>
#include <typenet/io/detail/restore_model.hpp>
#include <typenet/io/detail/safetensors_reader.hpp>
#include <typenet/io/detail/safetensors_writer.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/network/quantized.hpp>
#include <typenet/platform/file_reader.hpp>
#include <typenet/platform/path_text.hpp>
#include <typenet/platform/replace_file.hpp>

/// Model files of quantized networks, in the safetensors format, as io/safetensors.hpp has them for others. Of a layer
/// in 8 bits the file has, in the place of its two tensors,
///   weight         I8 [outputs, inputs]
///   weight_scale   F32 [outputs]: a weight is its whole number times its output's scale
///   bias           F32 [outputs]
///   input_range    F32 [2]: low and step; an input is low + step times its byte
namespace TYPENET {

namespace detail {

/// Returns a model with copies of the network's parameters and no metadata.
template <AnyNetwork Network>
StoredModel store_quantized(const Quantized<Network>& network) {
    StoredModel model;
    // A layer in 8 bits takes less than in float, but for its range and scales.
    model.numbers.resize((2 * Network::parameter_count + 2 * Network::layer_count) * sizeof(float));
    char* next = model.numbers.data();
    Network::Layers::for_each([&]<std::size_t I>() {
        if constexpr (Quantized<Network>::template can_be_int8<I>) {
            constexpr std::size_t inputs = Network::template Layer<I>::inputs;
            constexpr std::size_t outputs = Network::template Layer<I>::outputs;
            if (const auto& layer = network.template int8_layer<I>()) {
                const Int8Parameters parameters = layer->parameters();
                const auto name = [](std::string_view own) { return tensor_name<Network>(I, own); };
                const auto add_floats = [&](std::string_view own, std::size_t size, const float* numbers) {
                    add_tensor<float>(model, next, name(own), "F32", {size}, size,
                                      [&](std::size_t i) { return numbers[i]; });
                };
                add_tensor<std::int8_t>(
                    model, next, name("weight"), "I8", {outputs, inputs}, outputs * inputs,
                    [&](std::size_t i) { return parameters.weights[i % inputs * outputs + i / inputs]; });
                add_floats("weight_scale", outputs, parameters.scales.data());
                add_floats("bias", outputs, parameters.biases.data());
                const float range[2] = {parameters.range.low, parameters.range.step};
                add_floats("input_range", 2, range);
                return;
            }
        }
        // The parameters of layer I begin at its offset; its tensors count from the network's first parameter.
        add_tensors(model, next, tensors_of<Network, I>(),
                    network.template layer_parameters<I>() - Network::Layers::offsets[I]);
    });
    return model;
}

/// Reads `count` floats of a layer in 8 bits. Throws FileError unless they are there and finite.
inline std::vector<float> read_floats(const std::string& file, const StoredModel& model, const std::string& name,
                                      std::size_t count) {
    std::vector<float> floats(count);
    const LayerTensor layout{.name = "", .columns = count};
    read_tensors(file, model, {{name, layout}}, floats.data());
    return floats;
}

/// Returns layer I of a model in 8 bits. Throws FileError for anything that such a layer can't have.
template <AnyNetwork Network, std::size_t I>
auto read_int8_layer(const std::string& file, const StoredModel& model) {
    constexpr std::size_t inputs = Network::template Layer<I>::inputs;
    constexpr std::size_t outputs = Network::template Layer<I>::outputs;
    const auto name = [](std::string_view own) { return tensor_name<Network>(I, own); };
    const std::vector<std::size_t> shape{outputs, inputs};
    const StoredTensor& stored = expect_tensor(file, model, name("weight"), shape, "the others here hold I8",
                                               [](std::string_view dtype) { return std::size_t{dtype == "I8"}; });
    std::vector<std::int8_t> weights(inputs * outputs);
    for (std::size_t k = 0; k < outputs; ++k) {
        for (std::size_t i = 0; i < inputs; ++i) {
            weights[i * outputs + k] = static_cast<std::int8_t>(stored.bytes[k * inputs + i]);
        }
    }
    const std::vector<float> range = read_floats(file, model, name("input_range"), 2);
    if (!(range[1] >= std::numeric_limits<float>::min())) {
        throw FileError(file, join({"tensor ", name("input_range"), " has the step ", range[1],
                                    "; a step is above 0 and not subnormal"}));
    }
    return typename Int8Part<typename Network::template Layer<I>>::Affine(
        {std::move(weights),
         read_floats(file, model, name("weight_scale"), outputs),
         read_floats(file, model, name("bias"), outputs),
         {range[0], range[1]}});
}

/// Returns the quantized network of a model. Throws FileError as read_parameters does.
template <AnyNetwork Network>
Quantized<Network> read_quantized(const std::string& file, const StoredModel& model) {
    Network in_float;
    typename Quantized<Network>::Int8Layers layers;
    std::vector<std::string> names;
    Network::Layers::for_each([&]<std::size_t I>() {
        if constexpr (Quantized<Network>::template can_be_int8<I>) {
            const StoredTensor* const weight = find_tensor(model, tensor_name<Network>(I, "weight"));
            if (weight != nullptr && weight->dtype == "I8") {
                std::get<I>(layers).emplace(read_int8_layer<Network, I>(file, model));
                for (const std::string_view own : {"weight", "weight_scale", "bias", "input_range"}) {
                    names.push_back(tensor_name<Network>(I, own));
                }
                return;
            }
        }
        const std::vector<NetworkTensor> tensors = tensors_of<Network, I>();
        read_tensors(file, model, tensors, in_float.parameters().data());
        for (const NetworkTensor& tensor : tensors) names.push_back(tensor.name);
    });
    expect_no_others(file, model, names);
    Quantized<Network> network(in_float, std::move(layers));
    if (!network.all_finite()) throw FileError(file, "has scales or ranges with which outputs are infinite");
    return network;
}

}  // namespace detail

/// Writes a quantized network as a safetensors file, as `save` does for others:
///
/// ```cpp
/// save(small, "digits_int8.safetensors", {.input_scale = 1.0f / 255});
/// ```
///
/// Throws what that `save` throws.
template <AnyNetwork Network>
void save(const Quantized<Network>& network, const std::filesystem::path& path, const ModelInfo& info = {}) {
    detail::check_model("save", network, info);
    detail::StoredModel model = detail::store_quantized(network);
    detail::add_metadata(model, network, info);
    const std::string file = detail::write_safetensors(model);
    replace_file(path, std::as_bytes(std::span(file)));
}

/// Reads a quantized network from a file that `save` wrote, and returns what the file says beside the parameters:
///
/// ```cpp
/// Quantized<Net> loaded;
/// load(loaded, "digits_int8.safetensors");
/// ```
///
/// Throws FileError, and leaves the network as it was, for what `load` refuses for other networks.
template <AnyNetwork Network>
ModelInfo load(Quantized<Network>& network, const std::filesystem::path& path) {
    const std::string file = detail::path_text(path);
    const std::string bytes = read_file(path);
    const detail::StoredModel model = detail::read_safetensors(file, bytes);
    Quantized<Network> loaded;
    ModelInfo info = detail::verified_model(
        file, model, loaded, [&](Quantized<Network>& to) { to = detail::read_quantized<Network>(file, model); });
    network = std::move(loaded);
    return info;
}

}  // namespace TYPENET
