#pragma once

// Sanitizers need far more of the stack.
#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#    define TYPENET_HAS_SMALL_STACK 1
#else
#    define TYPENET_HAS_SMALL_STACK 0
#endif
#if defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        undef TYPENET_HAS_SMALL_STACK
#        define TYPENET_HAS_SMALL_STACK 0
#    endif
#endif

#if TYPENET_HAS_SMALL_STACK

#    include <cstddef>
#    include <exception>

#    include <pthread.h>
#    include <sys/wait.h>
#    include <unistd.h>

namespace support {

/// Returns whether `function` returns true on a thread whose stack has 128 KiB. It runs in a child process, which an
/// overflow ends.
template <class Function>
bool runs_on_small_stack(const Function& function) {
    const ::pid_t child = ::fork();
    if (child == 0) {
        const auto run = [](void* argument) -> void* {
            try {
                ::_exit((*static_cast<const Function*>(argument))() ? 0 : 1);
            } catch (const std::exception&) {
                ::_exit(1);
            }
        };
        ::pthread_attr_t attributes;
        ::pthread_t thread{};
        ::pthread_attr_init(&attributes);
        if (::pthread_attr_setstacksize(&attributes, 128 * 1024) == 0) {
            ::pthread_create(&thread, &attributes, run, const_cast<Function*>(&function));
            ::pthread_join(thread, nullptr);
        }
        ::_exit(1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status == 0;
}

}  // namespace support

#endif
