// expects: write predict(network, data)
#include <typenet/typenet.hpp>
using namespace typenet;

auto outputs(const Mlp<float, Input<2>, Dense<4, ReLU>, Dense<2, Softmax>>& network, const Dataset<2>& data) {
#ifdef MUST_FAIL
    return network.predict(data);
#else
    return predict(network, data);
#endif
}
