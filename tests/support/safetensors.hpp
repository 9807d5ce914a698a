#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Returns a safetensors file of this header and these numbers.
inline std::string make_file(std::string_view header, std::string_view data) {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), sizeof length).append(header).append(data);
}
