#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include <typenet/core/bit_cast.hpp>
#include <typenet/core/namespace.hpp>

/// Whether a number is NaN or infinite, told by its bits. With -ffast-math, a compiler takes for granted that no number
/// is: std::isnan(x) and x != x become false, std::isfinite(x) true, a comparison with NaN whatever is fastest, and
/// clang may drop a branch that returns NaN. So the library asks here, or for arrays simd::all_finite, before it
/// compares, and takes NaN and infinity from here. tests/fast_math checks what that must hold for.
namespace TYPENET::detail {

static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559,
              "typenet needs float and double in the formats of IEEE 754");

/// A long double is one only where it has the format of a double.
template <class T>
concept FloatOrDouble = std::floating_point<T> && sizeof(T) <= sizeof(double);

/// The bits of a number, as a whole number.
template <FloatOrDouble T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// The bits of infinity: those of the exponent are 1, all others 0. NaN has bits below them as well.
template <FloatOrDouble T>
inline constexpr Bits<T> infinity_bits = sizeof(T) == 4 ? Bits<T>{0xFF} << 23 : static_cast<Bits<T>>(0x7FFULL << 52);

template <FloatOrDouble T>
inline constexpr T infinity = bit_cast<T>(infinity_bits<T>);
template <FloatOrDouble T>
inline constexpr T nan = bit_cast<T>(infinity_bits<T> | infinity_bits<T> >> 1);

/// Returns the bits of |x|: infinity_bits where x is infinite, more where it is NaN, and fewer where it is finite.
template <FloatOrDouble T>
Bits<T> magnitude_bits(const T& x) noexcept {
    const volatile T stored = x;  // read back, it is a number of which the compiler doesn't know how it was computed
    const T read = stored;
    Bits<T> bits;
    std::memcpy(&bits, &read, sizeof bits);
    return bits << 1 >> 1;
}

template <FloatOrDouble T>
bool is_finite(const T& x) noexcept {
    return magnitude_bits(x) < infinity_bits<T>;
}

template <FloatOrDouble T>
bool is_nan(const T& x) noexcept {
    return magnitude_bits(x) > infinity_bits<T>;
}

/// Whether the compiler takes each number for finite. NaN and infinities may then be lost on their way through a
/// network, such as NaN in a ReLU, so training and evaluation look at the features themselves, too.
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
inline constexpr bool loses_nan = true;
#else
inline constexpr bool loses_nan = false;
#endif

}  // namespace TYPENET::detail
