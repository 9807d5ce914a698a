// expects first: this metric compares classes: the dataset must have labels
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Data = Dataset<2, Targets<3>>;
#else
using Data = Dataset<2>;
#endif

double share(const Mlp<float, Input<2>, Dense<3, Softmax>>& network, const Data& data) {
    return accuracy(network, data);
}
