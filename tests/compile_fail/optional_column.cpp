// expects: Mlp: a network with an Optional column must begin with Standardize
#include <typenet/typenet.hpp>

using namespace typenet;

using Row = Columns<Optional<Number<"age">>, Number<"fare">>;
#ifdef MUST_FAIL
Mlp<float, Row, Dense<2, Softmax>> network;
#else
Mlp<float, Row, Standardize, Dense<2, Softmax>> network;
#endif
