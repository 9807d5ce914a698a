#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>

#if defined(__GNUC__) && !defined(__clang__)
// g++ 12 warns of undefined values in its own AVX-512 header (GCC bug 105593).
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wuninitialized"
#    pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

// The only file that includes xsimd. With TYPENET_USE_XSIMD=0, a pack is one number, and everything works, but slower.
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

/// Packs: as many numbers as the processor computes with in one instruction. Formulas, such as activations and update
/// rules, are written once, as templates over V, which is a number or a pack; kernels/loops.hpp applies them to arrays.
/// This file holds
///   Pack, width, Element                  the type, its count of numbers, and their type
///   slack                                 how far kernels may read past an array's end
///   abs, exp, expm1, log1p, sqrt, tanh    those of the standard library, for numbers and for packs
///   max, sign, fma, select, flush_subnormal, reduce_...    more functions for both
///   load, store, ..._partial              between memory and packs
///   nonzero_word, interleave              what kernels/sparse.hpp and gemm::transpose need
///   IntPack, add_products ...             what kernels/int8.hpp needs
///   prefetch                              asks for memory before it is needed
/// Of a pack, exp, expm1, log1p and tanh are within 2 ulp of the exact value, except that subnormal results may be 0.
/// All six functions of NaN are NaN. Where a compiler or a version of xsimd does badly, instructions are called
/// directly; each such place says why.
namespace TYPENET::simd {

namespace detail {
template <Real T, bool Vector>
struct pack {
    using type = T;
};
template <Real T>
inline constexpr bool has_vectors = false;
#if TYPENET_USE_XSIMD
// 32-bit ARM has no vectors of doubles: some versions of xsimd say so, others say that they have 0 numbers.
template <Real T>
requires xsimd::has_simd_register<T, xsimd::default_arch>::value inline constexpr bool has_vectors<T> =
    xsimd::batch<T>::size > 1;

template <Real T>
struct pack<T, true> {
    using type = xsimd::batch<T>;
};
#endif
}  // namespace detail

/// As many numbers of type T as the processor computes with in one instruction: an xsimd::batch, with the operators of
/// numbers. It is T itself without xsimd, and where the processor has no vectors of T.
template <Real T>
using Pack = typename detail::pack<T, detail::has_vectors<T>>::type;
/// How many numbers a pack has: a power of two, 1 where Pack<T> is T.
template <Real T>
inline constexpr std::size_t width = sizeof(Pack<T>) / sizeof(T);

/// How many numbers kernels may read past the end of a matrix. A Buffer allocates that many numbers more.
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

#if TYPENET_USE_XSIMD && defined(__AVX512F__)
/// Returns the mask of the first `count` lanes.
template <class Mask>
Mask lanes_below(std::size_t count) {
    return static_cast<Mask>((1U << count) - 1U);
}
#endif
}  // namespace detail

/// The type of V's numbers, where V is a number or a pack: float or double.
template <class V>
using Element = typename detail::element<V>::type;

// Functions of the standard library for numbers, and their versions for packs.
using std::abs;
using std::exp;
using std::expm1;
using std::log1p;
using std::sqrt;
using std::tanh;
#if TYPENET_USE_XSIMD
using xsimd::abs;
using xsimd::log1p;
#endif

/// Returns the larger of a and b, number by number. Where one of them is NaN, which of the two is returned differs
/// between numbers and packs, and between processors.
template <Real T>
T max(T a, T b) {
    return a < b ? b : a;
}
/// Returns -1, 0 or 1, number by number, and x where it is NaN.
template <Real T>
T sign(T x) {
    return x > 0 ? T(1) : x < 0 ? T(-1) : x;
}
/// Flushes subnormal numbers to 0, and returns x where it is NaN. A decaying value would otherwise linger there, where
/// some processors are a hundred times slower.
template <Real T>
T flush_subnormal(T x) {
    return std::abs(x) < std::numeric_limits<T>::min() ? T(0) : x;
}
/// Returns a b + c, rounded once where the processor has such an instruction, for numbers as for packs. With a * b + c,
/// the compiler would choose one or two roundings in each place anew.
template <Real T>
T fma(T a, T b, T c) {
#if TYPENET_HAS_FMA
    return std::fma(a, b, c);
#else
    return a * b + c;
#endif
}
/// Returns a where the condition holds, else b, number by number. For packs, the condition is what comparing two packs
/// gives. Both a and b are computed for all numbers, and the one that isn't taken may be NaN.
template <Real T>
T select(bool condition, T a, T b) {
    return condition ? a : b;
}
/// Returns the largest number of a pack; any of its numbers where one is NaN.
template <Real T>
T reduce_max(T x) {
    return x;
}
/// Returns the sum of a pack's numbers; NaN where one is NaN. The order in which they are added differs between
/// processors.
template <Real T>
T reduce_add(T x) {
    return x;
}

/// Loads a pack, `width<T>` numbers of which the first is at `from`, from memory of any alignment.
template <Real T>
Pack<T> load(const T* from) {
    if constexpr (width<T> == 1) {
        return *from;
    } else {
        return Pack<T>::load_unaligned(from);
    }
}

/// Stores a pack, `width<T>` numbers of which the first goes to `to`, in memory of any alignment.
template <Real T>
void store(T* to, Pack<T> pack) {
    if constexpr (width<T> == 1) {
        *to = pack;
    } else {
        pack.store_unaligned(to);
    }
}

#if TYPENET_USE_XSIMD
namespace detail {
/// Returns f(x) for an f that is constant beyond +-1000, in double. There xsimd converts numbers of the argument's size
/// to integers, which is undefined for huge ones and for NaN, so f gets neither.
template <class T, class A, class F>
xsimd::batch<T, A> in_range(xsimd::batch<T, A> x, F f) {
    if constexpr (std::same_as<T, float>) return f(x);
    const xsimd::batch<T, A> most(T(1000));
    const auto inside = xsimd::select(x > -most, xsimd::select(x < most, x, most), -most);
    return xsimd::select(xsimd::isnan(x), x, f(inside));
}
}  // namespace detail

template <class T, class A>
xsimd::batch<T, A> sqrt(xsimd::batch<T, A> x) {
#    if defined(__aarch64__) && defined(__ARM_NEON)
    // xsimd 8 approximates, as 32-bit processors must.
    if constexpr (std::same_as<T, float> && sizeof x == 16) return vsqrtq_f32(x);
#    endif
    return xsimd::sqrt(x);
}
template <class T, class A>
xsimd::batch<T, A> exp(xsimd::batch<T, A> x) {
    return detail::in_range(x, [](const auto& v) { return xsimd::exp(v); });
}
template <class T, class A>
xsimd::batch<T, A> expm1(xsimd::batch<T, A> x) {
    return detail::in_range(x, [](const auto& v) { return xsimd::expm1(v); });
}
template <class T, class A>
xsimd::batch<T, A> tanh(xsimd::batch<T, A> x) {
    return detail::in_range(x, [](const auto& v) { return xsimd::tanh(v); });
}

template <class T, class A>
xsimd::batch<T, A> max(xsimd::batch<T, A> a, xsimd::batch<T, A> b) {
    return xsimd::max(a, b);
}
template <class T, class A>
xsimd::batch<T, A> sign(xsimd::batch<T, A> x) {
    using V = xsimd::batch<T, A>;
    const V zero(T(0));
    return xsimd::select(x > zero, V(T(1)), xsimd::select(x < zero, V(T(-1)), x));
}
template <class T, class A>
xsimd::batch<T, A> flush_subnormal(xsimd::batch<T, A> x) {
    using V = xsimd::batch<T, A>;
    return xsimd::select(xsimd::abs(x) < V(std::numeric_limits<T>::min()), V(T(0)), x);
}
template <class T, class A>
xsimd::batch<T, A> fma(xsimd::batch<T, A> a, xsimd::batch<T, A> b, xsimd::batch<T, A> c) {
#    if defined(__AVX512F__)
    // xsimd 8 has no fused instruction for these packs, but a product and a sum, which g++ fuses and clang doesn't.
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
T reduce_max(xsimd::batch<T, A> x) {
#    if defined(__AVX512F__)
    if constexpr (sizeof x == 64 && std::same_as<T, float>) return _mm512_reduce_max_ps(x);
    if constexpr (sizeof x == 64 && std::same_as<T, double>) return _mm512_reduce_max_pd(x);
#    endif
    alignas(64) T lanes[xsimd::batch<T, A>::size];
    x.store_aligned(lanes);
    return *std::max_element(std::begin(lanes), std::end(lanes));
}
template <class T, class A>
T reduce_add(xsimd::batch<T, A> x) {
#    if XSIMD_VERSION_MAJOR < 9
    return xsimd::hadd(x);
#    else
    return xsimd::reduce_add(x);
#    endif
}
#endif

/// Returns V with f applied to each of its numbers, one by one, for functions that take no packs.
template <class V, class F>
V each(V v, F f) {
    using T = Element<V>;
    alignas(64) T lanes[sizeof(V) / sizeof(T)];
    std::memcpy(lanes, &v, sizeof(V));
    for (T& lane : lanes) lane = f(lane);
    std::memcpy(&v, lanes, sizeof(V));
    return v;
}

/// Loads the first `count` <= width numbers of a pack and sets the others to `rest`. Reads only these numbers.
template <Real T>
Pack<T> load_partial(const T* from, std::size_t count, T rest = 0) {
#if TYPENET_USE_XSIMD && defined(__AVX512F__)
    const Pack<T> others(rest);
    if constexpr (std::same_as<T, float>) {
        return _mm512_mask_loadu_ps(others, detail::lanes_below<__mmask16>(count), from);
    } else {
        return _mm512_mask_loadu_pd(others, detail::lanes_below<__mmask8>(count), from);
    }
#else
    alignas(64) T lanes[width<T>];
    std::fill_n(lanes, width<T>, rest);
    std::copy_n(from, count, lanes);
    return load<T>(lanes);
#endif
}

/// Stores the first `count` <= width numbers of a pack.
template <Real T>
void store_partial(T* to, Pack<T> pack, std::size_t count) {
#if TYPENET_USE_XSIMD && defined(__AVX512F__)
    if constexpr (std::same_as<T, float>) _mm512_mask_storeu_ps(to, detail::lanes_below<__mmask16>(count), pack);
    if constexpr (std::same_as<T, double>) _mm512_mask_storeu_pd(to, detail::lanes_below<__mmask8>(count), pack);
#else
    alignas(64) T lanes[width<T>];
    store<T>(lanes, pack);
    std::copy_n(lanes, count, to);
#endif
}

/// Returns a word whose bit i is set where from[i] is not zero, for i < count <= 64; a NaN is not zero. Reads only
/// these numbers.
template <Real T>
std::uint64_t nonzero_word(const T* from, std::size_t count) {
    constexpr std::size_t w = width<T>;
    constexpr std::size_t packs = 64 / w;
    const auto pack = [&](std::size_t i) {
        const std::size_t first = i * w;
        if (first + w <= count) return load<T>(from + first);
        return first < count ? load_partial<T>(from + first, count - first) : Pack<T>(T(0));
    };
#if TYPENET_USE_XSIMD && defined(__AVX512BW__)
    // The masks are joined as masks: g++ 12 may leave garbage above a mask that it converts to a 64-bit number.
    if constexpr (packs == 4 && std::same_as<T, float>) {
        const auto mask = [&](std::size_t i) { return _mm512_cmp_ps_mask(pack(i), _mm512_setzero_ps(), _CMP_NEQ_UQ); };
        return _mm512_kunpackd(_mm512_kunpackw(mask(3), mask(2)), _mm512_kunpackw(mask(1), mask(0)));
    }
    if constexpr (packs == 8 && std::same_as<T, double>) {
        const auto mask = [&](std::size_t i) { return _mm512_cmp_pd_mask(pack(i), _mm512_setzero_pd(), _CMP_NEQ_UQ); };
        const auto pair = [&](std::size_t i) { return _mm512_kunpackb(mask(i + 1), mask(i)); };
        return _mm512_kunpackd(_mm512_kunpackw(pair(6), pair(4)), _mm512_kunpackw(pair(2), pair(0)));
    }
#endif
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < packs; ++i) {
#if TYPENET_USE_XSIMD && defined(__AVX__) && !defined(__AVX512F__)
        std::uint64_t lanes = 0;
        if constexpr (std::same_as<T, float>) {
            lanes = static_cast<unsigned>(_mm256_movemask_ps(_mm256_cmp_ps(pack(i), _mm256_setzero_ps(), _CMP_NEQ_UQ)));
        } else {
            lanes = static_cast<unsigned>(_mm256_movemask_pd(_mm256_cmp_pd(pack(i), _mm256_setzero_pd(), _CMP_NEQ_UQ)));
        }
        word |= lanes << (i * w);
#else
        alignas(64) T lanes[w];
        store<T>(lanes, pack(i));
        for (std::size_t k = 0; k < w; ++k) word |= std::uint64_t{lanes[k] != 0} << (i * w + k);
#endif
    }
    return word;
}

/// Interleaves the lanes of a and b: of a0 b0 a1 b1 ..., writes the first half to `low`, the second half to `high`.
template <Real T>
void interleave(Pack<T> a, Pack<T> b, Pack<T>& low, Pack<T>& high) {
#if TYPENET_USE_XSIMD && defined(__AVX512F__)
    constexpr std::size_t w = width<T>;
    if constexpr (std::same_as<T, float>) {
        const __m512i from = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        low = _mm512_permutex2var_ps(a, from, b);
        high = _mm512_permutex2var_ps(a, _mm512_add_epi32(from, _mm512_set1_epi32(w / 2)), b);
    } else {
        const __m512i from = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
        low = _mm512_permutex2var_pd(a, from, b);
        high = _mm512_permutex2var_pd(a, _mm512_add_epi64(from, _mm512_set1_epi64(w / 2)), b);
    }
#elif TYPENET_USE_XSIMD && defined(__AVX__)
    // xsimd 8 interleaves each half of these packs by itself.
    if constexpr (std::same_as<T, float>) {
        const __m256 first = _mm256_unpacklo_ps(a, b);
        const __m256 second = _mm256_unpackhi_ps(a, b);
        low = _mm256_permute2f128_ps(first, second, 0x20);
        high = _mm256_permute2f128_ps(first, second, 0x31);
    } else {
        const __m256d first = _mm256_unpacklo_pd(a, b);
        const __m256d second = _mm256_unpackhi_pd(a, b);
        low = _mm256_permute2f128_pd(first, second, 0x20);
        high = _mm256_permute2f128_pd(first, second, 0x31);
    }
#elif TYPENET_USE_XSIMD
    if constexpr (detail::has_vectors<T>) {
        low = xsimd::zip_lo(a, b);
        high = xsimd::zip_hi(a, b);
    } else {
        low = a;
        high = b;
    }
#else
    low = a;
    high = b;
#endif
}

/// As many 32-bit whole numbers as a pack of floats has numbers.
#if TYPENET_USE_XSIMD
using IntPack = xsimd::batch<std::int32_t>;
static_assert(IntPack::size == width<float>);
#else
using IntPack = std::int32_t;
#endif

/// Returns whole numbers as floats, rounded to the nearest where they have more than 24 bits.
inline Pack<float> to_float(IntPack whole) {
#if TYPENET_USE_XSIMD
    return xsimd::to_float(whole);
#else
    return static_cast<float>(whole);
#endif
}

/// Adds four products to each number of `sum`: to number n, those of the four bytes of `quad`, which count from 0 to
/// 255, and the four weights from w[4 n] on. The sums are exact on every processor.
inline IntPack add_products(IntPack sum, const std::int8_t* w, std::uint32_t quad) {
#if TYPENET_USE_XSIMD && defined(__AVX512BW__)
    const __m512i weights = _mm512_loadu_si512(w);
    const __m512i bytes = _mm512_set1_epi32(static_cast<int>(quad));
#    if defined(__AVX512VNNI__)
    return _mm512_dpbusd_epi32(sum, bytes, weights);
#    else
    // Products of 16-bit numbers: of the bytes at even places, then of those at odd ones. Instructions that multiply
    // bytes would cut off sums of two products.
    const __m512i even = _mm512_srai_epi16(_mm512_slli_epi16(weights, 8), 8);
    const __m512i odd = _mm512_srai_epi16(weights, 8);
    const __m512i low = _mm512_set1_epi16(255);
    const __m512i products = _mm512_add_epi32(_mm512_madd_epi16(even, _mm512_and_si512(bytes, low)),
                                              _mm512_madd_epi16(odd, _mm512_srli_epi16(bytes, 8)));
    return _mm512_add_epi32(sum, products);
#    endif
#elif TYPENET_USE_XSIMD && defined(__AVX2__) && !defined(__AVX512F__)
    const __m256i weights = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w));
    const __m256i bytes = _mm256_set1_epi32(static_cast<int>(quad));
#    if defined(__AVXVNNI__)
    return _mm256_dpbusd_avx_epi32(sum, bytes, weights);
#    else
    const __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(weights, 8), 8);
    const __m256i odd = _mm256_srai_epi16(weights, 8);
    const __m256i low = _mm256_set1_epi16(255);
    const __m256i products = _mm256_add_epi32(_mm256_madd_epi16(even, _mm256_and_si256(bytes, low)),
                                              _mm256_madd_epi16(odd, _mm256_srli_epi16(bytes, 8)));
    return _mm256_add_epi32(sum, products);
#    endif
#elif TYPENET_USE_XSIMD && defined(__SSE2__) && !defined(__AVX__)
    const __m128i weights = _mm_loadu_si128(reinterpret_cast<const __m128i*>(w));
    const __m128i bytes = _mm_set1_epi32(static_cast<int>(quad));
    const __m128i even = _mm_srai_epi16(_mm_slli_epi16(weights, 8), 8);
    const __m128i odd = _mm_srai_epi16(weights, 8);
    const __m128i low = _mm_set1_epi16(255);
    const __m128i products =
        _mm_add_epi32(_mm_madd_epi16(even, _mm_and_si128(bytes, low)), _mm_madd_epi16(odd, _mm_srli_epi16(bytes, 8)));
    return _mm_add_epi32(sum, products);
#elif TYPENET_USE_XSIMD && defined(__aarch64__) && defined(__ARM_NEON)
    const int8x16_t weights = vld1q_s8(w);
    const uint8x16_t bytes = vreinterpretq_u8_u32(vdupq_n_u32(quad));
#    if defined(__ARM_FEATURE_MATMUL_INT8)
    return vusdotq_s32(sum, bytes, weights);
#    elif defined(__ARM_FEATURE_DOTPROD)
    // The instruction multiplies signed bytes, so a byte goes in as twice its half, and its lowest bit.
    const int8x16_t half = vreinterpretq_s8_u8(vshrq_n_u8(bytes, 1));
    const int8x16_t lowest = vreinterpretq_s8_u8(vandq_u8(bytes, vdupq_n_u8(1)));
    const int32x4_t halves = vdotq_s32(vdupq_n_s32(0), weights, half);
    return vaddq_s32(vdotq_s32(sum, weights, lowest), vshlq_n_s32(halves, 1));
#    else
    const int16x8_t wide = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes)));
    const int32x4_t first = vpaddlq_s16(vmulq_s16(vmovl_s8(vget_low_s8(weights)), wide));
    const int32x4_t second = vpaddlq_s16(vmulq_s16(vmovl_s8(vget_high_s8(weights)), wide));
    return vaddq_s32(sum, vpaddq_s32(first, second));
#    endif
#else
    std::int32_t lanes[width<float>];
    std::memcpy(lanes, &sum, sizeof lanes);
    for (std::int32_t& lane : lanes) {
        for (unsigned i = 0; i < 4; ++i) lane += static_cast<std::int32_t>(quad >> (8 * i) & 255U) * *w++;
    }
    std::memcpy(&sum, lanes, sizeof lanes);
    return sum;
#endif
}

/// Writes one byte for each number of a pack, none of which may be below 0: its whole part, or 255 where that is more.
/// What a NaN becomes differs between processors.
inline void store_bytes(std::uint8_t* to, Pack<float> pack) {
#if TYPENET_USE_XSIMD && defined(__AVX512F__)
    // Numbers that don't fit into 32 bits become 2^31, which is more than 255 as well.
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtusepi32_epi8(_mm512_cvttps_epi32(pack)));
#elif TYPENET_USE_XSIMD && defined(__AVX2__)
    const __m256i whole = _mm256_cvttps_epi32(_mm256_min_ps(pack, _mm256_set1_ps(255)));
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(whole), _mm256_extracti128_si256(whole, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(words, words));
#elif TYPENET_USE_XSIMD && defined(__SSE2__) && !defined(__AVX__)
    const __m128i words = _mm_packs_epi32(_mm_cvttps_epi32(_mm_min_ps(pack, _mm_set1_ps(255))), _mm_setzero_si128());
    const int bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
    std::memcpy(to, &bytes, sizeof bytes);
#else
    alignas(64) float lanes[width<float>];
    store<float>(lanes, pack);
    for (std::size_t i = 0; i < width<float>; ++i) to[i] = static_cast<std::uint8_t>(lanes[i] < 255 ? lanes[i] : 255);
#endif
}

/// Returns a word whose bit i is set where one of the four bytes of quad i is not 0, for i < count <= 64. Reads whole
/// packs.
inline std::uint64_t nonzero_quads(const std::uint8_t* from, std::size_t count) {
    std::uint64_t word = 0;
#if TYPENET_USE_XSIMD && defined(__AVX512F__)
    for (std::size_t i = 0; i < count; i += 16) {
        const __m512i quads = _mm512_loadu_si512(from + 4 * i);
        word |= static_cast<std::uint64_t>(_mm512_test_epi32_mask(quads, quads)) << i;
    }
#elif TYPENET_USE_XSIMD && defined(__AVX2__)
    for (std::size_t i = 0; i < count; i += 8) {
        const __m256i quads = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from + 4 * i));
        const __m256i zeros = _mm256_cmpeq_epi32(quads, _mm256_setzero_si256());
        word |= std::uint64_t{255U ^ static_cast<unsigned>(_mm256_movemask_ps(_mm256_castsi256_ps(zeros)))} << i;
    }
#else
    for (std::size_t i = 0; i < count; ++i) {
        std::uint32_t quad = 0;
        std::memcpy(&quad, from + 4 * i, sizeof quad);
        word |= std::uint64_t{quad != 0} << i;
    }
#endif
    return word;
}

/// Asks the processor to bring the cache line at `address` near. Any address is allowed; results don't change.
inline void prefetch(const void* address) {
#if defined(__GNUC__)
    __builtin_prefetch(address);
    asm volatile("");  // without it, g++ removes calls of a function that only prefetches
#endif
}

}  // namespace TYPENET::simd

#if defined(__GNUC__) && !defined(__clang__)
#    pragma GCC diagnostic pop
#endif
