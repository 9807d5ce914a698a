// For any processor of its kind.
#define TRAIN train_plain
#include "program.hpp"

bool train_wide();

int main() {
    if (!train_plain()) return 1;
    std::cout << "any processor: yes\n";
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("bmi2")) return 0;
    if (!train_wide()) return 1;
    std::cout << "this processor: yes\n";
    return 0;
}
