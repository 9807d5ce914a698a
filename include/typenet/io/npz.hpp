#pragma once

#include <filesystem>
#include <span>
#include <string>

#include <typenet/core/namespace.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/npz_file.hpp>
#include <typenet/io/detail/restore_model.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/file_reader.hpp>
#include <typenet/platform/path_text.hpp>
#include <typenet/platform/replace_file.hpp>

/// Model files for NumPy: numpy.load reads what `save_npz` writes, and `load_npz` what numpy.savez writes. The arrays
/// have the names and layouts of the tensors in io/safetensors.hpp; a further one, __metadata__, holds the metadata as
/// JSON in bytes.
/// `save_npz` leaves the network alone. `load_npz` changes its parameters, or nothing where it throws.
namespace TYPENET {

/// Writes a network as `save` does, but in NumPy's format, not compressed:
///
/// ```cpp
/// save_npz(net, "iris.npz");
/// ```
///
/// Throws what `save` throws, and DataError when the parameters take about 4 GiB or more.
template <HasParameters Network>
void save_npz(const Network& network, const std::filesystem::path& path, const ModelInfo& info = {}) {
    const std::string file = detail::write_npz("save_npz", detail::store_model("save_npz", network, info));
    replace_file(path, std::as_bytes(std::span(file)));
}

/// Reads a network as `load` does, but from NumPy's format:
///
/// ```cpp
/// load_npz(net, "iris.npz");
/// ```
///
/// Arrays may have 16, 32 or 64 bits and be stored row by row or column by column; __metadata__ may be missing.
/// Archives that are compressed (numpy.savez_compressed) are refused.
template <AnyNetwork Network>
ModelInfo load_npz(Network& network, const std::filesystem::path& path) {
    const std::string file = detail::path_text(path);
    const std::string bytes = read_file(path);
    return detail::restore_model(file, detail::read_npz(file, bytes), network);
}

}  // namespace TYPENET
