// expects: weights() of a dataset must return a const RowWeights&
#include <cstdint>
#include <span>
#include <typenet/typenet.hpp>
#include <vector>
using namespace typenet;

struct Weighted {
    static constexpr std::size_t feature_count = 2;
#ifdef MUST_FAIL
    std::vector<float> row_weights = {1, 2};
#else
    RowWeights row_weights = RowWeights({1, 2});
#endif
    [[nodiscard]] static std::size_t size() { return 2; }
    template <Real T>
    static void gather(std::span<const std::uint32_t> rows, T* x) {
        for (std::size_t i = 0; i < 2 * rows.size(); ++i) x[i] = 1;
    }
    [[nodiscard]] static std::int32_t target(std::size_t) { return 1; }
    [[nodiscard]] const auto& weights() const { return row_weights; }
};

double loss_of(const Mlp<float, Input<2>, Dense<3, Softmax>>& network, const Weighted& data) {
    return evaluate<CrossEntropy>(network, data).loss;
}
