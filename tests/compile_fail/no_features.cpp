// expects: Features<N>: a row has at least one feature
#include <typenet/data/dataset.hpp>
using namespace typenet;

#ifdef MUST_FAIL
Features<0> features(std::vector<float>{});
#else
Features<1> features(std::vector<float>{});
#endif
