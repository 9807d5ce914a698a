// expects first: target(row) of a dataset must return a label, which is an integer, or a std::span
#include <array>
#include <cstdint>
#include <span>
#include <typenet/typenet.hpp>
using namespace typenet;

struct Distances {
    static constexpr std::size_t feature_count = 2;
    [[nodiscard]] static std::size_t size() { return 1; }
    template <Real T>
    static void gather(std::span<const std::uint32_t>, T* x) {
        x[0] = x[1] = 1;
    }
#ifdef MUST_FAIL
    [[nodiscard]] std::array<double, 1> target(std::size_t) const { return {1.5}; }
#else
    [[nodiscard]] std::span<const float, 1> target(std::size_t) const { return distance; }
    std::array<float, 1> distance{1.5F};
#endif
};

void train(Mlp<float, Input<2>, Dense<1, Identity>>& network, const Distances& data) {
    fit<MeanSquaredError>(network, data, Sgd{}, {.epochs = 1});
}
