#pragma once

// What the library asks of a compiler. A header that uses C++20, or names such as std::min, and includes no other
// header of the library that includes this one, includes it first.

// Stops a compiler that can't compile the library, or not as it promises, with one sentence. A file that can't be found
// ends the compilation at once; after #error, g++ would go on and print thousands of lines. MSVC says in _MSVC_LANG
// what others say in __cplusplus.
#if (defined(_MSVC_LANG) ? _MSVC_LANG : __cplusplus) <= 201703L
#    include "typenet needs C++20: compile with -std=c++20, or set CXX_STANDARD to 20 in CMake"
#elif !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#    include "typenet reports errors as exceptions: compile without -fno-exceptions"
#elif defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ == 2
// Numbers that are wider in registers than in memory are rounded wherever the compiler stores one.
#    include "typenet needs float and double that are computed as such: compile with -msse2 -mfpmath=sse"
#endif

// <windows.h> makes macros of these names, unless NOMINMAX is defined. No header of the library or of xtensor and xsimd
// can be compiled with them. The standard library of g++ removes them as well.
#undef min
#undef max

// Whether the processor computes a b + c with one rounding, as xsimd's packs then do. MSVC has no macro for it, but no
// processor has AVX2 without it.
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA) || defined(__FP_FAST_FMAF) || \
    (defined(_MSC_VER) && defined(__AVX2__))
#    define TYPENET_HAS_FMA 1
#else
#    define TYPENET_HAS_FMA 0
#endif

// MSVC warns of pragmas and attributes of g++ and clang, which only make programs faster.
#if defined(_MSC_VER) && !defined(__clang__)
#    pragma warning(disable : 4068 5030)
#endif
