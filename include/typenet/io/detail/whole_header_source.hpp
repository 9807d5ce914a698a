#pragma once

#include <string_view>

#include <typenet/core/namespace.hpp>

/// The C++17 source that every exported header of whole numbers contains, as header_source
/// (io/detail/header_source.hpp) has that of the others. The calls in `predict` are written by WholeHeaderWriter
/// (io/detail/whole_header_writer.hpp). The tests compile it, without any register for floats, and compare each
/// function with the library's.
///
/// A value is an array of 32-bit whole numbers, each of which stands for a 2^bits-th of itself. The writer chooses the
/// bits of each value so that nothing overflows.
namespace TYPENET::detail {

inline constexpr std::string_view whole_header_source = R"(
// Rounds features to bytes. Byte 0 of feature i begins at starts[i], and each byte takes steps[i]; with a Count of 1, all
// features have the same.
template <std::size_t Inputs, std::size_t Count, class Features>
constexpr void features_to_bytes(const Features& features, const std::int64_t* starts, const std::int64_t* steps,
                                 std::uint8_t* bytes) {
    for (std::size_t i = 0; i < Inputs; ++i) {
        const std::int64_t byte = (static_cast<std::int64_t>(features[i]) - starts[i % Count]) / steps[i % Count];
        bytes[i] = static_cast<std::uint8_t>(byte < 0 ? 0 : byte > 255 ? 255 : byte);
    }
}

// y = (factor x + offset) / 2^shift, rounded down
constexpr std::int64_t scaled(std::int32_t x, std::int32_t factor, std::int64_t offset, int shift) {
    return (static_cast<std::int64_t>(x) * factor + offset) >> shift;
}

template <std::size_t N>
constexpr void to_bytes(const std::int32_t* x, std::int32_t factor, std::int64_t offset, int shift,
                        std::uint8_t* bytes) {
    for (std::size_t i = 0; i < N; ++i) {
        const std::int64_t byte = scaled(x[i], factor, offset, shift);
        bytes[i] = static_cast<std::uint8_t>(byte < 0 ? 0 : byte > 255 ? 255 : byte);
    }
}

template <std::size_t N>
constexpr void scale(const std::int32_t* x, const std::int32_t* factors, const std::int64_t* offsets, int shift,
                     std::int32_t* y) {
    for (std::size_t k = 0; k < N; ++k) y[k] = static_cast<std::int32_t>(scaled(x[k], factors[k], offsets[k], shift));
}

// y = (factors (bytes weights) + offsets) / 2^shift, with weights of shape [Inputs, Outputs]
template <std::size_t Inputs, std::size_t Outputs, class Bytes>
constexpr void affine(const Bytes& bytes, const signed char* weights, const std::int32_t* factors,
                      const std::int64_t* offsets, int shift, std::int32_t* y) {
    for (std::size_t k = 0; k < Outputs; ++k) y[k] = 0;
    for (std::size_t i = 0; i < Inputs; ++i) {
        const std::int32_t byte = static_cast<std::uint8_t>(bytes[i]);
        if (byte == 0) continue;
        for (std::size_t k = 0; k < Outputs; ++k) y[k] += byte * weights[i * Outputs + k];
    }
    scale<Outputs>(y, factors, offsets, shift, y);
}

// Adds values whose numbers of bits differ.
template <std::size_t N>
constexpr void sum(const std::int32_t* x, int shift, const std::int32_t* skipped, int shift_of_skipped,
                   std::int32_t* y) {
    for (std::size_t i = 0; i < N; ++i) y[i] = (x[i] >> shift) + (skipped[i] >> shift_of_skipped);
}

constexpr std::int64_t table_steps = 512;

// A function by the table of its values at equal steps: between two of them a parabola through the next one too. Below
// the first value it is constant, above the last it goes on as a line. A step is 2^shift of x; the table begins at
// x = `first` 65536ths of a step.
constexpr std::int64_t look_up(std::int64_t x, const std::int32_t* table, std::int64_t first, int shift) {
    const std::int64_t place = (shift < 16 ? x * (std::int64_t{1} << (16 - shift)) : x >> (shift - 16)) - first;
    if (place <= 0) return table[0];
    const std::int64_t step = place / 65536 < table_steps ? place / 65536 : table_steps - 1;
    const std::int64_t rest = place - step * 65536;
    const std::int64_t slope = static_cast<std::int64_t>(table[step + 1]) - table[step];
    std::int64_t rise = rest * slope;
    if (step + 1 < table_steps) {
        const std::int64_t next_slope = static_cast<std::int64_t>(table[step + 2]) - table[step + 1];
        rise += (next_slope - slope) * (rest * (rest - 65536) / 131072);
    }
    return table[step] + ((rise + 32768) >> 16);
}

// Activations of a row, in place

template <std::size_t N>
constexpr void apply(std::int32_t* y, const std::int32_t* table, std::int64_t first, int shift) {
    for (std::size_t i = 0; i < N; ++i) y[i] = static_cast<std::int32_t>(look_up(y[i], table, first, shift));
}

template <std::size_t N>
constexpr void relu(std::int32_t* y) {
    for (std::size_t i = 0; i < N; ++i) y[i] = y[i] > 0 ? y[i] : 0;
}

// The slope is slope / 2^30.
template <std::size_t N>
constexpr void leaky_relu(std::int32_t* y, std::int32_t slope) {
    for (std::size_t i = 0; i < N; ++i) {
        y[i] = y[i] > 0 ? y[i] : static_cast<std::int32_t>(scaled(y[i], slope, std::int64_t{1} << 29, 30));
    }
}

// `table` is that of e^x for x up to 0. The outputs sum to about 2^30.
template <std::size_t N>
constexpr void softmax(std::int32_t* y, const std::int32_t* table, std::int64_t first, int shift) {
    std::int64_t largest = y[0];
    for (std::size_t i = 1; i < N; ++i) largest = y[i] > largest ? y[i] : largest;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < N; ++i) {
        y[i] = static_cast<std::int32_t>(look_up(y[i] - largest, table, first, shift));
        total += y[i];
    }
    for (std::size_t i = 0; i < N; ++i) {
        y[i] = static_cast<std::int32_t>((static_cast<std::int64_t>(y[i]) * (std::int32_t{1} << 30) + total / 2) / total);
    }
}
)";

}  // namespace TYPENET::detail
