// expects: every type after Input<N> must be a layer, such as Dense<128, Sigmoid>
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<4>, Sigmoid, Dense<2, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<3, Sigmoid>, Dense<2, Softmax>>;
#endif

Network network;
