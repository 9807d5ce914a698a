#pragma once

#include <filesystem>
#include <ostream>

namespace inspect {

/// Returns whether a file is a safetensors or .npz file, judging by its name and its first bytes. Throws
/// typenet::FileError where it can't be read.
bool is_model(const std::filesystem::path& path);

/// Prints the tensors and the metadata of a safetensors or .npz file, and the type of its network: the whole type where
/// the metadata have it, and otherwise what names and shapes tell, with a question mark for each activation.
///
/// Throws typenet::FileError where the file is damaged, and, after the tensors were printed, where no network of the
/// library has them.
void inspect_model(const std::filesystem::path& path, std::ostream& out);

}  // namespace inspect
