#include <cmath>
#include <cstdint>
#include <limits>
#include <typenet/kernels/loops.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

#if TYPENET_USE_XSIMD && XSIMD_VERSION_MAJOR < 9
// Later versions of xsimd declare this function, so that an unqualified call of reduce_add in typenet::simd is
// ambiguous with them. Declared here, the call is ambiguous with every version.
namespace xsimd {
template <class T, class A>
T reduce_add(const batch<T, A>&);
}
#endif

TEST_SUITE("kernels/loops") {
    TEST_CASE_TEMPLATE("transform writes each number once, for every count", T, float, double) {
        for (std::size_t count = 0; count < 3 * simd::width<T> + 2; ++count) {
            std::vector<T> in(count + 1, T(100));
            std::vector<T> out(count + 1, T(-1));
            for (std::size_t i = 0; i < count; ++i) in[i] = static_cast<T>(i);
            simd::transform(
                count, out.data(), [](auto a, auto b) { return a * b + a; }, in.data(), in.data());
            for (std::size_t i = 0; i < count; ++i) CHECK(out[i] == static_cast<T>(i * i + i));
            CHECK(out[count] == -1);
        }
    }

    TEST_CASE_TEMPLATE("scale multiplies bytes and floats, and writes no number past the end", T, float, double) {
        const auto check = []<std::size_t Count, class In>() {
            std::vector<In> in(Count + 1);
            for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<In>(255 - i);
            std::vector<T> out(Count + 1, T(-1));
            simd::scale<Count>(out.data(), in.data(), T(0.25));
            for (std::size_t i = 0; i < Count; ++i) CHECK(out[i] == static_cast<T>(in[i]) * T(0.25));
            CHECK(out[Count] == -1);
        };
        check.template operator()<1, std::uint8_t>();
        check.template operator()<16, std::uint8_t>();
        check.template operator()<37, std::uint8_t>();
        check.template operator()<37, float>();
    }

    TEST_CASE_TEMPLATE("sum adds each number once, and none past the end", T, float, double) {
        std::vector<T> values(3 * simd::width<T> + 3);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(i + 1);
        for (std::size_t count = 0; count < values.size(); ++count) {
            const T wanted = static_cast<T>(count * (count + 1) / 2 + 5 * count);
            CHECK(simd::sum(
                      count, [](auto v, auto w) { return v * w / w + decltype(v)(T(5)); }, values.data(),
                      values.data()) == wanted);
        }
    }

    TEST_CASE_TEMPLATE("all_finite finds a single NaN or infinity at every index", T, float, double) {
        std::vector<T> values(9 * simd::width<T> + 3, std::numeric_limits<T>::max());
        for (std::size_t count = 0; count <= values.size(); ++count) CHECK(simd::all_finite(values.data(), count));
        for (const T bad : {std::numeric_limits<T>::quiet_NaN(), std::numeric_limits<T>::infinity(),
                            -std::numeric_limits<T>::infinity()}) {
            for (std::size_t i = 0; i < values.size(); ++i) {
                const T good = std::exchange(values[i], bad);
                CHECK_FALSE(simd::all_finite(values.data(), values.size()));
                CHECK_FALSE(simd::all_finite(values.data(), i + 1));
                CHECK(simd::all_finite(values.data(), i));
                values[i] = good;
            }
        }
    }

    TEST_CASE_TEMPLATE("for_each_pack writes each number of the arrays that are not const, and no other number", T,
                       float, double) {
        for (std::size_t count = 0; count < 3 * simd::width<T> + 2; ++count) {
            std::vector<T> a(count + 1, T(3));
            std::vector<T> b(count + 1, T(2));
            std::vector<T> given(count + 1, T(100));
            for (std::size_t i = 0; i < count; ++i) given[i] = static_cast<T>(i);
            simd::for_each_pack(
                count,
                [](auto& x, auto& y, auto z) {
                    x = x + z;
                    y = x * y;
                    z = x;
                },
                a.data(), b.data(), std::as_const(given).data());
            for (std::size_t i = 0; i < count; ++i) {
                CHECK(a[i] == static_cast<T>(3 + i));
                CHECK(b[i] == static_cast<T>(2 * (3 + i)));
                CHECK(given[i] == static_cast<T>(i));
            }
            CHECK(a[count] == 3);
            CHECK(b[count] == 2);
        }
    }

    TEST_CASE_TEMPLATE("transform gives equal numbers equal bits at every index", T, float, double) {
        const T x = T(0.7310586);
        std::vector<T> in(4 * simd::width<T> + 3, x);
        std::vector<T> out(in.size());
        simd::transform(
            in.size(), out.data(), [](auto v) { return simd::exp(v) / (v + simd::tanh(v)); }, in.data());
        for (const T value : out) CHECK(value == out.front());
    }

    TEST_CASE("transform calls a function that takes no packs number by number") {
        std::vector<float> values{1, 4, 9, 16, 25};
        simd::transform(
            values.size(), values.data(), [](float v) { return std::sqrt(v); }, values.data());
        CHECK(values == std::vector<float>{1, 2, 3, 4, 5});
    }
}
