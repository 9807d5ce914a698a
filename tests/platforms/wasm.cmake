include(/usr/share/emscripten/cmake/Modules/Platform/Emscripten.cmake)
set(CMAKE_CXX_FLAGS_INIT "-fexceptions")
# Node's files and, as its fetch takes no path of a file, a module that is compiled before the program begins.
set(CMAKE_EXE_LINKER_FLAGS_INIT "-sALLOW_MEMORY_GROWTH -sNODERAWFS -sWASM_ASYNC_COMPILATION=0")
