// expects: the options in braces have the names and the order that FitOptions has in train/options.hpp
// lines: at most 20
#include <typenet/typenet.hpp>
using namespace typenet;

void train(Mlp<float, Input<4>, Dense<3, Softmax>>& network, const Dataset<4>& data) {
#ifdef MUST_FAIL
    fit<CrossEntropy>(network, data, Sgd{}, {.epoch = 3});
#else
    fit<CrossEntropy>(network, data, Sgd{}, {.epochs = 3});
#endif
}
