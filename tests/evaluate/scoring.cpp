#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <typenet/activations.hpp>
#include <typenet/evaluate/scoring.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/unstandardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

template <class Loss, std::size_t N, class Target>
bool hit(const std::array<float, N>& y, const Target& target) {
    return detail::is_hit<Loss, float, N>(std::span<const float, N>(y), target);
}

template <std::size_t N>
std::span<const float, N> numbers(const std::array<float, N>& values) {
    return values;
}

}  // namespace

TEST_SUITE("evaluate/scoring") {
    TEST_CASE("a loss that takes over the final activation sees the layers without it") {
        using Net = Mlp<float, Input<4>, Dense<3, ReLU>, Dense<2, Softmax>>;
        using Fused = TrainedLayers<Net, CrossEntropy>;
        CHECK(std::same_as<Fused::Layer<0>, Net::Layer<0>>);
        CHECK(std::same_as<Fused::Layer<1>, Net::Layer<1>::WithoutActivation>);
        CHECK(Fused::parameter_count == Net::parameter_count);
        CHECK(std::same_as<TrainedLayers<Net, MeanSquaredError>, Net::Layers>);
    }

    TEST_CASE("a loss sees the layers before one with units, and standardized targets") {
        using Net = Mlp<float, Input<4>, Dense<2, Tanh>, Unstandardize>;
        CHECK(std::same_as<TrainedLayers<Net, MeanSquaredError>, Chain<Net::Layer<0>>>);
        Net net;
        const std::array units{250000.0F, 10.0F, 80000.0F, 2.0F};
        std::copy(units.begin(), units.end(), net.parameters().end() - 4);
        const MeanSquaredError loss;
        std::array<float, 2> d_y{};
        CHECK(detail::loss_on_targets(net, loss)(numbers(std::array{0.5F, 1.0F}), numbers(std::array{330000.0F, 11.0F}),
                                                 std::span(d_y)) == 0.25F);  // against 1 and 0.5
        CHECK(d_y == std::array{-0.5F, 0.5F});
        const Mlp<float, Input<4>, Dense<2, Tanh>> without;
        CHECK(&detail::loss_on_targets(without, loss) == &loss);
    }

    TEST_CASE("a label is hit by the largest of several outputs, the first of equal ones") {
        CHECK(hit<CrossEntropy>(std::array{-1.0F, 3.0F, 2.0F}, std::int32_t{1}));
        CHECK_FALSE(hit<CrossEntropy>(std::array{-1.0F, 3.0F, 2.0F}, std::int32_t{2}));
        CHECK(hit<CrossEntropy>(std::array{3.0F, 3.0F}, std::int32_t{0}));
        CHECK_FALSE(hit<CrossEntropy>(std::array{3.0F, 3.0F}, std::int32_t{1}));
    }

    TEST_CASE("a label is hit by one output on its side of one half, after a fused sigmoid") {
        CHECK(hit<BinaryCrossEntropy>(std::array{0.1F}, std::int32_t{1}));
        CHECK(hit<BinaryCrossEntropy>(std::array{-0.1F}, std::int32_t{0}));
        CHECK_FALSE(hit<BinaryCrossEntropy>(std::array{0.1F}, std::int32_t{0}));
        CHECK(hit<MeanSquaredError>(std::array{0.6F}, std::int32_t{1}));
        CHECK_FALSE(hit<MeanSquaredError>(std::array{0.4F}, std::int32_t{1}));
    }

    TEST_CASE("shares are hit by the class with the largest share") {
        CHECK(hit<CrossEntropy>(std::array{0.0F, 5.0F, 1.0F}, numbers(std::array{0.2F, 0.5F, 0.3F})));
        CHECK_FALSE(hit<CrossEntropy>(std::array{0.0F, 5.0F, 1.0F}, numbers(std::array{0.5F, 0.2F, 0.3F})));
    }

    TEST_CASE("independent outputs are a hit only if each is on its target's side of one half") {
        CHECK(hit<BinaryCrossEntropy>(std::array{2.0F, -2.0F}, numbers(std::array{1.0F, 0.0F})));
        CHECK_FALSE(hit<BinaryCrossEntropy>(std::array{2.0F, -2.0F}, numbers(std::array{1.0F, 1.0F})));
        CHECK_FALSE(hit<BinaryCrossEntropy>(std::array{2.0F, -2.0F}, numbers(std::array{0.0F, 0.0F})));
    }
}
