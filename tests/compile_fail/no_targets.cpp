// expects: Targets<N>: a row has at least one target
#include <typenet/data/dataset.hpp>
using namespace typenet;

#ifdef MUST_FAIL
Targets<0> targets({});
#else
Targets<1> targets({});
#endif
