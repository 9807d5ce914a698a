#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <typenet/core/namespace.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/safetensors_writer.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/replace_file.hpp>

/// The half of io/safetensors.hpp that writes, for programs that load no model. `save` makes a StoredModel from the
/// network, writes it as bytes in the format, and replaces the file.
namespace TYPENET {

/// Writes a network's parameters, architecture and `info` as a safetensors file, all of it or nothing (replace_file):
///
/// ```cpp
/// save(net, "iris.safetensors", {.labels = {"setosa", "versicolor", "virginica"}});
/// ```
///
/// The file also holds a row of features with the network's outputs, and a checksum, which `load` verifies. The first
/// layers of an Mlp, as `net.first_layers<1>()` returns them, make the file of a network of these layers. Throws
/// FileError when the file can't be written, DataError when a parameter is not finite, and OptionError when `info`
/// holds what a file can't: a scale that is 0 or not finite, a wrong number of labels, or text that is not UTF-8.
template <HasParameters Network>
void save(const Network& network, const std::filesystem::path& path, const ModelInfo& info = {}) {
    const std::string file = detail::write_safetensors(detail::store_model("save", network, info));
    replace_file(path, std::as_bytes(std::span(file)));
}

}  // namespace TYPENET
