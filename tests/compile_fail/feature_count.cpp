// expects: this dataset has another number of features a row than the network has inputs
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Data = Dataset<64>;
#else
using Data = Dataset<784>;
#endif

void train(Mlp<float, Input<784>, Dense<3, Softmax>>& network, const Data& data) {
    fit<CrossEntropy>(network, data, Sgd{});
}
