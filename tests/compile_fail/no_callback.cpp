// expects: each argument after the options must be a callback
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
struct Observer {
    void on_epoch_finished(const EpochRecord&) {}
};
#else
struct Observer {
    void on_epoch_end(const EpochRecord&) {}
};
#endif

void train(Mlp<float, Input<4>, Dense<3, Softmax>>& network, const Dataset<4>& data) {
    fit<CrossEntropy>(network, data, Sgd{}, {.epochs = 1}, Observer{});
}
