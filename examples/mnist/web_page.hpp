#pragma once

#include <filesystem>

#include <typenet/io/header.hpp>
#include <typenet/io/model_info.hpp>

#include "mnist/network.hpp"

namespace mnist {

/// Writes `folder`/index.html, a page on which one draws digits that this network classifies; see examples/web. Needs
/// clang, lld and their libraries for WebAssembly. Throws typenet::FileError if the page can't be compiled; the
/// standard error output then says what is missing.
void write_page(const Digits& net, const std::filesystem::path& folder, typenet::HeaderWeights weights,
                const typenet::ModelInfo& info);

}  // namespace mnist
