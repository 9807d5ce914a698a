// expects: the type after the element type must be Input<N>
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Dense<3, Sigmoid>, Dense<2, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<3, Sigmoid>, Dense<2, Softmax>>;
#endif

Network network;
