#include <cstddef>
#include <cstdint>
#include <numeric>
#include <typenet/platform/large_pages.hpp>
#include <vector>

#include <doctest/doctest.h>

using typenet::reserve_in_large_pages;

TEST_SUITE("platform/large_pages") {
    TEST_CASE_TEMPLATE("memory is reserved, and the values stay", T, std::uint8_t, float) {
        for (const std::size_t count : {std::size_t{0}, std::size_t{1000}, std::size_t{5'000'000}}) {
            std::vector<T> values(3000);
            std::iota(values.begin(), values.end(), T(1));
            const std::vector<T> before = values;
            reserve_in_large_pages(values, count);
            CHECK(values.capacity() >= count);
            CHECK(values == before);
            const T* const place = values.data();
            values.resize(count, T(7));
            CHECK((count < 3000 || values.data() == place));
            CHECK((count <= 3000 || (values[2999] == before[2999] && values[3000] == 7 && values.back() == 7)));
        }
    }
}
