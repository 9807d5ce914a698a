#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#if __has_include(<sys/mman.h>)
#    include <sys/mman.h>
#endif

namespace typenet {

/// values.reserve(count), and asks the system, where it has them, for large pages for what is not used yet. Of memory
/// that is read in random order, or written once from its beginning to its end, small pages cost a part of the time:
/// looking up their places, and getting them one by one.
template <class T>
void reserve_in_large_pages(std::vector<T>& values, std::size_t count) {
    values.reserve(count);
#if defined(MADV_HUGEPAGE)
    constexpr std::size_t small_page = 4096;
    constexpr std::size_t worth_it = std::size_t{4} << 20;
    auto* const memory = reinterpret_cast<char*>(values.data());
    const auto past_page = [&](std::size_t bytes) {  // how far it is from the last page's beginning to there
        return (reinterpret_cast<std::uintptr_t>(memory) + bytes) % small_page;
    };
    const std::size_t used = values.size() * sizeof(T);
    const std::size_t all = values.capacity() * sizeof(T);
    if (all < used + worth_it) return;
    const std::size_t begin = used + small_page - past_page(used);
    ::madvise(memory + begin, all - past_page(all) - begin, MADV_HUGEPAGE);  // advice: nothing depends on it
#endif
}

}  // namespace typenet
