// expects: Softmax can only be the activation of the last layer
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<4>, Dense<3, Softmax>, Dense<2, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<3, Sigmoid>, Dense<2, Softmax>>;
#endif

Network network;
