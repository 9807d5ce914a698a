// What runs on the microcontroller: C++17, no library, no heap, no floating-point numbers. gestures.hpp is written by
// train.cpp when the project is built.

#include <cstddef>
#include <cstdint>
#include <cstdio>

#include "gestures.hpp"

namespace {
constexpr std::uint8_t rest[24] = {128, 131, 126, 124, 130, 133, 127, 125, 129, 132, 128, 126,
                                   124, 131, 129, 127, 130, 128, 125, 133, 126, 128, 131, 129};
constexpr std::uint8_t shake[24] = {128, 214, 130, 44, 126, 211, 133, 40, 125, 216, 128, 43,
                                    131, 210, 127, 46, 129, 213, 124, 41, 130, 215, 126, 45};
constexpr std::uint8_t wave[24] = {128, 150, 171, 189, 203, 212, 215, 212, 203, 189, 171, 150,
                                   128, 106, 85,  67,  53,  44,  41,  44,  53,  67,  85,  106};
}  // namespace

int main() {
    const std::uint8_t* const readings[] = {rest, shake, wave};
    int right = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const std::size_t gesture = gestures::classify(readings[i]);
        std::printf("%s\n", gestures::labels[gesture]);
        right += gesture == i ? 1 : 0;
    }
    return right == 3 ? 0 : 1;
}
