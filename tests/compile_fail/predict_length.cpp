// expects: this row has another number of features than the network has inputs
#include <array>
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Row = std::array<double, 5>;
#else
using Row = std::array<double, 4>;
#endif

auto label(const Mlp<float, Input<4>, Dense<2, Softmax>>& network, const Row& row) { return network.classify(row); }
