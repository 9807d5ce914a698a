#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <typenet/core/mapped_file.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/safetensors_file.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/io/replace_file.hpp>
#include <typenet/network.hpp>

/// Model files in the safetensors format (https://huggingface.co/docs/safetensors): a JSON header, then the tensors.
/// Tensors have the names and layouts of PyTorch's nn.Sequential for the same list of layers: an activation counts as a
/// module of its own, so does a layer without parameters, and a Dense layer's weight is stored [outputs, inputs].
namespace typenet {

/// Writes a network's parameters, architecture and `info` as a safetensors file, all of it or nothing (replace_file).
/// The file also holds a row of features with the network's outputs, and a checksum, which `load` verifies.
/// Throws FileError when the file can't be written, DataError when a parameter is not finite, and OptionError when
/// `info` holds what a file can't: a scale that is 0 or not finite, a wrong number of labels, or text that is not
/// UTF-8.
template <AnyNetwork Network>
void save(const Network& network, const std::filesystem::path& path, const ModelInfo& info = {}) {
    const std::string file = detail::write_safetensors(detail::store_model("save", network, info));
    replace_file(path, std::as_bytes(std::span(file)));
}

/// Reads a safetensors file into a network and returns what it says beside the parameters. Tensors of F64, F32, F16 and
/// BF16 become the network's numbers. Throws FileError, and leaves the network as it was, when the file is damaged,
/// when a name, shape or dtype differs from what the network's type asks for, when its metadata names another
/// architecture, when a parameter is not finite, or when the network's outputs are not those that the file says.
template <AnyNetwork Network>
ModelInfo load(Network& network, const std::filesystem::path& path) {
    const std::string file = path.string();
    const MappedFile mapped(path);
    return detail::restore_model(file, detail::read_safetensors(file, mapped.bytes()), network);
}

}  // namespace typenet
