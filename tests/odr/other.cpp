#include "network.hpp"

#include <typenet/io/safetensors.hpp>
#include <typenet/testing/gradient_check.hpp>

std::uint64_t odr::hash_elsewhere() { return typenet::parameter_hash(Network(typenet::Seed{1})); }
