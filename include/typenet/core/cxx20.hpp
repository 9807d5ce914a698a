#pragma once

// Stops a compiler that can't compile the library, or not as it promises, with one sentence. A header that uses C++20,
// and includes no other header of the library that includes this one, includes it first. A file that can't be found
// ends the compilation at once; after #error, g++ would go on and print thousands of lines.
#if __cplusplus <= 201703L
#    if defined(_MSC_VER)
#        include "typenet needs C++20: compile with /std:c++20 /Zc:__cplusplus"
#    else
#        include "typenet needs C++20: compile with -std=c++20, or set CXX_STANDARD to 20 in CMake"
#    endif
#elif !defined(__cpp_exceptions)
#    include "typenet reports errors as exceptions: compile without -fno-exceptions"
#elif defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ == 2
// Numbers that are wider in registers than in memory are rounded wherever the compiler stores one.
#    include "typenet needs float and double that are computed as such: compile with -msse2 -mfpmath=sse"
#endif
