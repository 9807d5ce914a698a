#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include <typenet/core/tensor.hpp>

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 takes the undefined values in its own AVX-512 header for mistakes (GCC bug 105593).
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wuninitialized"
#    pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

// The only user of xsimd. TYPENET_USE_XSIMD=0 leaves it out: a pack is then one number, and everything works, slower.
#if !defined(TYPENET_USE_XSIMD)
#    if __has_include(<xsimd/xsimd.hpp>)
#        define TYPENET_USE_XSIMD 1
#    else
#        define TYPENET_USE_XSIMD 0
#    endif
#endif
#if TYPENET_USE_XSIMD
#    include <xsimd/xsimd.hpp>
#    if defined(XSIMD_NO_SUPPORTED_ARCHITECTURE)
#        undef TYPENET_USE_XSIMD
#        define TYPENET_USE_XSIMD 0
#    endif
#endif

/// Packs of numbers that the processor handles at once. Formulas are written once, as templates over V, which is
/// either a number or a pack of them; the functions below exist for both.
namespace typenet::simd {

#if TYPENET_USE_XSIMD
template <Real T>
using Pack = xsimd::batch<T>;
template <Real T>
inline constexpr std::size_t width = Pack<T>::size;
#else
template <Real T>
using Pack = T;
template <Real T>
inline constexpr std::size_t width = 1;
#endif

/// The most numbers that a kernel may read past the end of a matrix it is given; Buffer adds them.
inline constexpr std::size_t slack = 16;
static_assert(width<float> <= slack);

namespace detail {
template <class V>
struct element {
    using type = typename V::value_type;
};
template <Real T>
struct element<T> {
    using type = T;
};
}  // namespace detail

/// float or double: what a V is made of.
template <class V>
using Element = typename detail::element<V>::type;

template <Real T>
T exp(T x) {
    return std::exp(x);
}
template <Real T>
T expm1(T x) {
    return std::expm1(x);
}
template <Real T>
T log1p(T x) {
    return std::log1p(x);
}
template <Real T>
T tanh(T x) {
    return std::tanh(x);
}
template <Real T>
T abs(T x) {
    return std::abs(x);
}
template <Real T>
T max(T a, T b) {
    return a < b ? b : a;
}
template <Real T>
T fma(T a, T b, T c) {
    return a * b + c;
}
template <Real T>
T select(bool condition, T a, T b) {
    return condition ? a : b;
}
template <Real T>
T reduce_add(T x) {
    return x;
}

/// A pack (or, without xsimd, a number) from memory of any alignment.
template <Real T>
Pack<T> load(const T* from) {
#if TYPENET_USE_XSIMD
    return Pack<T>::load_unaligned(from);
#else
    return *from;
#endif
}

template <Real T>
void store(T* to, Pack<T> pack) {
#if TYPENET_USE_XSIMD
    pack.store_unaligned(to);
#else
    *to = pack;
#endif
}

#if TYPENET_USE_XSIMD
// Within 2 ulp of the exact value. Results below the smallest normal number may be 0.
template <class T, class A>
xsimd::batch<T, A> exp(xsimd::batch<T, A> x) {
    return xsimd::exp(x);
}
template <class T, class A>
xsimd::batch<T, A> expm1(xsimd::batch<T, A> x) {
    return xsimd::expm1(x);
}
template <class T, class A>
xsimd::batch<T, A> log1p(xsimd::batch<T, A> x) {
    return xsimd::log1p(x);
}
template <class T, class A>
xsimd::batch<T, A> tanh(xsimd::batch<T, A> x) {
    return xsimd::tanh(x);
}
template <class T, class A>
xsimd::batch<T, A> abs(xsimd::batch<T, A> x) {
    return xsimd::abs(x);
}
template <class T, class A>
xsimd::batch<T, A> max(xsimd::batch<T, A> a, xsimd::batch<T, A> b) {
    return xsimd::max(a, b);
}
template <class T, class A>
xsimd::batch<T, A> fma(xsimd::batch<T, A> a, xsimd::batch<T, A> b, xsimd::batch<T, A> c) {
#    if defined(__AVX512F__)
    // xsimd 8 has no fused form for these packs: a product and a sum, which g++ fuses and clang doesn't.
    if constexpr (sizeof a == 64) {
        if constexpr (std::same_as<T, float>) return _mm512_fmadd_ps(a, b, c);
        if constexpr (std::same_as<T, double>) return _mm512_fmadd_pd(a, b, c);
    }
#    endif
    return xsimd::fma(a, b, c);
}
template <class T, class A>
xsimd::batch<T, A> select(xsimd::batch_bool<T, A> condition, xsimd::batch<T, A> a, xsimd::batch<T, A> b) {
    return xsimd::select(condition, a, b);
}
template <class T, class A>
T reduce_add(xsimd::batch<T, A> x) {
#    if XSIMD_VERSION_MAJOR < 10
    return xsimd::hadd(x);
#    else
    return xsimd::reduce_add(x);
#    endif
}
#endif

/// f of each number of V, one by one: for functions that have no vectorised form.
template <class V, class F>
V each(V v, F f) {
    using T = Element<V>;
    alignas(64) T lanes[sizeof(V) / sizeof(T)];
    std::memcpy(lanes, &v, sizeof(V));
    for (T& lane : lanes) lane = f(lane);
    std::memcpy(&v, lanes, sizeof(V));
    return v;
}

/// The first `count` < width numbers from memory, the others 0.
template <Real T>
Pack<T> load_part(const T* from, std::size_t count) {
    alignas(64) T lanes[width<T>] = {};
    std::copy_n(from, count, lanes);
    return load<T>(lanes);
}

/// Writes the first `count` < width numbers of a pack.
template <Real T>
void store_part(T* to, Pack<T> pack, std::size_t count) {
    alignas(64) T lanes[width<T>];
    store<T>(lanes, pack);
    std::copy_n(lanes, count, to);
}

/// out[i] = f(in[i]...) for i < count, `out` may be one of `in`. Every number, also those left over at the end, goes
/// through f as part of a pack, so that its result doesn't depend on where it stands. An f that takes only numbers
/// is called number by number.
template <Real T, class F, class... In>
void transform(std::size_t count, T* out, F f, const In*... in) {
    if constexpr (std::is_invocable_r_v<Pack<T>, F, std::conditional_t<true, Pack<T>, In>...>) {
        std::size_t i = 0;
        for (; i + width<T> <= count; i += width<T>) store<T>(out + i, f(load<T>(in + i)...));
        constexpr bool partial = width<T> != 1;
        if constexpr (partial) {
            if (i < count) store_part<T>(out + i, f(load_part<T>(in + i, count - i)...), count - i);
        }
    } else {
        for (std::size_t i = 0; i < count; ++i) out[i] = f(in[i]...);
    }
}

}  // namespace typenet::simd

#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic pop
#endif
