// expects first: classify and predict take one row of numbers
// lines: at most 20
#include <array>
#include <string>
#include <typenet/typenet.hpp>
#include <vector>
using namespace typenet;

#ifdef MUST_FAIL
using Row = std::vector<std::string>;
#else
using Row = std::vector<float>;
#endif

auto label(const Mlp<float, Input<4>, Dense<3, Softmax>>& network, const Row& row) { return network.classify(row); }
