// expects: this dataset has other columns than the network
#include <typenet/typenet.hpp>

using namespace typenet;

#ifdef MUST_FAIL
using Row = Columns<Number<"height">, Number<"weight">>;
#else
using Row = Columns<Number<"height">, Number<"age">>;
#endif

void train(const Dataset<2, Labels, Columns<Number<"height">, Number<"age">>>& data) {
    Mlp<float, Row, Dense<2, Softmax>> network;
    (void)fit<CrossEntropy>(network, data, Sgd{});
}
