#include <doctest/doctest.h>

#include <cstdint>

#include <typenet/core/bit_cast.hpp>

using typenet::detail::bit_cast;

TEST_SUITE("core/bit_cast") {
    TEST_CASE("a number has the same bits before and after, also at compile time") {
        static_assert(bit_cast<std::uint32_t>(-1.5F) == 0xBFC00000U);
        static_assert(bit_cast<double>(std::uint64_t{0x3FF0000000000001}) == 1.0000000000000002);
        const volatile float stored = 0.1F;
        const float number = stored;
        CHECK(bit_cast<std::uint32_t>(number) == 0x3DCCCCCDU);
        CHECK(bit_cast<float>(bit_cast<std::uint32_t>(number)) == number);
    }
}
