#pragma once

// The names that an example in a document or in a header's comment may use without declaring them. They are declared,
// not defined: the examples are compiled and never run. A block that declares a name itself hides the one from here.

#include <typenet/network/quantized.hpp>
#include <typenet/typenet.hpp>

using namespace typenet;

using Net = Mlp<float, Input<4>, Dense<8, ReLU>, Dense<3, Softmax>>;
extern Net net;
extern const Dataset<4> train, validation, test;
extern const Quantized<Net> small;

using Regressor = Mlp<float, Input<4>, Dense<8, Tanh>, Dense<2, Identity>>;
extern Regressor regressor;
extern const Dataset<4, Targets<2>> numbers;
