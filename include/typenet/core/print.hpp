#pragma once

// Lets std::ostream take the arrays that the library returns: std::cout << net.predict(x). The umbrella header includes
// it; a file that includes single headers and prints arrays needs it too.
#include <exception>  // before xtensor: xtl 0.7 names std::terminate, but doesn't include this

#include <typenet/core/compiler.hpp>  // before xtensor, which can't be compiled with macros min and max

#if __has_include(<xtensor/io/xio.hpp>)
#    include <xtensor/io/xio.hpp>
#else
#    include <xtensor/xio.hpp>
#endif
