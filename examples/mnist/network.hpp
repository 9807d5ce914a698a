#pragma once

#include <typenet/typenet.hpp>

namespace mnist {

/// The network of the MNIST program: 784 pixels, two hidden layers, ten probabilities.
using Digits = typenet::Mlp<float, typenet::Input<784>, typenet::Dense<128, typenet::Sigmoid>,
                            typenet::Dense<64, typenet::Sigmoid>, typenet::Dense<10, typenet::Softmax>>;

/// The factor that scales pixels, bytes from 0 to 255, to the range 0 to 1 for the network.
inline constexpr float pixel_scale = 1.0f / 255;

}  // namespace mnist
