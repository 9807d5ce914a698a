// expects first: the first layers of a Quantized network only predict
// lines: at most 30
#include <typenet/io/header.hpp>
#include <typenet/typenet.hpp>
using namespace typenet;

using Network = Mlp<float, Input<2>, Dense<4, ReLU>, Dense<2, Softmax>>;

#ifdef MUST_FAIL
void write(const Quantized<Network>& network) {
#else
void write(const Network& network) {
#endif
    export_header(network.first_layers<1>(), "first.hpp");
}
