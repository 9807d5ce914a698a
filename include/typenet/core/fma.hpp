#pragma once

#include <cmath>
#include <cstdint>
#include <utility>

#include <typenet/core/bit_cast.hpp>
#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>

/// a b + c, rounded once. Random numbers use `portable_fma` for sums of products: left to the compiler, whether they
/// are rounded once or twice would depend on the processor.
namespace TYPENET::detail {

/// Returns the rounded sum of a and b, and what rounding took from it.
/// Source: Knuth, The Art of Computer Programming, volume 2, section 4.2.2, theorem B.
inline std::pair<double, double> add_exactly(double a, double b) noexcept {
    const double sum = a + b;
    const double b_in_sum = sum - a;
    return {sum, (a - (sum - b_in_sum)) + (b - b_in_sum)};
}

/// Returns the rounded product of a and b, and what rounding took from it. Source: Dekker, "A floating-point technique
/// for extending the available precision", Numerische Mathematik 18 (1971).
inline std::pair<double, double> multiply_exactly(double a, double b) noexcept {
    const auto upper_half = [](double x) {
        const double scaled = x * 134217729;  // 2^27 + 1
        return scaled - (scaled - x);
    };
    const double product = a * b;
    const double a_high = upper_half(a);
    const double b_high = upper_half(b);
    const double a_low = a - a_high;
    const double b_low = b - b_high;
    return {product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low};
}

/// Returns a b + c, rounded once, from sums and products of doubles, where none of these overflows or is subnormal,
/// and the compiler doesn't fuse any of them.
/// Source: Boldo, Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd",
/// IEEE Transactions on Computers 57 (2008).
inline double software_fma(double a, double b, double c) noexcept {
    const auto [product, product_rest] = multiply_exactly(a, b);
    const auto [low, low_rest] = add_exactly(c, product_rest);
    const auto [high, high_rest] = add_exactly(product, low);
    auto [odd, rest] = add_exactly(low_rest, high_rest);
    const auto bits = bit_cast<std::uint64_t>(odd);
    if (rest != 0 && bits % 2 == 0) {  // of the two numbers around an inexact sum, the odd one
        odd = bit_cast<double>((rest > 0) == (odd > 0) ? bits + 1 : bits - 1);
    }
    return high + odd;
}

/// Returns a b + c, rounded once. The fma of mingw-w64's C library rounds twice.
inline double portable_fma(double a, double b, double c) noexcept {
#if defined(__MINGW32__) && !TYPENET_HAS_FMA
    return software_fma(a, b, c);
#else
    return std::fma(a, b, c);
#endif
}

}  // namespace TYPENET::detail
