// expects: standardize_targets: the network's last layer must be Unstandardize
#include <typenet/typenet.hpp>
using namespace typenet;

#ifdef MUST_FAIL
using Network = Mlp<float, Input<3>, Dense<1, Identity>>;
#else
using Network = Mlp<float, Input<3>, Dense<1, Identity>, Unstandardize>;
#endif

void set(Network& network, const Dataset<3, Targets<1>>& data) { standardize_targets(network, data); }
