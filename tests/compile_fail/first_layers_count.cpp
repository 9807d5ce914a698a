// expects first: first_layers: the count must be at least 1 and at most the number of layers
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
constexpr std::size_t count = 3;
#else
constexpr std::size_t count = 2;
#endif

auto hidden(const Mlp<float, Input<2>, Dense<4, ReLU>, Dense<2, Softmax>>& network) {
    return network.first_layers<count>().predict({1, 2});
}
