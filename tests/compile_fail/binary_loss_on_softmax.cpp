// expects first: BinaryCrossEntropy needs a network that ends in Sigmoid
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<4>, Dense<3, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<1, Sigmoid>>;
#endif

void train(Network& network, const Dataset<4>& data) { fit<BinaryCrossEntropy>(network, data, Sgd{}); }
