// expects: TrainingData
#include <vector>

#include <typenet/typenet.hpp>
using namespace typenet;

void train(Mlp<float, Input<2>, Dense<3, Softmax>>& network, std::vector<float> x, std::vector<std::int32_t> y) {
#ifdef MUST_FAIL
    Dataset<2> data(Features<2>(x), Labels(y));  // this declares a function, not a dataset
#else
    Dataset<2> data{Features<2>(x), Labels(y)};
#endif
    fit(network, data, CrossEntropy{}, Sgd{}, {.epochs = 1});
}
