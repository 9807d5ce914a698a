// expects: Dense: a layer needs at least one output
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<4>, Dense<0, Sigmoid>, Dense<2, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<1, Sigmoid>, Dense<2, Softmax>>;
#endif

Network network;
