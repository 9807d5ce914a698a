# typenet_program_options(TARGET) sets the warnings, processor and sanitizers for one of the project's own programs.

if(PROJECT_IS_TOP_LEVEL)
    set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endif()

function(typenet_program_options target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor
                                             -Wold-style-cast -Wcast-align -Wunused $<$<BOOL:${TYPENET_WERROR}>:-Werror>
                                             $<$<BOOL:${TYPENET_NATIVE}>:-march=native>)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        # GCC warns of undefined values in its own AVX-512 header (GCC bug 105593). kernels/simd.hpp silences these
        # warnings, but that has no effect in precompiled headers. It also takes sums of std::string for copies out of
        # bounds or onto themselves (GCC bug 105651).
        target_compile_options(${target} PRIVATE -Wno-uninitialized -Wno-maybe-uninitialized -Wno-array-bounds
                                                 -Wno-restrict -Wno-stringop-overflow)
    endif()
    if(TYPENET_SANITIZE)
        target_compile_options(${target} PRIVATE -fsanitize=${TYPENET_SANITIZE} -fno-sanitize-recover=all
                                                 -fno-omit-frame-pointer)
        target_link_options(${target} PRIVATE -fsanitize=${TYPENET_SANITIZE})
    endif()
    set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
