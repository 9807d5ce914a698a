// expects: Targets<N> must have as many numbers as the network has outputs
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Data = Dataset<4, Targets<2>>;
#else
using Data = Dataset<4, Targets<3>>;
#endif

void train(Mlp<float, Input<4>, Dense<3, Identity>>& network, const Data& data) {
    fit<MeanSquaredError>(network, data, Sgd{});
}
