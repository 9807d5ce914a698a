// expects: a Softmax of one output is always 1; use Sigmoid for a yes or no
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<4>, Dense<1, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<1, Sigmoid>>;
#endif

Network network;
