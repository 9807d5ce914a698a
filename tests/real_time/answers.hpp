#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <typenet/typenet.hpp>

namespace real_time {

using namespace typenet;

/// Layers of every kind that a network has in prediction.
using Net = Mlp<float, Input<16>, Standardize, Dense<64, ReLU>, Dropout<std::ratio<1, 5>>,
                Residual<LayerNorm, Dense<64, GELU>>, Dense<32, Tanh>, Dense<4, Softmax>>;
using Row = std::array<float, Net::inputs>;

float first_output(const Net& net, const Row& row);
std::int32_t class_of(const Net& net, const Row& row);

}  // namespace real_time
