#pragma once

#include <filesystem>

#include <typenet/io/header.hpp>
#include <typenet/io/model_info.hpp>

#include "mnist/network.hpp"

namespace mnist {

/// Writes `folder`/index.html, the page on which one draws digits that this network reads; see examples/web. Throws
/// typenet::FileError where it can't be compiled, which needs clang, lld and their libraries for WebAssembly; what is
/// missing is then on the standard error output.
void write_page(const Digits& net, const std::filesystem::path& folder, typenet::HeaderWeights weights,
                const typenet::ModelInfo& info);

}  // namespace mnist
