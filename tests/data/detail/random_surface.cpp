#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <typenet/core/random.hpp>
#include <typenet/data/detail/random_surface.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("data/detail/random_surface") {
    TEST_CASE("a spline's weights sum to 1 and use only existing nodes, for each spacing and phase") {
        for (const double spacing : {detail::SplineAxis<28>::least_spacing, 4.0, 30.0, 1e6}) {
            for (const double phase : {0.0, 0.5, 1 - 0x1p-53}) {
                const detail::SplineAxis<28> axis(spacing, phase);
                CHECK(axis.nodes <= detail::SplineAxis<28>::most_nodes);
                for (std::size_t i = 0; i < 28; ++i) {
                    CHECK(axis.first[i] + 4 <= axis.nodes);
                    const auto& w = axis.weights[i];
                    CHECK(w[0] + w[1] + w[2] + w[3] == doctest::Approx(1).epsilon(1e-6));
                    // A spline reproduces straight lines: node k of this line has the value k - 1.
                    const double at = phase + static_cast<double>(i) / spacing - static_cast<double>(axis.first[i]);
                    CHECK(double{w[2] + 2 * w[3] - w[0]} == doctest::Approx(at).epsilon(1e-5));
                }
            }
        }
        const detail::SplineAxis<3> axis(2, 0);
        CHECK(axis.weights[0][1] == doctest::Approx(4.0 / 6));
        CHECK(axis.weights[1][1] == doctest::Approx(23.0 / 48));
        CHECK(axis.weights[1][3] == doctest::Approx(1.0 / 48));
    }

    TEST_CASE("a surface stays within the amplitude and is added to the values") {
        const detail::SplineAxis<8> axis_y(2, 0);
        const detail::SplineAxis<9> axis_x(3, 0.5);
        std::array<float, 72> values{};
        Random random(Seed{1});
        detail::add_surface<8, 9>(values, axis_y, axis_x, 0.5F, random);
        CHECK(std::all_of(values.begin(), values.end(), [](float v) { return std::abs(v) <= 0.5F; }));
        CHECK(std::any_of(values.begin(), values.end(), [](float v) { return std::abs(v) > 0.05F; }));

        std::array<float, 72> above;
        above.fill(10);
        Random again(Seed{1});
        detail::add_surface<8, 9>(above, axis_y, axis_x, 0.5F, again);
        for (std::size_t i = 0; i < 72; ++i) CHECK(above[i] == doctest::Approx(values[i] + 10));
    }

    TEST_CASE("a surface is the sum of its coefficients times the weights along both axes") {
        const detail::SplineAxis<8> axis_y(2, 0.25);
        const detail::SplineAxis<9> axis_x(3, 0.5);
        std::array<float, 72> values{};
        Random random(Seed{1});
        detail::add_surface<8, 9>(values, axis_y, axis_x, 0.5F, random);
        std::vector<std::uint32_t> words(axis_y.nodes * axis_x.nodes);
        Random again(Seed{1});
        detail::draw_words(again, words);
        for (std::size_t y = 0; y < 8; ++y) {
            for (std::size_t x = 0; x < 9; ++x) {
                double wanted = 0;
                for (std::size_t i = 0; i < 4; ++i) {
                    for (std::size_t j = 0; j < 4; ++j) {
                        const std::uint32_t word = words[(axis_y.first[y] + i) * axis_x.nodes + axis_x.first[x] + j];
                        const double coefficient = 0.5 * 0x1p-31 * static_cast<std::int32_t>(word);
                        wanted += static_cast<double>(axis_y.weights[y][i] * axis_x.weights[x][j]) * coefficient;
                    }
                }
                CHECK(static_cast<double>(values[y * 9 + x]) == doctest::Approx(wanted).epsilon(1e-5).scale(0.1));
            }
        }
    }
}
