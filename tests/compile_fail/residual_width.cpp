// expects: Residual: its last layer must be as wide as what goes in
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<4>, Dense<3, Sigmoid>, Residual<Dense<4, Sigmoid>>, Dense<2, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<3, Sigmoid>, Residual<Dense<3, Sigmoid>>, Dense<2, Softmax>>;
#endif

Network network;
