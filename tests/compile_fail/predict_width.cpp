// expects: this array has another number of features than the network has inputs
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Row = Vector<float, 5>;
#else
using Row = Vector<float, 4>;
#endif

auto outputs(const Mlp<float, Input<4>, Dense<2, Softmax>>& network, const Row& row) { return network.predict(row); }
