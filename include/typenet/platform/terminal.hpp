#pragma once

#include <iostream>
#include <ostream>

#include <typenet/core/namespace.hpp>

#if defined(_WIN32)
#    include <io.h>
#else
#    include <unistd.h>
#endif

namespace TYPENET::detail {

/// Returns whether a stream is std::cout, std::clog or std::cerr and writes to a terminal.
inline bool is_terminal(const std::ostream& stream) {
    const auto leads_to_terminal = [](int descriptor) {
#if defined(_WIN32)
        return ::_isatty(descriptor) != 0;
#else
        return ::isatty(descriptor) == 1;
#endif
    };
    if (&stream == &std::cout) return leads_to_terminal(1);
    return (&stream == &std::clog || &stream == &std::cerr) && leads_to_terminal(2);
}

}  // namespace TYPENET::detail
