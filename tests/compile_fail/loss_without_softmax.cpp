// expects: CrossEntropy needs a network that ends in Softmax
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<4>, Dense<3, Sigmoid>>;
#else
using Network = Mlp<float, Input<4>, Dense<3, Softmax>>;
#endif

void train(Network& network, const Dataset<4>& data) { fit<CrossEntropy>(network, data, Sgd{}); }
