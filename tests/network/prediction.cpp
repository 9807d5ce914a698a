#include <cstddef>
#include <mutex>
#include <span>
#include <typenet/activations.hpp>
#include <typenet/core/random.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/platform/threads.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

TEST_SUITE("network/prediction") {
    TEST_CASE("every row is in exactly one chunk of at most rows_at_once rows") {
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

    // The second network's inputs are wide enough for a bitmap of zeros.
    TEST_CASE_TEMPLATE("threads that predict at the same time don't affect each other", Net,
                       Mlp<float, Input<3>, Dense<70, Tanh>, Dense<9, Tanh>, Dense<2, Softmax>>,
                       Mlp<float, Input<130>, Dense<70, Tanh>, Dense<2, Softmax>>) {
        constexpr std::size_t inputs = Net::inputs;
        const Net net(Seed{1});
        constexpr std::size_t rows = 20'000;
        std::vector<float> x(rows * inputs);
        for (std::size_t i = 0; i < x.size(); ++i) {
            if (inputs == 3 || i * i % 7 == 1) x[i] = static_cast<float>(i % 101) / 50 - 1;
        }
        std::vector<float> y(rows * 2);
        Team team(2);
        detail::ForwardMemory<Net, typename Net::Layers> memory(net, detail::rows_at_once, team.size());
        detail::run_in_chunks(team, rows, [&](std::size_t first, std::size_t count, std::size_t member) {
            memory.forward({x.data() + first * inputs, count}, {y.data() + first * 2, count}, member);
        });
        std::size_t different = 0;
        for (std::size_t r = 0; r < rows; ++r) {
            const auto expected = net.predict(std::span<const float, inputs>(x.data() + r * inputs, inputs));
            different += y[2 * r] != expected(0) || y[2 * r + 1] != expected(1);
        }
        CHECK(different == 0);
    }
}
