#include <cstddef>
#include <mutex>
#include <span>
#include <typenet/activations.hpp>
#include <typenet/core/buffer.hpp>
#include <typenet/core/parallel.hpp>
#include <typenet/core/prediction.hpp>
#include <typenet/core/random.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("core/prediction") {
    TEST_CASE("every row is in one chunk, of at most rows_at_once") {
        for (const std::size_t threads : {1U, 3U}) {
            Team team(threads);
            for (const std::size_t count : {0U, 1U, 63U, 64U, 65U, 1000U}) {
                std::vector<int> seen(count);
                std::mutex mutex;
                detail::run_in_chunks(team, count, [&](std::size_t first, std::size_t rows, std::size_t member) {
                    const std::scoped_lock lock(mutex);
                    CHECK(rows > 0);
                    CHECK(rows <= detail::rows_at_once);
                    CHECK(member < threads);
                    for (std::size_t r = first; r < first + rows; ++r) ++seen.at(r);
                });
                CHECK(seen == std::vector<int>(count, 1));
            }
        }
    }

    TEST_CASE("each member has memory of its own") {
        using Net = Mlp<float, Input<3>, Dense<70, Tanh>, Dense<9, Tanh>, Dense<2, Softmax>>;
        const Net net(Seed{1});
        constexpr std::size_t rows = 5;
        std::vector<float> x(rows * 3);
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i) / 7;
        detail::ForwardMemory<Net::Layers> memory(rows, 3);
        std::vector<float> first(rows * 2);
        std::vector<float> last(rows * 2);
        memory.forward(net.parameters().data(), {x.data(), rows}, {first.data(), rows}, 0);
        memory.forward(net.parameters().data(), {x.data(), rows}, {last.data(), rows}, 2);
        CHECK(first == last);
        for (std::size_t r = 0; r < rows; ++r) {
            const auto y = net.predict(std::span<const float, 3>(x.data() + r * 3, 3));
            CHECK(first[2 * r] == y(0));
            CHECK(first[2 * r + 1] == y(1));
        }
    }
}
