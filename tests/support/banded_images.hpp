#pragma once

#include <cstddef>
#include <cstdint>
#include <typenet/core/random.hpp>
#include <typenet/data/dataset.hpp>
#include <vector>

namespace support {

/// Returns grey images of Side x Side pixels with one bright horizontal band; the label is the band's index.
template <std::size_t Side, std::size_t Classes>
typenet::Dataset<Side * Side> banded_images(std::uint64_t seed, std::size_t count) {
    constexpr std::size_t pixels_a_band = Side / Classes * Side;
    typenet::Random random(typenet::Seed{seed});
    std::vector<float> pixels;
    std::vector<std::int32_t> labels;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t label = typenet::uniform_index(random, Classes);
        labels.push_back(static_cast<std::int32_t>(label));
        for (std::size_t k = 0; k < Side * Side; ++k) {
            const double bright = k / pixels_a_band == label ? 0.6 : 0;
            pixels.push_back(static_cast<float>(0.5 * typenet::uniform(random) + bright));
        }
    }
    return {typenet::Features<Side * Side>(pixels), typenet::Labels(labels)};
}

}  // namespace support
