set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_STANDARD 23)
# libstdc++ 12 calls a function that it deprecates.
set(CMAKE_CXX_FLAGS_INIT "-Wno-deprecated-declarations")
