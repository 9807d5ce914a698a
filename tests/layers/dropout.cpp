#include <algorithm>
#include <cmath>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <class T, std::size_t N>
using Fifth = Dropout<std::ratio<1, 5>>::Bind<T, N>;

/// Returns the output for `rows` rows of ones: the masks.
template <class T, std::size_t N>
std::vector<T> masks(const DrawKey& key, std::size_t rows) {
    const std::vector<T> x(rows * N, T(1));
    std::vector<T> y(rows * N);
    std::vector<T> m(rows * N);
    Fifth<T, N>::forward_in_training(nullptr, {x.data(), rows}, {y.data(), rows}, {m.data(), rows}, key);
    CHECK(y == m);
    return m;
}

}  // namespace

TEST_SUITE("layers/dropout") {
    TEST_CASE_TEMPLATE("the gradient agrees with central differences", Rate, std::ratio<0>, std::ratio<1, 5>,
                       std::ratio<9, 10>) {
        const auto report = gradient_check_layer<typename Dropout<Rate>::template Bind<double, 37>>(5);
        CAPTURE(report);
        CHECK(report);
    }

    TEST_CASE_TEMPLATE("a value is dropped with the rate's probability, and the others are scaled to keep the mean", T,
                       float, double) {
        const std::vector<T> m = masks<T, 300>({.seed = Seed{1}}, 1000);
        const auto dropped = static_cast<double>(std::count(m.begin(), m.end(), T(0)));
        const double count = 300'000;
        CHECK(std::abs(dropped / count - 0.2) < 4 * std::sqrt(0.2 * 0.8 / count));
        CHECK(std::count(m.begin(), m.end(), T(1.25)) == 300'000 - static_cast<long>(dropped));
    }

    TEST_CASE("no two places, rows or layers share their mask") {
        constexpr std::size_t N = 70;
        const std::vector<float> m = masks<float, N>({.seed = Seed{1}}, 64);
        // Two independent masks differ in a share of about 0.32 of their values. For 4,480 values, 0.28 is six
        // deviations below.
        const auto share_that_differs = [&](const std::vector<float>& other, std::ptrdiff_t shift) {
            std::size_t differ = 0;
            const std::size_t size = m.size() - static_cast<std::size_t>(shift);
            for (std::size_t i = 0; i < size; ++i) differ += m[i + static_cast<std::size_t>(shift)] != other[i];
            return static_cast<double>(differ) / static_cast<double>(size);
        };
        for (const std::ptrdiff_t shift : {1, 3, 4, 64, static_cast<int>(N), 2 * static_cast<int>(N)}) {
            CHECK(share_that_differs(m, shift) > 0.28);
        }
        CHECK(share_that_differs(masks<float, N>({.seed = Seed{2}}, 64), 0) > 0.28);
        CHECK(share_that_differs(masks<float, N>({.seed = Seed{1}, .step = 1}, 64), 0) > 0.28);
        CHECK(share_that_differs(masks<float, N>({.seed = Seed{1}, .layer = 1}, 64), 0) > 0.28);
        CHECK(share_that_differs(masks<float, N>({.seed = Seed{1}}, 64), 0) == 0);
    }

    TEST_CASE("a row's mask doesn't depend on the other rows of its batch") {
        constexpr std::size_t N = 261;  // more than are drawn at once
        const std::vector<float> all = masks<float, N>({.seed = Seed{1}, .step = 7}, 5);
        for (std::size_t r = 0; r < 5; ++r) {
            const std::vector<float> one = masks<float, N>({.seed = Seed{1}, .step = 7, .first_row = r}, 1);
            CHECK(std::equal(one.begin(), one.end(), all.begin() + static_cast<std::ptrdiff_t>(r * N)));
        }
    }

    TEST_CASE("the mask compares the random stream's words with the rate") {
        constexpr std::size_t N = 10;  // three blocks of random words per row
        const std::vector<float> m = masks<float, N>({.seed = Seed{5}, .step = 3, .layer = 2}, 2);
        Random random(Seed{5}, Purpose::dropout, std::uint64_t{2} << 40 | 3);
        for (std::size_t r = 0; r < 2; ++r) {
            for (std::size_t k = 0; k < 12; ++k) {
                const bool dropped = random() < 0.2 * 0x1p32;
                if (k < N) CHECK((m[r * N + k] == 0) == dropped);
            }
        }
    }

    TEST_CASE("prediction leaves all values unchanged") {
        const Mlp<float, Input<3>, Dropout<std::ratio<1, 2>>> net;
        const std::vector<float> x{1, -2, 3};
        const auto y = net.predict(std::span<const float, 3>(x));
        CHECK(std::equal(y.begin(), y.end(), x.begin()));
    }

    TEST_CASE("describe shows the rate in lowest terms") {
        CHECK(Dropout<std::ratio<2, 10>>::Bind<float, 3>::describe() == "Dropout<1/5>");
    }
}
