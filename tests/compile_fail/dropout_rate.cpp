// expects: Dropout: the rate must be at least 0 and below 1
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<4>, Dense<3, Sigmoid>, Dropout<std::ratio<1>>, Dense<2, Softmax>>;
#else
using Network = Mlp<float, Input<4>, Dense<3, Sigmoid>, Dropout<std::ratio<99, 100>>, Dense<2, Softmax>>;
#endif

Network network;
