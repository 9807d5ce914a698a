// expects: write Seed{42} instead of 42
// lines: at most 12
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
Mlp<float, Input<4>, Dense<3, Softmax>> network(42);
#else
Mlp<float, Input<4>, Dense<3, Softmax>> network(Seed{42});
#endif
