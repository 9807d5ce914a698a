#pragma once

#include <filesystem>
#include <string>

#include <typenet/core/namespace.hpp>

namespace TYPENET::detail {

/// Returns a path as messages show it. On Windows that is UTF-8: std::filesystem::path::string() may throw for a
/// character that the code page lacks.
inline std::string path_text(const std::filesystem::path& path) {
#if defined(_WIN32)
    const std::u8string text = path.u8string();
    return {text.begin(), text.end()};
#else
    return path.string();
#endif
}

}  // namespace TYPENET::detail
