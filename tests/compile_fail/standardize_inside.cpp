// expects: Standardize can only be the first layer, and no Residual can begin with it
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<3>, Dense<3, ReLU>, Standardize>;
#else
using Network = Mlp<float, Input<3>, Standardize, Dense<3, ReLU> >;
#endif

Network network;
