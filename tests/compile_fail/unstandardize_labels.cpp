// expects: standardize_targets: the dataset must have Targets<N>, with as many numbers as the network has outputs
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Data = Dataset<3>;
#else
using Data = Dataset<3, Targets<2> >;
#endif

void set(Mlp<float, Input<3>, Dense<2, Identity>, Unstandardize>& network, const Data& data) {
    standardize_targets(network, data);
}
