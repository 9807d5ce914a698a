#pragma once

#if defined(__linux__)

#    include <cstddef>

#    include <sys/resource.h>
#    include <sys/wait.h>
#    include <unistd.h>

namespace support {

/// Whether freed memory goes back to the system at once. That of clang's and g++'s address sanitizers doesn't.
#    if defined(__SANITIZE_ADDRESS__)
inline constexpr bool gives_memory_back = false;
#    elif defined(__has_feature)
inline constexpr bool gives_memory_back = !__has_feature(address_sanitizer);
#    else
inline constexpr bool gives_memory_back = true;
#    endif

/// Returns whether `function` returns true and memory grows by less than `bytes` meanwhile. It runs in a child process,
/// whose peak starts at its present size.
template <class Function>
bool runs_within(std::size_t bytes, const Function& function) {
    const ::pid_t child = ::fork();
    if (child == 0) {
        const auto peak = [] {
            ::rusage usage{};
            ::getrusage(RUSAGE_SELF, &usage);
            return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
        };
        const std::size_t before = peak();
        const bool is_right = function();
        ::_exit(is_right && peak() - before < bytes ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status == 0;
}

}  // namespace support

#endif
