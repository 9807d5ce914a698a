#pragma once

#include <filesystem>
#include <string>

#include <typenet/core/namespace.hpp>
#include <typenet/io/detail/restore_model.hpp>
#include <typenet/io/detail/safetensors_reader.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/io/save.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/file_reader.hpp>
#include <typenet/platform/path_text.hpp>

/// Model files in the safetensors format (https://huggingface.co/docs/safetensors): a JSON header, then the tensors.
/// Tensors have the names and layouts of PyTorch's nn.Sequential for the same list of layers: an activation counts as a
/// module of its own, so does a layer without parameters, and a Dense layer's weight is stored [outputs, inputs].
namespace TYPENET {

/// Reads a safetensors file into a network and returns what the file says beside the parameters:
///
/// ```cpp
/// const ModelInfo info = load(net, "iris.safetensors");
/// std::cout << info.labels[static_cast<std::size_t>(net.classify(test.row(0)))] << '\n';
/// ```
///
/// Tensors of F64, F32, F16 and BF16 are converted to the network's type. Throws FileError, and leaves the network as
/// it was, when the file is damaged, when a name, shape or dtype differs from what the network's type asks for, when
/// its metadata names another architecture, when a parameter is not finite, or when the network's outputs are not those
/// that the file says.
template <AnyNetwork Network>
ModelInfo load(Network& network, const std::filesystem::path& path) {
    const std::string file = detail::path_text(path);
    const std::string bytes = read_file(path);
    return detail::restore_model(file, detail::read_safetensors(file, bytes), network);
}

}  // namespace TYPENET
