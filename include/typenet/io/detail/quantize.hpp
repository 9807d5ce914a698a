#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <typenet/core/concepts.hpp>

/// Weights in 8 bits, for exported headers and for `rounded_to_int8`. Model files and trainings never use them.
namespace typenet::detail {

/// Weights [inputs, outputs] in 8 bits: weight [i, k] is about values[i * outputs + k] * scales[k].
struct QuantizedWeights {
    std::vector<std::int8_t> values;  ///< [inputs, outputs], from -127 to 127
    std::vector<float> scales;        ///< one per output; 0 where all weights of an output are stored as 0
};

/// Rounds finite weights [inputs, outputs] to the nearest multiple of their output's scale, which is the output's
/// largest |weight| / 127. An output's weights become 0 where that scale would be subnormal.
template <Real T>
QuantizedWeights quantize(const T* weights, std::size_t inputs, std::size_t outputs) {
    constexpr float most = 127;
    QuantizedWeights quantized{std::vector<std::int8_t>(inputs * outputs), std::vector<float>(outputs)};
    for (std::size_t k = 0; k < outputs; ++k) {
        const auto weight = [&](std::size_t i) { return static_cast<float>(weights[i * outputs + k]); };
        float largest = 0;
        for (std::size_t i = 0; i < inputs; ++i) largest = std::max(largest, std::abs(weight(i)));
        if (largest < most * std::numeric_limits<float>::min()) continue;
        const float scale = quantized.scales[k] = largest / most;
        for (std::size_t i = 0; i < inputs; ++i) {
            const float rounded = std::clamp(std::round(weight(i) / scale), -most, most);
            quantized.values[i * outputs + k] = static_cast<std::int8_t>(rounded);
        }
    }
    return quantized;
}

}  // namespace typenet::detail
