#include <cmath>
#include <cstddef>
#include <cstdint>
#include <typenet/core/fma.hpp>
#include <typenet/core/random.hpp>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("core/fma") {
    TEST_CASE("a product and a sum are rounded once") {
        // The exact result is a bit more than the middle of two doubles: rounded to fewer extra bits first, it is the
        // middle itself, which goes to the other one.
        volatile double tiny = 0x1p-70;  // so that the program computes, not the compiler
        CHECK(detail::software_fma(1 + 0x1p-52, 1 + 0x1p-1, 0x1p-53 + tiny) == 1.5 + 0x1p-51);
        CHECK(detail::portable_fma(1 + 0x1p-30, 1 + 0x1p-23, tiny) == 1 + 0x1p-23 + 0x1p-30 + 0x1p-52);
        CHECK(detail::software_fma(1 + 0x1p-30, 1 + 0x1p-23, tiny) == 1 + 0x1p-23 + 0x1p-30 + 0x1p-52);
        CHECK(detail::software_fma(1 + 0x1p-30, 1 + 0x1p-23, -tiny) == 1 + 0x1p-23 + 0x1p-30);
        CHECK(detail::software_fma(0, 3, 0.25) == 0.25);
        CHECK(detail::software_fma(3, 0.5, -1.5) == 0);
    }

#if !defined(__MINGW32__)
    // This file is compiled without contraction: a compiler that fuses some of the sums and products would change them.
    TEST_CASE("sums and products of doubles give what the C library's fma gives") {
        Random random(Seed{1});
        const auto draw = [&] {
            const double value = std::ldexp(uniform(random) - 0.5, static_cast<int>(uniform_index(random, 120)) - 60);
            return random() % 2 == 0 ? value : static_cast<double>(static_cast<float>(value));
        };
        for (int i = 0; i < 300'000; ++i) {
            const double a = draw();
            const double b = draw();
            const double c = random() % 4 == 0 ? -a * b * (1 + 0x1p-40) : draw();
            REQUIRE(detail::software_fma(a, b, c) == std::fma(a, b, c));
        }
    }
#endif
}
