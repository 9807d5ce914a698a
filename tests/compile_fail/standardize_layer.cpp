// expects: standardize: the network's first layer must be Standardize
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<3>, Dense<4, ReLU>>;
#else
using Network = Mlp<float, Input<3>, Standardize, Dense<4, ReLU>>;
#endif

void set(Network& network, const Dataset<3>& data) { standardize(network, data); }
