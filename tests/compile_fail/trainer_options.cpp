// expects: the options in braces have the names and the order that TrainerOptions has in train/options.hpp
// lines: at most 30
#include <typenet/typenet.hpp>
using namespace typenet;

void train(Mlp<float, Input<4>, Dense<3, Softmax>>& network) {
#ifdef MUST_FAIL
    const Trainer trainer(network, CrossEntropy{}, Sgd{}, {.batch = 16});
#else
    const Trainer trainer(network, CrossEntropy{}, Sgd{}, {.batch_size = 16});
#endif
}
