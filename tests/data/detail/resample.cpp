#include <array>
#include <cstddef>
#include <limits>
#include <numeric>
#include <typenet/data/detail/resample.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <std::size_t Height, std::size_t Width>
using Image = std::array<float, Height * Width>;

/// Returns an image in which no two pixels are equal.
template <std::size_t Height, std::size_t Width>
Image<Height, Width> ramp() {
    Image<Height, Width> image;
    std::iota(image.begin(), image.end(), 1.0F);
    return image;
}

template <std::size_t Height, std::size_t Width>
Image<Height, Width> moved(Image<Height, Width> image, const detail::Affine& origin,
                           const detail::Displacements<Height, Width>& displacements = {}) {
    detail::resample<Height, Width>(image, origin, displacements);
    return image;
}

}  // namespace

TEST_SUITE("data/detail/resample") {
    TEST_CASE("the identity changes nothing") { CHECK(moved<5, 8>(ramp<5, 8>(), {}) == ramp<5, 8>()); }

    TEST_CASE("a shift by whole pixels copies pixels and fills the rest with zeros") {
        const Image<5, 8> before = ramp<5, 8>();
        const Image<5, 8> after = moved<5, 8>(before, detail::shifted(3, -2));
        for (std::size_t y = 0; y < 5; ++y) {
            for (std::size_t x = 0; x < 8; ++x) {
                CHECK(after[y * 8 + x] == (x >= 3 && y + 2 < 5 ? before[(y + 2) * 8 + x - 3] : 0));
            }
        }
        for (const double far : {8.0, 1e9, -8.0, -1e30}) {
            CHECK(moved<5, 8>(before, detail::shifted(far, 0)) == Image<5, 8>{});
            CHECK(moved<5, 8>(before, detail::shifted(0, far)) == Image<5, 8>{});
        }
    }

    TEST_CASE("between pixels values are interpolated bilinearly, with zeros outside the image") {
        Image<3, 3> before{};
        before[4] = 1;
        const Image<3, 3> after = moved<3, 3>(before, detail::shifted(0.25, 0.5));
        CHECK(after == Image<3, 3>{0, 0, 0, 0, 0.375F, 0.125F, 0, 0.375F, 0.125F});
        const Image<1, 2> edge = moved<1, 2>({1, 1}, detail::shifted(-0.25, 0));
        CHECK(edge == Image<1, 2>{1, 0.75F});
    }

    TEST_CASE("each pixel has its own displacement, taken from the right row") {
        detail::Displacements<3, 4> displacements;
        displacements.x[5] = 2;
        displacements.y[6] = -1;
        displacements.x[8] = std::numeric_limits<float>::quiet_NaN();
        Image<3, 4> expected = ramp<3, 4>();
        expected[5] = 8;
        expected[6] = 3;
        expected[8] = 0;
        CHECK(moved<3, 4>(ramp<3, 4>(), {}, displacements) == expected);
    }

    TEST_CASE("rotation by 90 degrees is clockwise, about the centre") {
        const Image<3, 3> after = moved<3, 3>({1, 2, 3, 4, 5, 6, 7, 8, 9}, detail::rotated(90));
        const Image<3, 3> expected{7, 4, 1, 8, 5, 2, 9, 6, 3};
        for (std::size_t i = 0; i < 9; ++i) CHECK(after[i] == doctest::Approx(expected[i]).epsilon(1e-5));
        // Also for an even number of pixels, and for different numbers of rows and columns.
        const Image<2, 4> wide = moved<2, 4>({1, 2, 3, 4, 5, 6, 7, 8}, detail::rotated(-90));
        const Image<2, 4> expected_wide{0, 3, 7, 0, 0, 2, 6, 0};
        for (std::size_t i = 0; i < 8; ++i) CHECK(wide[i] == doctest::Approx(expected_wide[i]).epsilon(1e-5));
    }

    TEST_CASE("scale and shear leave the centre in place") {
        const Image<1, 5> wider = moved<1, 5>({1, 2, 3, 4, 5}, detail::scaled(2, 1));
        CHECK(wider == Image<1, 5>{2, 2.5F, 3, 3.5F, 4});
        const Image<5, 1> higher = moved<5, 1>({1, 2, 3, 4, 5}, detail::scaled(1, 2));
        CHECK(higher == Image<5, 1>{2, 2.5F, 3, 3.5F, 4});
        const Image<3, 3> slanted = moved<3, 3>({0, 1, 0, 0, 1, 0, 0, 1, 0}, detail::sheared(1));
        CHECK(slanted == Image<3, 3>{1, 0, 0, 0, 1, 0, 0, 0, 1});
    }

    TEST_CASE("composed affine maps apply the second map first") {
        const detail::Affine a{2, 3, 5, 7, 11, 13};
        const detail::Affine b{17, 19, 23, 29, 31, 37};
        const detail::Affine ab = a * b;
        // b(1, 2) = (78, 128); a(78, 128) = (545, 1967)
        CHECK(ab.xx + 2 * ab.xy + ab.x0 == 545);
        CHECK(ab.yx + 2 * ab.yy + ab.y0 == 1967);
    }
}
