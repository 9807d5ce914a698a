#pragma once

#include <cstddef>

namespace support {

/// How many times this program has asked for heap memory so far, through operator new or malloc and its relatives.
/// Under a sanitizer, which brings its own malloc, only operator new is counted.
std::size_t allocation_count() noexcept;

}  // namespace support
