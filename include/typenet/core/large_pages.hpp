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
    constexpr std::uintptr_t small_page = 4096;
    constexpr std::uintptr_t worth_it = std::uintptr_t{4} << 20;
    const auto address = [&](std::size_t index) { return reinterpret_cast<std::uintptr_t>(values.data() + index); };
    const std::uintptr_t begin = (address(values.size()) + small_page - 1) / small_page * small_page;
    const std::uintptr_t end = address(values.capacity()) / small_page * small_page;
    if (end < begin + worth_it) return;
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);  // advice: nothing depends on it
#endif
}

}  // namespace typenet
