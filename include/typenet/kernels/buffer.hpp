#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/simd.hpp>

namespace TYPENET {

/// An array of numbers on the heap: 0 at first, aligned to 64 bytes, and followed by simd::slack zeros that kernels may
/// read. The Buffer owns its memory: copies are deep. A buffer made without a size, or moved from, has no memory, and
/// neither have its copies. Allocation throws std::bad_alloc.
template <class T>
requires std::is_arithmetic_v<T>
class Buffer {
public:
    Buffer() = default;
    explicit Buffer(std::size_t size) : memory_(allocate(size)), size_(size) {}

    Buffer(const Buffer& other) {
        if (other.data() == nullptr) return;
        *this = Buffer(other.size_);
        std::copy_n(other.data(), size_, data());
    }
    Buffer(Buffer&& other) noexcept : memory_(std::move(other.memory_)), size_(std::exchange(other.size_, 0)) {}
    Buffer& operator=(Buffer other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~Buffer() = default;

    [[nodiscard]] T* data() noexcept { return memory_.get(); }
    [[nodiscard]] const T* data() const noexcept { return memory_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    static constexpr std::align_val_t alignment{64};

    struct Free {
        void operator()(T* memory) const noexcept { ::operator delete(memory, alignment); }
    };
    using Memory = std::unique_ptr<T[], Free>;

    static Memory allocate(std::size_t size) {
        if (size > std::numeric_limits<std::size_t>::max() / sizeof(T) - simd::slack) throw std::bad_array_new_length();
        const std::size_t padded = size + simd::slack;
        auto* memory = static_cast<T*>(::operator new(padded * sizeof(T), alignment));
        std::uninitialized_fill_n(memory, padded, T{0});
        return Memory(memory);
    }

    Memory memory_;
    std::size_t size_ = 0;
};

/// Memory for N numbers that aren't set, aligned to 64 bytes: on the stack, or on the heap where they take more than
/// detail::largest_on_stack bytes.
template <class T, std::size_t N, bool OnStack = detail::fits_on_stack<T, N>>
requires std::is_arithmetic_v<T>
class Scratch {
public:
    [[nodiscard]] T* data() noexcept { return numbers_.data(); }

private:
    alignas(64) std::array<T, N> numbers_;
};
template <class T, std::size_t N>
class Scratch<T, N, false> {
public:
    [[nodiscard]] T* data() noexcept { return numbers_.data(); }

private:
    Buffer<T> numbers_{N};
};

}  // namespace TYPENET
