#pragma once

#include <iostream>
#include <ostream>

#if __has_include(<unistd.h>)
#    include <unistd.h>
#endif

namespace typenet::detail {

/// Returns whether a stream is std::cout, std::clog or std::cerr and writes to a terminal.
inline bool is_terminal(const std::ostream& stream) {
#if __has_include(<unistd.h>)
    if (&stream == &std::cout) return isatty(STDOUT_FILENO) == 1;
    if (&stream == &std::clog || &stream == &std::cerr) return isatty(STDERR_FILENO) == 1;
#endif
    (void)stream;
    return false;
}

}  // namespace typenet::detail
