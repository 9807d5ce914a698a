#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <typenet/core/concepts.hpp>
#include <typenet/io/detail/whole_header_source.hpp>
#include <typenet/io/detail/whole_header_writer.hpp>
#include <vector>
#include <whole_header_functions.hpp>  // made from typenet/io/detail/whole_header_source.hpp

#include <doctest/doctest.h>

using namespace typenet;
using namespace typenet::detail;

namespace {

std::vector<std::int32_t> numbers_of(const FunctionTable& table, int bits) {
    std::vector<std::int32_t> numbers;
    for (int i = 0; i <= FunctionTable::steps; ++i) {
        const double x = table.first + std::ldexp(i, -table.step_bits);
        numbers.push_back(static_cast<std::int32_t>(std::lround(std::ldexp(table.function(x), bits))));
    }
    return numbers;
}

/// The largest difference between a function and its table, for numbers of `bits` bits from -limit to limit.
double worst(OperationKind kind, double limit, int bits) {
    const FunctionTable table = *table_of(kind);
    const int own_bits = table.bound > 0 ? table.bits : 20;
    const std::vector<std::int32_t> numbers = numbers_of(table, own_bits);
    double largest = 0;
    constexpr int steps = 20'011;
    for (int i = 0; i <= steps; ++i) {
        const auto x = static_cast<std::int64_t>(std::ldexp(limit * (2.0 * i / steps - 1), bits));
        const std::int64_t found = whole_header_functions::look_up(
            x, numbers.data(), std::int64_t{table.first} * 65536 * (1 << table.step_bits), bits - table.step_bits);
        const double right = table.function(std::ldexp(static_cast<double>(x), -bits));
        largest = std::max(largest, std::abs(std::ldexp(static_cast<double>(found), -own_bits) - right));
    }
    return largest;
}

}  // namespace

TEST_SUITE("io/detail/whole_header_source") {
    TEST_CASE("tables give functions to within 1e-5, for numbers of few bits and of many") {
        using enum OperationKind;
        for (const OperationKind kind : {sigmoid, tanh, elu, gelu, silu, softplus}) {
            CAPTURE(static_cast<int>(kind));
            const double most = kind == elu ? 1e-4 : 1e-5;  // an ELU's curvature changes at 0
            CHECK(worst(kind, 15, 26) < most);
            CHECK(worst(kind, 15, 30) < most);
            CHECK(worst(kind, 400, 12) < most);
            CHECK(worst(kind, 400, 3) < most);
        }
    }

    TEST_CASE("a table is constant below its first value, and goes on as a line above its last") {
        std::vector<std::int32_t> table(513, 7);
        table[511] = 10;
        table[512] = 30;
        const auto f = [&](std::int64_t x) { return whole_header_functions::look_up(x, table.data(), 0, 16); };
        CHECK(f(-65536) == 7);
        CHECK(f(510 * 65536) == 7);
        CHECK(f(511 * 65536) == 10);
        CHECK(f(511 * 65536 + 32768) == 20);
        CHECK(f(512 * 65536) == 30);
        CHECK(f(514 * 65536) == 70);
        CHECK(f(510 * 65536 + 32768) == 6);  // the parabola through 7, 10 and 30
    }

    TEST_CASE("features become the byte in whose range they are") {
        const std::int64_t starts[] = {-100, 10, 0};
        const std::int64_t steps[] = {10, 1, -5};
        std::uint8_t bytes[3] = {9, 9, 9};
        const auto bytes_of = [&](std::array<int, 3> features) {
            whole_header_functions::features_to_bytes<3, 3>(features, starts, steps, bytes);
            return std::vector<int>(bytes, bytes + 3);
        };
        CHECK(bytes_of({-100, 10, 0}) == std::vector{0, 0, 0});
        CHECK(bytes_of({-91, 265, -5}) == std::vector{0, 255, 1});
        CHECK(bytes_of({-90, 9, -1275}) == std::vector{1, 0, 255});
        CHECK(bytes_of({2'000'000'000, -2'000'000'000, 2'000'000'000}) == std::vector{255, 0, 0});
        const std::array<int, 3> same{-100, -80, 5000};
        whole_header_functions::features_to_bytes<3, 1>(same, starts, steps, bytes);
        CHECK(std::vector<int>(bytes, bytes + 3) == std::vector{0, 2, 255});
    }

    TEST_CASE("numbers become bytes, and those beyond the range its ends") {
        const std::int32_t x[] = {-50, 7, 8, 9, 100'000};
        std::uint8_t bytes[5] = {};
        whole_header_functions::to_bytes<5>(x, 1, 8, 4, bytes);  // x / 16, rounded
        CHECK(std::vector<int>(bytes, bytes + 5) == std::vector{0, 0, 1, 1, 255});
    }

    TEST_CASE("a product is that of plain loops, and no sum or factor overflows") {
        const std::uint8_t x[] = {0, 3, 255};
        const signed char weights[] = {9, 9, -2, 127, 5, -128};  // [3, 2]
        const std::int32_t factors[] = {4, 1 << 30};
        const std::int64_t offsets[] = {2, std::int64_t{1} << 60};
        std::int32_t y[2] = {7, 7};
        whole_header_functions::affine<3, 2>(x, weights, factors, offsets, 2, y);
        CHECK(y[0] == (255 * 5 - 6));
        whole_header_functions::affine<3, 2>(x, weights, factors, offsets, 40, y);
        CHECK(y[1] == ((std::int64_t{381 - 255 * 128} * (1 << 30) + (std::int64_t{1} << 60)) >> 40));
        const std::int32_t most[] = {2147483647, -2147483647};
        const std::int32_t factors_of_most[] = {1 << 30, 1 << 30};
        const std::int64_t none[] = {0, 0};
        whole_header_functions::scale<2>(most, factors_of_most, none, 30, y);
        CHECK(y[0] == 2147483647);
        CHECK(y[1] == -2147483647);
    }

    TEST_CASE("values of different bits are added") {
        const std::int32_t x[] = {64, -64};
        const std::int32_t skipped[] = {5, 1};
        std::int32_t y[2] = {};
        whole_header_functions::sum<2>(x, 4, skipped, 0, y);
        CHECK(y[0] == 9);
        CHECK(y[1] == -3);
        whole_header_functions::sum<2>(skipped, 0, x, 3, y);
        CHECK(y[0] == 13);
    }

    TEST_CASE("what is above 0 passes, what is below doesn't or by the slope") {
        std::int32_t y[] = {5, 0, -100};
        whole_header_functions::leaky_relu<3>(y, 1 << 28);
        CHECK(std::vector<std::int32_t>(y, y + 3) == std::vector<std::int32_t>{5, 0, -25});
        whole_header_functions::relu<3>(y);
        CHECK(std::vector<std::int32_t>(y, y + 3) == std::vector<std::int32_t>{5, 0, 0});
    }

    TEST_CASE("a softmax sums to 1, whatever its numbers") {
        const FunctionTable table = *table_of(OperationKind::softmax);
        const std::vector<std::int32_t> powers = numbers_of(table, 30);
        const auto softmax = [&](std::int32_t a, std::int32_t b, std::int32_t c, int bits) {
            std::int32_t y[] = {a, b, c};
            whole_header_functions::softmax<3>(y, powers.data(), std::int64_t{table.first} * 65536 * 32, bits - 5);
            return std::vector<double>{std::ldexp(y[0], -30), std::ldexp(y[1], -30), std::ldexp(y[2], -30)};
        };
        const auto close = softmax(1 << 20, 1 << 19, -(1 << 20), 20);
        const double total = std::exp(1) + std::exp(0.5) + std::exp(-1);
        CHECK(close[0] == doctest::Approx(std::exp(1) / total).epsilon(1e-5));
        CHECK(close[1] == doctest::Approx(std::exp(0.5) / total).epsilon(1e-5));
        CHECK(close[2] == doctest::Approx(std::exp(-1) / total).epsilon(1e-5));
        CHECK(softmax(-(1 << 20), 1 << 20, 1 << 19, 20) == std::vector<double>{close[2], close[0], close[1]});
        for (const int bits : {0, 12, 30}) {
            const auto far = softmax(2147483647, 0, -2147483647 - 1, bits);
            CHECK(far[0] > 0.64);
            CHECK(far[0] + far[1] + far[2] == doctest::Approx(1).epsilon(1e-8));
            CHECK(far[0] > far[1]);
        }
    }
}
