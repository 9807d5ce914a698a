// expects: Unstandardize only the last layer
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<3>, Unstandardize, Dense<1, Identity>>;
#else
using Network = Mlp<float, Input<3>, Dense<1, Identity>, Unstandardize>;
#endif

Network network;
