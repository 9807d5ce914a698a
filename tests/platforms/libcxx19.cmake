# The newest standard library of LLVM. Its packages and those of libc++ 14 exclude each other, so run.sh unpacks them.
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_CXX_STANDARD 23)
set(libcxx ${CMAKE_CURRENT_LIST_DIR}/../../build/platforms/libcxx19/unpacked/usr/lib/llvm-19)
set(CMAKE_CXX_FLAGS_INIT "-nostdinc++ -isystem ${libcxx}/include/c++/v1")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib++ -L${libcxx}/lib")
set(CMAKE_CXX_STANDARD_LIBRARIES "-l:libc++.a -l:libc++abi.a")
