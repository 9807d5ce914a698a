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

/// Returns the file descriptor of std::cout, std::clog or std::cerr, and -1 for any other stream.
inline int descriptor_of(const std::ostream& stream) {
    if (&stream == &std::cout) return 1;
    return &stream == &std::clog || &stream == &std::cerr ? 2 : -1;
}

/// Returns whether a stream writes to a terminal.
inline bool is_terminal(const std::ostream& stream) {
    const int descriptor = descriptor_of(stream);
#if defined(_WIN32)
    return descriptor >= 0 && ::_isatty(descriptor) != 0;
#else
    return descriptor >= 0 && ::isatty(descriptor) == 1;
#endif
}

/// Returns whether a stream writes to a terminal that can erase a line and draw it again. One whose TERM is "dumb", or
/// not set, can't.
inline bool can_redraw(const std::ostream& stream) {
#if !defined(_WIN32)
    const char* const kind = std::getenv("TERM");
    if (kind == nullptr || std::string_view(kind) == "dumb") return false;
#endif
    return is_terminal(stream);
}

/// Returns how many columns the terminal of a stream has at the moment; 80 where that is unknown, as on Windows.
inline std::size_t terminal_width([[maybe_unused]] const std::ostream& stream) {
#if !defined(_WIN32) && defined(TIOCGWINSZ)
    struct ::winsize size {};
    if (::ioctl(descriptor_of(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
#endif
    return 80;
}

}  // namespace TYPENET::detail
