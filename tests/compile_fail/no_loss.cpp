// expects first: fit needs a loss: fit<CrossEntropy>(network, data, optimizer)
// lines: at most 20
#include <typenet/typenet.hpp>
using namespace typenet;

void train(Mlp<float, Input<4>, Dense<3, Softmax>>& network, const Dataset<4>& data) {
#ifdef MUST_FAIL
    fit(network, data, Sgd{});
#else
    fit<CrossEntropy>(network, data, Sgd{});
#endif
}
