#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace mnist {

/// Writes `folder`/index.html, a page on which one draws digits; see examples/web. write_header(path, name) must write
/// the header of a network that classifies them, in the namespace `name`. Needs clang, lld and their libraries for
/// WebAssembly. Throws typenet::FileError if the page can't be compiled; the standard error output then says what is
/// missing.
void write_page(const std::filesystem::path& folder,
                const std::function<void(const std::filesystem::path& path, const std::string& name)>& write_header);

}  // namespace mnist
