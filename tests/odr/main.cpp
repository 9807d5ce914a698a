#include <iostream>
#include <typenet/io/safetensors.hpp>
#include <typenet/testing/gradient_check.hpp>
#include <typenet/typenet.hpp>

#include "network.hpp"

/// The same network, built in two translation units, is the same.
int main() {
    const std::uint64_t here = typenet::parameter_hash(odr::Network(typenet::Seed{1}));
    const std::uint64_t there = odr::hash_elsewhere();
    if (here == there) return 0;
    std::cout << "two translation units disagree: " << here << " and " << there << '\n';
    return 1;
}
