#pragma once

// Stops a compiler for C++17 or earlier with one sentence. Headers that include no other header of the library include
// this one first, so that every header reaches it before it uses C++20. A file that can't be found ends the compilation
// at once; after #error, g++ would go on and print thousands of lines.
#if __cplusplus <= 201703L
#    include "typenet needs C++20: compile with -std=c++20, or set CXX_STANDARD to 20 in CMake"
#endif
