#include <algorithm>
#include <array>
#include <typenet/layers/dense.hpp>
#include <typenet/network/chain.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using First = Dense<3, Identity>::Bind<float, 2>;
using Second = Dense<4, Identity>::Bind<float, 3>;
using Third = Dense<1, Identity>::Bind<float, 4>;
using Three = Chain<First, Second, Third>;

}  // namespace

TEST_SUITE("network/chain") {
    TEST_CASE("the parameters are stored layer after layer") {
        CHECK(Three::inputs == 2);
        CHECK(Three::outputs == 1);
        CHECK(Three::widest == 4);
        CHECK(Three::parameter_count == 9 + 16 + 5);
        CHECK(Three::offsets == std::array<std::size_t, 3>{0, 9, 25});
    }

    TEST_CASE("layers are visited in order, and in reverse order") {
        std::vector<std::size_t> visited;
        Three::for_each([&]<std::size_t I>() { visited.push_back(I); });
        Three::for_each_backward([&]<std::size_t I>() { visited.push_back(I); });
        CHECK(visited == std::vector<std::size_t>{0, 1, 2, 2, 1, 0});
    }

    TEST_CASE("forward passes each layer's output to the next layer") {
        std::array<float, Three::parameter_count + simd::slack> parameters{};
        Three::initialize(Seed{1}, parameters.data());
        const std::array<float, 4> x{1, 2, -1, 0.5};
        std::array<float, 2> y{};
        std::array<float, Three::scratch_size(2)> scratch{};
        Three::forward(parameters.data(), {x.data(), 2}, {y.data(), 2}, scratch.data(), nullptr);

        std::array<float, 6> a{};
        std::array<float, 8> b{};
        std::array<float, 2> c{};
        First::forward(parameters.data(), {x.data(), 2}, {a.data(), 2}, {});
        Second::forward(parameters.data() + 9, {a.data(), 2}, {b.data(), 2}, {});
        Third::forward(parameters.data() + 25, {b.data(), 2}, {c.data(), 2}, {});
        CHECK(y == c);
        CHECK(y[0] != y[1]);
    }

    TEST_CASE("forward keeps to its scratch memory, of two layers' outputs") {
        using Four = Chain<First, Second, Dense<4, Identity>::Bind<float, 4>, Third>;
        constexpr std::size_t size = Four::scratch_size(3);
        CHECK(size == 2 * 3 * 4);
        std::array<float, Four::parameter_count + simd::slack> parameters{};
        Four::initialize(Seed{1}, parameters.data());
        const std::array<float, 6> x{1, 2, -1, 0.5, 3, 4};
        std::array<float, 3> y{};
        std::array<float, size + 32> scratch{};
        std::fill(scratch.begin() + size, scratch.end(), 9.0F);
        Four::forward(parameters.data(), {x.data(), 3}, {y.data(), 3}, scratch.data(), nullptr);
        CHECK(std::all_of(scratch.begin() + size, scratch.end(), [](float v) { return v == 9.0F; }));
    }

    TEST_CASE("a bitmap of zeros is needed for several rows of wide inputs alone") {
        using Wide = Chain<Dense<3, Identity>::Bind<float, 130>>;
        CHECK(Three::scratch_words(1) == 0);
        CHECK(Three::scratch_words(5) == 0);
        CHECK(Wide::scratch_words(1) == 0);
        CHECK(Wide::scratch_words(5) == 5 * 3);
    }

    TEST_CASE("a layer's initial parameters don't depend on the layers before it") {
        std::array<float, Three::parameter_count> one{};
        Three::initialize(Seed{5}, one.data());
        std::array<float, 16> other{};
        Random random(Seed{5}, Purpose::parameters, 1);
        Second::initialize(random, other.data());
        CHECK(std::equal(other.begin(), other.end(), one.begin() + 9));
    }
}
