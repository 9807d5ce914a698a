#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/dataset.hpp>

/// Labels as rows of numbers, for losses that compare a network's outputs with numbers.
namespace TYPENET {

/// Returns K numbers for each label: 1 at the label's index, 0 elsewhere. Throws DataError for a label that isn't below
/// K.
template <std::size_t K>
[[nodiscard]] Targets<K> one_hot(const Labels& labels) {
    std::vector<float> values(labels.size() * K, 0.0F);
    for (std::size_t row = 0; row < labels.size(); ++row) {
        const auto label = static_cast<std::size_t>(labels[row]);
        if (label >= K) {
            const auto& all = labels.values();
            const bool from_1 = labels.classes() == K + 1 && std::find(all.begin(), all.end(), 0) == all.end();
            throw DataError(
                detail::join({"the label ", label, " in row ", row, " ", detail::too_large_label(K, from_1)}));
        }
        values[row * K + label] = 1;
    }
    return Targets<K>(std::move(values));
}

/// Returns the same features and weights with one-hot targets. Throws DataError for a label that isn't below K.
///
/// ```cpp
/// const Dataset<4, Targets<3>> probabilities = one_hot<3>(train);
/// ```
template <std::size_t K, std::size_t FeatureCount, class Row>
[[nodiscard]] Dataset<FeatureCount, Targets<K>, Row> one_hot(const Dataset<FeatureCount, Labels, Row>& data) {
    return Dataset<FeatureCount, Targets<K>, Row>(data.features(), one_hot<K>(data.targets()))
        .with_weights(data.weights());
}

}  // namespace TYPENET
