#pragma once

#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <ostream>
#include <string_view>

#include <typenet/core/namespace.hpp>

#if defined(_WIN32)
#    include <io.h>
#else
#    include <sys/ioctl.h>
#    include <unistd.h>
#endif

namespace TYPENET::detail {

/// Returns the descriptor of std::cout, std::clog and std::cerr where they write to a terminal, and -1 for all else.
inline int terminal_descriptor(const std::ostream& stream) {
    const int descriptor = &stream == &std::cout ? 1 : &stream == &std::clog || &stream == &std::cerr ? 2 : -1;
    if (descriptor < 0) return -1;
#if defined(_WIN32)
    return ::_isatty(descriptor) != 0 ? descriptor : -1;
#else
    return ::isatty(descriptor) == 1 ? descriptor : -1;
#endif
}

/// Returns whether a line that a stream has shown can be erased and drawn again: on terminals, unless they are "dumb".
inline bool can_redraw(const std::ostream& stream) {
    const char* const kind = std::getenv("TERM");
    return terminal_descriptor(stream) >= 0 && (kind == nullptr || std::string_view(kind) != "dumb");
}

/// Returns how many columns the terminal of a stream has at this moment, and 80 where nobody knows.
inline std::size_t terminal_columns([[maybe_unused]] const std::ostream& stream) {
#if !defined(_WIN32)
    winsize size{};
    const int descriptor = terminal_descriptor(stream);
    if (descriptor >= 0 && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
#endif
    return 80;
}

}  // namespace TYPENET::detail
