// expects: Standardize can only be the first layer, and no Residual can begin with it
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<3>, Residual<Standardize, Dense<3, ReLU>>>;
#else
using Network = Mlp<float, Input<3>, Standardize, Residual<Dense<3, ReLU>>>;
#endif

Network network;
