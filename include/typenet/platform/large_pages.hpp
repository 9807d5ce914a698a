#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <typenet/core/namespace.hpp>

#if __has_include(<sys/mman.h>)
#    include <sys/mman.h>
#endif

namespace TYPENET {

/// Calls values.reserve(count) and asks the system for large pages in the memory that is not used yet, where it has
/// them. Datasets use it: reading rows in random order is slower with small pages, whose addresses the processor must
/// look up, and so is filling memory for the first time, when the system provides page by page.
template <class T>
void reserve_in_large_pages(std::vector<T>& values, std::size_t count) {
    values.reserve(count);
#if defined(MADV_HUGEPAGE)
    constexpr std::size_t small_page = 4096;
    constexpr std::size_t worth_it = std::size_t{4} << 20;
    auto* const memory = reinterpret_cast<char*>(values.data());
    const auto past_page = [&](std::size_t bytes) {  // the distance of byte `bytes` from the beginning of its page
        return (reinterpret_cast<std::uintptr_t>(memory) + bytes) % small_page;
    };
    const std::size_t used = values.size() * sizeof(T);
    const std::size_t all = values.capacity() * sizeof(T);
    if (all < used + worth_it) return;
    const std::size_t begin = used + small_page - past_page(used);
    ::madvise(memory + begin, all - past_page(all) - begin, MADV_HUGEPAGE);  // advice that the system may ignore
#endif
}

}  // namespace TYPENET
