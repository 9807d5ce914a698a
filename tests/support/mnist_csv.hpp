#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace support {

/// Returns digits in the layout of "MNIST in CSV": the header label,1x1,...,28x28, then a label and 784 pixels a row.
inline std::string mnist_csv(std::span<const std::int32_t> labels, std::span<const std::uint8_t> pixels) {
    std::string text = "label";
    for (int y = 1; y <= 28; ++y) {
        for (int x = 1; x <= 28; ++x) text.append(",").append(std::to_string(y)).append("x").append(std::to_string(x));
    }
    text.append("\n");
    for (std::size_t row = 0; row < labels.size(); ++row) {
        text.append(std::to_string(labels[row]));
        for (const std::uint8_t pixel : pixels.subspan(row * 784, 784)) text.append(",").append(std::to_string(pixel));
        text.append("\n");
    }
    return text;
}

}  // namespace support
