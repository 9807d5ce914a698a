// expects: this row has another number of features than the network has inputs
#include <typenet/typenet.hpp>
using namespace typenet;

auto outputs(const Mlp<float, Input<2>, Dense<4, ReLU>, Dense<2, Softmax>>& network) {
#ifdef MUST_FAIL
    return network.predict({1, 2.5, 3});
#else
    return network.predict({1, 2.5});
#endif
}
