#pragma once

/// The library's namespace, which each header opens by a macro: `namespace TYPENET {` is `namespace typenet {`, and
/// where the compiler may use more than every processor of its kind has, `namespace typenet::inline isa_<letters> {`,
/// with a letter for each group of instruction sets that processors have together. Of functions with one name a linker
/// keeps any copy. So where files are compiled for different processors, their functions need different names:
/// otherwise a file may get a function of another, with instructions that the processor doesn't have. Programs write
/// typenet:: as ever. docs/robustness.md says what else such a program needs.
#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64) || defined(_M_IX86)
#    if defined(__AVX512F__)
#        define TYPENET_ISA_VECTORS 5
#    elif defined(__AVX2__)
#        define TYPENET_ISA_VECTORS 2
#    elif defined(__AVX__)
#        define TYPENET_ISA_VECTORS 1
#    elif defined(__SSE4_2__)
#        define TYPENET_ISA_VECTORS s
#    elif defined(__SSSE3__)
#        define TYPENET_ISA_VECTORS r
#    elif defined(__SSE3__)
#        define TYPENET_ISA_VECTORS q
#    endif
#    if defined(__FMA__)
#        define TYPENET_ISA_FMA f
#    endif
#    if defined(__BMI2__)
#        define TYPENET_ISA_BITS b
#    endif
#    if defined(__AVX512BW__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#        define TYPENET_ISA_WORDS w
#    endif
#    if defined(__AVX512VNNI__)
#        define TYPENET_ISA_PRODUCTS n
#    elif defined(__AVXVNNI__)
#        define TYPENET_ISA_PRODUCTS v
#    endif
#    if defined(__AVX512FP16__)
#        define TYPENET_ISA_MORE p
#    elif defined(__AVX512VBMI__)
#        define TYPENET_ISA_MORE x
#    endif
#elif defined(__ARM_ARCH)
#    if defined(__ARM_FEATURE_SVE)
#        define TYPENET_ISA_VECTORS s
#    elif defined(__ARM_NEON) && !defined(__aarch64__)
#        define TYPENET_ISA_VECTORS e
#    endif
#    if defined(__ARM_FEATURE_FMA) && !defined(__aarch64__)
#        define TYPENET_ISA_FMA f
#    endif
#    if defined(__ARM_FEATURE_MATMUL_INT8)
#        define TYPENET_ISA_PRODUCTS i
#    elif defined(__ARM_FEATURE_DOTPROD)
#        define TYPENET_ISA_PRODUCTS d
#    endif
#endif

#if defined(TYPENET_ISA_VECTORS) || defined(TYPENET_ISA_FMA) || defined(TYPENET_ISA_BITS) || \
    defined(TYPENET_ISA_WORDS) || defined(TYPENET_ISA_PRODUCTS) || defined(TYPENET_ISA_MORE)
#    if !defined(TYPENET_ISA_VECTORS)
#        define TYPENET_ISA_VECTORS
#    endif
#    if !defined(TYPENET_ISA_FMA)
#        define TYPENET_ISA_FMA
#    endif
#    if !defined(TYPENET_ISA_BITS)
#        define TYPENET_ISA_BITS
#    endif
#    if !defined(TYPENET_ISA_WORDS)
#        define TYPENET_ISA_WORDS
#    endif
#    if !defined(TYPENET_ISA_PRODUCTS)
#        define TYPENET_ISA_PRODUCTS
#    endif
#    if !defined(TYPENET_ISA_MORE)
#        define TYPENET_ISA_MORE
#    endif
#    define TYPENET_ISA_JOIN(a, b, c, d, e, f) isa_##a##b##c##d##e##f
#    define TYPENET_ISA_EXPAND(a, b, c, d, e, f) TYPENET_ISA_JOIN(a, b, c, d, e, f)
#    define TYPENET                                                                                                   \
        typenet::inline TYPENET_ISA_EXPAND(TYPENET_ISA_VECTORS, TYPENET_ISA_FMA, TYPENET_ISA_BITS, TYPENET_ISA_WORDS, \
                                           TYPENET_ISA_PRODUCTS, TYPENET_ISA_MORE)
#else
#    define TYPENET typenet
#endif
