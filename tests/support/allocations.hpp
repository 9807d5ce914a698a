#pragma once

#include <cstddef>

namespace support {

/// Returns how often this program has allocated heap memory so far, through operator new, malloc and its relatives.
/// Sanitizers have a malloc of their own: under them, only operator new is counted.
std::size_t allocation_count() noexcept;

}  // namespace support
