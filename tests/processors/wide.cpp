// For processors with AVX2.
#define TRAIN train_on_avx2
#include "program.hpp"

bool train_wide();
bool train_wide() { return train_on_avx2(); }
