#pragma once

#include <cstddef>
#include <cstring>
#include <tuple>
#include <type_traits>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/simd.hpp>

/// Loops over arrays that work a pack at a time, for formulas written as templates over V (kernels/simd.hpp):
///   transform       out[i] = f(in[i]...)
///   for_each_pack   f changes several arrays in place
///   scale           out[i] = in[i] * factor, where `in` may be bytes
///   sum             the sum of f(in[i]...)
///   all_finite      whether no number is NaN or infinite
namespace TYPENET::simd {

/// Computes out[i] = f(in[i]...) for i < count; `out` may be one of `in`. f gets packs, a partial pack at the end too,
/// so that a result doesn't depend on its index. Where f takes only numbers, it is called number by number.
template <Real T, class F, class... In>
void transform(std::size_t count, T* out, F f, const In*... in) {
    if constexpr (std::is_invocable_r_v<Pack<T>, F, std::conditional_t<true, Pack<T>, In>...>) {
        std::size_t i = 0;
        for (; i + width<T> <= count; i += width<T>) store<T>(out + i, f(load<T>(in + i)...));
        constexpr bool partial = width<T> != 1;
        if constexpr (partial) {
            if (i < count) store_partial<T>(out + i, f(load_partial<T>(in + i, count - i)...), count - i);
        }
    } else {
        for (std::size_t i = 0; i < count; ++i) out[i] = f(in[i]...);
    }
}

/// Calls f(a, b, ...) for each index of a pack, with the packs of all arrays at that index, and stores those that f may
/// have changed: the packs of arrays that are not const. Like transform, it ends with a partial pack.
template <class F, class... P>
void for_each_pack(std::size_t count, F f, P*... arrays) {
    using T = std::remove_const_t<std::common_type_t<P...>>;
    const auto run = [&](auto read, auto write) {
        std::tuple packs{read(arrays)...};
        std::apply(
            [&](auto&... pack) {
                f(pack...);
                const auto write_back = [&](auto* array, const auto& changed) {
                    if constexpr (!std::is_const_v<std::remove_pointer_t<decltype(array)>>) write(array, changed);
                };
                (write_back(arrays, pack), ...);
            },
            packs);
    };
    std::size_t i = 0;
    for (; i + width<T> <= count; i += width<T>) {
        run([i](const T* array) { return load<T>(array + i); },
            [i](T* array, const Pack<T>& pack) { store<T>(array + i, pack); });
    }
    constexpr bool partial = width<T> != 1;
    if constexpr (partial) {
        if (i < count) {
            run([&](const T* array) { return load_partial<T>(array + i, count - i); },
                [&](T* array, const Pack<T>& pack) { store_partial<T>(array + i, pack, count - i); });
        }
    }
}

/// Computes out[i] = in[i] * factor for i < Count; `out` must not overlap `in`. The compiler makes packs of it.
template <std::size_t Count, class In, Real T>
void scale(T* __restrict out, const In* __restrict in, T factor) {
    // g++ vectorises at -O2 only loops whose number of turns is a multiple of a pack, and whose arrays can't overlap.
    constexpr std::size_t whole = Count / 16 * 16;
    for (std::size_t i = 0; i < whole; ++i) out[i] = static_cast<T>(in[i]) * factor;
    for (std::size_t i = whole; i < Count; ++i) out[i] = static_cast<T>(in[i]) * factor;
}

/// Returns the sum of f(in[i]...) for i < count. The order of the sum depends only on `count`.
template <Real T, class F, class... In>
T sum(std::size_t count, F f, const T* first, const In*... more) {
    Pack<T> total(T(0));
    std::size_t i = 0;
    for (; i + width<T> <= count; i += width<T>) total = total + f(load<T>(first + i), load<T>(more + i)...);
    if (i < count) {
        const Pack<T> last = f(load_partial<T>(first + i, count - i), load_partial<T>(more + i, count - i)...);
        alignas(64) T lanes[width<T>]{};
        store_partial<T>(lanes, last, count - i);
        total = total + load<T>(lanes);
    }
    return simd::reduce_add(total);
}

/// Returns whether no number is NaN or infinite, by the numbers' bits (core/finite.hpp).
template <Real T>
bool all_finite(const T* from, std::size_t count) {
    // Where all bits of the exponent are 1, adding 1 to it carries into the sign's place. Blocks have a constant size
    // so that g++ makes packs of them at -O2.
    using Bits = typenet::detail::Bits<T>;
    constexpr Bits infinity = typenet::detail::infinity_bits<T>;
    constexpr Bits sign = ~Bits{0} / 2 + 1;
    constexpr Bits lowest_of_exponent = infinity & ~(infinity << 1);
    Bits carries = 0;
    const auto add = [&carries]<std::size_t Count>(const T* numbers, std::integral_constant<std::size_t, Count>) {
        Bits bits[Count];
        std::memcpy(bits, numbers, sizeof bits);
        for (const Bits x : bits) carries |= (x & ~sign) + lowest_of_exponent;
    };
    constexpr std::integral_constant<std::size_t, 256 / sizeof(T)> block;
    constexpr std::integral_constant<std::size_t, 1> one;
    const std::size_t whole = count / block * block;
    for (std::size_t i = 0; i < whole; i += block) add(from + i, block);
    for (std::size_t i = whole; i < count; ++i) add(from + i, one);
    return (carries & sign) == 0;
}

}  // namespace TYPENET::simd
