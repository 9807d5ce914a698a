// expects: the result would refer to a network that is gone
// lines: at most 15
#include <typenet/typenet.hpp>
using namespace typenet;

using Network = Mlp<float, Input<2>, Dense<4, ReLU>, Dense<2, Softmax>>;
#ifdef MUST_FAIL
Network network();
#else
Network& network();
#endif

auto hidden() { return network().first_layers<1>(); }
