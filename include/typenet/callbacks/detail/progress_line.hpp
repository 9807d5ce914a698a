#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <ostream>

#include <typenet/core/cxx20.hpp>

/// What lines that show progress are made of. None of it allocates.
namespace typenet::detail {

/// In the format of printf, at most 63 characters.
inline void write_number(std::ostream& out, const char* format, double value) {
    std::array<char, 64> text;
    std::snprintf(text.data(), text.size(), format, value);
    out << text.data();
}

/// " 3/12": as wide as "12/12".
inline void write_count(std::ostream& out, std::size_t done, std::size_t all) {
    std::array<char, 64> text;
    const int width = std::snprintf(text.data(), text.size(), "%zu", all);
    std::snprintf(text.data(), text.size(), "%*zu/%zu", width, done, all);
    out << text.data();
}

/// "[======>     ]" for a share from 0 to 1.
inline void write_bar(std::ostream& out, double share) {
    constexpr std::size_t cells = 12;
    const auto full = static_cast<std::size_t>(share * cells);
    out << '[';
    for (std::size_t i = 0; i < cells; ++i) out << (i < full ? '=' : (i == full ? '>' : ' '));
    out << ']';
}

}  // namespace typenet::detail
