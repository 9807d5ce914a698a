#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <span>
#include <support/allocations.hpp>
#include <type_traits>
#include <utility>

#include <typenet/kernels/buffer.hpp>

using namespace typenet;

namespace {

/// Returns a buffer with the numbers 1, 2, ...
template <class T>
Buffer<T> counting(std::size_t size) {
    Buffer<T> buffer(size);
    for (std::size_t i = 0; i < size; ++i) buffer.data()[i] = static_cast<T>(i + 1);
    return buffer;
}

template <class T>
bool counts(const Buffer<T>& buffer, std::size_t size) {
    if (buffer.size() != size) return false;
    for (std::size_t i = 0; i < size; ++i) {
        if (buffer.data()[i] != static_cast<T>(i + 1)) return false;
    }
    return true;
}

template <class T>
bool all_zero(const T* data, std::size_t count) {
    return std::all_of(data, data + count, [](T value) { return value == 0; });
}

}  // namespace

TEST_SUITE("kernels/buffer") {
    TEST_CASE_TEMPLATE("its memory begins at a multiple of 64 bytes", T, float, double) {
        for (const std::size_t size : {0U, 1U, 3U, 17U, 100U, 100'000U}) {
            CAPTURE(size);
            const Buffer<T> buffer(size);
            CHECK(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64 == 0);
        }
    }

    TEST_CASE_TEMPLATE("its numbers and the slack behind them are 0 at first", T, float, double) {
        for (const std::size_t size : {0U, 1U, 17U, 1000U}) {
            CAPTURE(size);
            {  // freed memory with other contents is likely to be allocated again
                Buffer<T> dirty(size);
                std::fill_n(dirty.data(), size + simd::slack, T(7));
            }
            const Buffer<T> buffer(size);
            CHECK(buffer.size() == size);
            CHECK(all_zero(buffer.data(), size + simd::slack));
        }
    }

    TEST_CASE("a default buffer is empty") {
        const Buffer<float> buffer;
        CHECK(buffer.size() == 0);
        CHECK(buffer.data() == nullptr);
    }

    TEST_CASE_TEMPLATE("a copy has the same numbers in memory of its own", T, float, double) {
        Buffer<T> first = counting<T>(20);
        const Buffer<T> second = first;
        CHECK(second.data() != first.data());
        std::fill_n(first.data(), 20, T(-1));
        CHECK(counts(second, 20));
    }

    TEST_CASE("a copy has zeros as slack, also where the original's slack was overwritten") {
        Buffer<float> first = counting<float>(5);
        std::fill_n(first.data() + 5, simd::slack, -1.0F);
        const Buffer<float> second = first;
        CHECK(all_zero(second.data() + 5, simd::slack));
    }

    TEST_CASE("assignment copies and changes the size") {
        const Buffer<float> first = counting<float>(20);
        Buffer<float> second(3);
        second = first;
        CHECK(counts(second, 20));
        CHECK(counts(first, 20));
        CHECK(second.data() != first.data());
    }

    TEST_CASE("moving transfers the memory and leaves an empty buffer") {
        Buffer<float> first = counting<float>(20);
        const float* const memory = first.data();
        const Buffer<float> second = std::move(first);
        CHECK(second.data() == memory);
        CHECK(counts(second, 20));
        CHECK(first.size() == 0);
        CHECK(first.data() == nullptr);
    }

    TEST_CASE("move assignment transfers the memory and leaves an empty buffer") {
        Buffer<float> first = counting<float>(20);
        const float* const memory = first.data();
        Buffer<float> second(5);
        second = std::move(first);
        CHECK(second.data() == memory);
        CHECK(counts(second, 20));
        CHECK(first.size() == 0);
        CHECK(first.data() == nullptr);
    }

    TEST_CASE_TEMPLATE("a size whose bytes, with the slack, can't be counted is refused", T, float, double) {
        const std::size_t largest = std::numeric_limits<std::size_t>::max();
        const std::size_t most = largest / sizeof(T) - simd::slack;
        CHECK_THROWS_AS(Buffer<T>(most + 1), std::bad_array_new_length);
        CHECK_THROWS_AS(Buffer<T>{largest}, std::bad_array_new_length);
    }

    TEST_CASE("scratch memory is on the stack up to 16 KiB, else on the heap, and aligned") {
        const std::size_t before = support::allocation_count();
        Scratch<float, 4096> small;
        const std::size_t after_small = support::allocation_count();
        Scratch<float, 4097> large;
        const std::size_t after_large = support::allocation_count();
        CHECK(after_small == before);
        CHECK(after_large > before);
        small.data()[4095] = large.data()[4096] = 1;
        CHECK(reinterpret_cast<std::uintptr_t>(small.data()) % 64 == 0);
        CHECK(reinterpret_cast<std::uintptr_t>(large.data()) % 64 == 0);
        CHECK(sizeof(Scratch<double, 2048>) == 16 * 1024);
        CHECK(sizeof(Scratch<double, 2049>) < 100);
    }

    TEST_CASE("moving does not throw") {
        CHECK(std::is_nothrow_move_constructible_v<Buffer<float>>);
        CHECK(std::is_nothrow_swappable_v<Buffer<float>>);
    }

    TEST_CASE("assignment to itself changes nothing") {
        Buffer<float> buffer = counting<float>(20);
        Buffer<float>& same = buffer;
        buffer = same;
        CHECK(counts(buffer, 20));
        buffer = std::move(same);
        CHECK(counts(buffer, 20));
    }

    TEST_CASE("a buffer of size 0 and a moved-from one can be copied and assigned") {
        Buffer<float> first = counting<float>(4);
        const Buffer<float> taken = std::move(first);
        const Buffer<float> of_moved = first;
        CHECK(of_moved.size() == 0);
        const Buffer<float> of_none = Buffer<float>(0);
        CHECK(of_none.size() == 0);
        first = taken;
        CHECK(counts(first, 4));
    }

    TEST_CASE("a copy of a buffer without memory has none") {
        const Buffer<float> none;
        Buffer<float> copy = none;
        CHECK(copy.data() == nullptr);
        copy = Buffer<float>(3);
        copy = none;
        CHECK(copy.data() == nullptr);
        CHECK(Buffer<float>(Buffer<float>(0)).data() != nullptr);
    }
}
