// expects: standardize: this dataset has another number of features a row than the network has inputs
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Data = Dataset<4>;
#else
using Data = Dataset<3>;
#endif

void set(Mlp<float, Input<3>, Standardize, Dense<4, ReLU>>& network, const Data& data) { standardize(network, data); }
