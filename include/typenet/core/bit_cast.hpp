#pragma once

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>

namespace TYPENET::detail {

/// Returns the number of type To that has the same bits: std::bit_cast, which libc++ before 14 doesn't have.
template <class To, class From>
[[nodiscard]] constexpr To bit_cast(const From& from) noexcept {
    return __builtin_bit_cast(To, from);
}

}  // namespace TYPENET::detail
