#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <support/allocations.hpp>

#if defined(_WIN32)
#    include <malloc.h>
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define COUNT_MALLOC 0
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define COUNT_MALLOC 0
#    endif
#endif
#if !defined(COUNT_MALLOC)
#    if defined(__GLIBC__)
#        define COUNT_MALLOC 1
#    else
#        define COUNT_MALLOC 0
#    endif
#endif

namespace {
std::atomic<std::size_t> count{0};
std::atomic<long long> left{0};  // the allocation that makes it 0 fails

/// Counts an allocation; returns whether it must fail. Sets errno then, as malloc does: the C library relies on it.
bool must_fail() noexcept {
    count.fetch_add(1, std::memory_order_relaxed);
    const bool fails = left.fetch_sub(1, std::memory_order_relaxed) == 1;
    if (fails) errno = ENOMEM;
    return fails;
}

void* checked(void* memory) {
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

#if defined(_WIN32)
void* allocate_aligned(std::size_t alignment, std::size_t size) { return ::_aligned_malloc(size, alignment); }
void free_aligned(void* memory) noexcept { ::_aligned_free(memory); }
#else
void* allocate_aligned(std::size_t alignment, std::size_t size) {
    return std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
}
void free_aligned(void* memory) noexcept { std::free(memory); }
#endif
}  // namespace

std::size_t support::allocation_count() noexcept { return count.load(std::memory_order_relaxed); }

support::FailingAllocation::FailingAllocation(std::size_t n) noexcept { left = static_cast<long long>(n); }
support::FailingAllocation::~FailingAllocation() { left = 0; }
bool support::FailingAllocation::has_failed() const noexcept { return left <= 0; }

void* operator new(std::size_t size) { return checked(must_fail() ? nullptr : std::malloc(size == 0 ? 1 : size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return checked(must_fail() ? nullptr : allocate_aligned(static_cast<std::size_t>(alignment), size));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return must_fail() ? nullptr : std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { free_aligned(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { free_aligned(memory); }

#if COUNT_MALLOC
// glibc's own allocator has these names: the functions below replace malloc, count, and call it.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) { return must_fail() ? nullptr : __libc_malloc(size); }
void* calloc(std::size_t items, std::size_t size) { return must_fail() ? nullptr : __libc_calloc(items, size); }
void* realloc(void* memory, std::size_t size) { return must_fail() ? nullptr : __libc_realloc(memory, size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) {
    return must_fail() ? nullptr : __libc_memalign(alignment, size);
}
}
#endif
