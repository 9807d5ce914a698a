// expects first: fit changes the parameters of the network: it must not be const
// lines: at most 20
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = const Mlp<float, Input<4>, Dense<3, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<3, Softmax>>;
#endif

void train(Network& network, const Dataset<4>& data) { fit<CrossEntropy>(network, data, Sgd{}); }
