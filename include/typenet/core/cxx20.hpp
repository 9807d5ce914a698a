#pragma once

// Stops a compiler for C++17 or earlier with one sentence. A header that uses C++20, and includes no other
// header of the library that includes this one, includes it first. A file that can't be found ends the compilation
// at once; after #error, g++ would go on and print thousands of lines.
#if __cplusplus <= 201703L
#    include "typenet needs C++20: compile with -std=c++20, or set CXX_STANDARD to 20 in CMake"
#endif
