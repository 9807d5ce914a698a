#include <cstdint>
#include <limits>
#include <typenet/io/detail/quantize.hpp>
#include <vector>

#include <doctest/doctest.h>

using typenet::detail::quantize;

TEST_SUITE("io/detail/quantize") {
    TEST_CASE("the largest weight of each output becomes 127 steps") {
        const std::vector<float> weights{1, 0.5F, -2, -1, 4, 0.25F};  // [3, 2]
        const auto [values, scales] = quantize(weights.data(), 3, 2);
        CHECK((scales == std::vector<float>{4.0F / 127, 1.0F / 127}));
        CHECK((values == std::vector<std::int8_t>{32, 64, -64, -127, 127, 32}));
    }

    TEST_CASE("weights whose steps would be subnormal become 0, with the scale 0") {
        const float smallest = std::numeric_limits<float>::min();
        const std::vector<double> weights{0, 126.0 * static_cast<double>(smallest),
                                          128.0 * static_cast<double>(smallest)};
        const auto [values, scales] = quantize(weights.data(), 1, 3);
        CHECK((values == std::vector<std::int8_t>{0, 0, 127}));
        CHECK(scales[0] == 0);
        CHECK(scales[1] == 0);
        CHECK(scales[2] >= smallest);
    }
}
