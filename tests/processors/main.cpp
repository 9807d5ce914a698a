#include <iostream>

#include "parts.hpp"

/// Chooses, as a program for several processors does, the part that this one can run.
int main() {
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2")) {
        x86_64_v3::train();
        std::cout << "x86-64-v3\n";
    } else {
        every_x86_64::train();
        std::cout << "every x86-64\n";
    }
}
