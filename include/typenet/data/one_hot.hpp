#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/dataset.hpp>

namespace typenet {

/// K numbers a row: 1 at the place of the label, 0 elsewhere. Throws DataError for a label that isn't below K.
template <std::size_t K>
[[nodiscard]] Targets<K> one_hot(const Labels& labels) {
    std::vector<float> values(labels.size() * K, 0.0F);
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const auto label = static_cast<std::size_t>(labels[row]);
        if (label >= K) {
            throw DataError("label " + std::to_string(label) + " in row " + std::to_string(row) +
                            " is too large for one_hot<" + std::to_string(K) + ">");
        }
        values[row * K + label] = 1;
    }
    return Targets<K>(std::move(values));
}

/// The same features with one-hot targets. Throws DataError for a label that isn't below K.
template <std::size_t K, std::size_t FeatureCount>
[[nodiscard]] Dataset<FeatureCount, Targets<K>> one_hot(const Dataset<FeatureCount, Labels>& data) {
    return {data.features(), one_hot<K>(data.targets())};
}

}  // namespace typenet
