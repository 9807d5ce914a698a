#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/evaluate/checks.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/int8.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/network/quantized.hpp>

/// Networks of 8 bits from trained ones.
///   quantize            makes one; calibration data show which numbers its layers see, and what each layer loses
///   quantization_cost   compares it with the network that it was made from, on any data
namespace TYPENET {

/// The options of `quantize`.
struct QuantizeOptions {
    /// The largest share of calibration rows that may get another class, from 0 to 1; for data with labels. With fewer
    /// than 1,000 rows, the default means none.
    double most_disagreement = 0.001;
    /// The largest QuantizationCost::error on the calibration data; for data with targets that are numbers.
    double most_error = 0.01;
    /// Layers that stay in float, whatever they lose: their indices, as in Mlp::weights.
    std::vector<std::size_t> float_layers = {};
    std::size_t threads = 1;  ///< that share the calibration rows, as in PredictOptions
};

/// What a network loses in 8 bits.
struct QuantizationCost {
    double worst_difference = 0;  ///< the largest |difference| between outputs of the two networks
    /// Of the output that loses most: the root of the mean square of the differences, divided by the standard deviation
    /// of the network's own output.
    double error = 0;
    // Where the data have labels; each row counts the same.
    std::optional<double> agreement = std::nullopt;        ///< share of rows that both give the same class
    std::optional<double> accuracy_before = std::nullopt;  ///< share of rows that the network classifies correctly
    std::optional<double> accuracy_after = std::nullopt;   ///< the same in 8 bits
};

namespace detail {

/// Compares two arrays of outputs for the rows of `data`.
template <class Network, TrainingData Data>
QuantizationCost compare_outputs(const Matrix<float>& before, const Matrix<float>& after, const Data& data) {
    constexpr std::size_t outputs = Network::outputs;
    const std::size_t rows = data.size();
    QuantizationCost cost;
    const auto count = static_cast<double>(rows);
    bool finite = true;
    for (std::size_t k = 0; k < outputs; ++k) {
        double mean = 0;
        for (std::size_t r = 0; r < rows; ++r) mean += static_cast<double>(before(r, k)) / count;
        double variance = 0;
        double lost = 0;
        for (std::size_t r = 0; r < rows; ++r) {
            const auto value = static_cast<double>(before(r, k));
            const double difference = std::abs(static_cast<double>(after(r, k)) - value);
            finite = finite && is_finite(difference);
            variance += (value - mean) * (value - mean) / count;
            lost += difference * difference / count;
            cost.worst_difference = std::max(cost.worst_difference, difference);
        }
        if (lost > 0) cost.error = std::max(cost.error, variance == 0 ? 1.0 : std::sqrt(lost / variance));
    }
    if (!finite) cost.worst_difference = cost.error = infinity<double>;
    if constexpr (std::integral<TargetOf<Data>>) {
        std::array<std::size_t, 3> same{};  // of both networks, of the first and the label, of the second and the label
        for (std::size_t r = 0; r < rows; ++r) {
            const std::int32_t first = class_or_none<float, outputs>(before.data() + r * outputs);
            const std::int32_t second = class_or_none<float, outputs>(after.data() + r * outputs);
            const auto label = static_cast<std::int32_t>(data.target(r));
            same[0] += first == second && first >= 0;
            same[1] += first == label;
            same[2] += second == label;
        }
        const auto share = [&](std::size_t agreeing) { return static_cast<double>(agreeing) / count; };
        cost.agreement = share(same[0]);
        cost.accuracy_before = share(same[1]);
        cost.accuracy_after = share(same[2]);
    }
    return cost;
}

/// Returns a dataset's scale where its features are bytes times a scale above 0, which layers can take as they are.
template <TrainingData Data>
std::optional<float> byte_scale(const Data& data) {
    if constexpr (requires {
                      { data.features().byte_scale() } -> std::same_as<std::optional<float>>;
                  }) {
        const std::optional<float> scale = data.features().byte_scale();
        if (scale && *scale > 0) return scale;
    }
    return std::nullopt;
}

/// Returns how the inputs of each layer become bytes: from the smallest to the largest number that it gets from the
/// rows of `data`, or from 0 on where that is nearly as fine, so that a zero stays one.
template <class Network, TrainingData Data>
std::array<ByteRange, Network::layer_count> input_ranges(const Network& network, const Data& data) {
    using Layers = typename Network::Layers;
    constexpr float most = std::numeric_limits<float>::max();
    std::array<std::pair<float, float>, Network::layer_count> limits;
    limits.fill({most, -most});
    Buffer<float> x(rows_at_once * Network::inputs);
    Buffer<float> y(rows_at_once * Network::outputs);
    Buffer<float> scratch(Layers::scratch_size(rows_at_once));
    std::vector<std::uint32_t> rows;
    for (std::size_t first = 0; first < data.size(); first += rows_at_once) {
        rows.clear();
        for (std::size_t r = first; r < std::min(first + rows_at_once, data.size()); ++r) {
            rows.push_back(static_cast<std::uint32_t>(r));
        }
        data.gather(rows, x.data());
        const auto forward_layer = [&]<std::size_t I>(auto in, auto out) {
            auto& [low, high] = limits[I];
            for (std::size_t i = 0; i < in.size(); ++i) {
                low = std::min(low, in.data[i]);
                high = std::max(high, in.data[i]);
            }
            Layers::template Layer<I>::forward(network.parameters().data() + Layers::offsets[I], in, out, {});
        };
        Layers::forward_each(Rows<const float, Network::inputs>{x.data(), rows.size()},
                             Rows<float, Network::outputs>{y.data(), rows.size()}, scratch.data(), forward_layer);
    }
    std::array<ByteRange, Network::layer_count> ranges;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
        auto [low, high] = limits[i];
        if (low > 0 && low <= high / 8) low = 0;
        const float step = high / 255 - low / 255;  // the difference itself may be infinite
        ranges[i] = {low, step >= std::numeric_limits<float>::min() ? step : 1};
    }
    if (const std::optional<float> scale = byte_scale(data)) ranges[0] = {0, *scale};
    return ranges;
}

/// Returns layer I of a network in 8 bits.
template <std::size_t I, class Network>
auto int8_layer_of(const Network& network, ByteRange range) {
    using Layer = typename Network::template Layer<I>;
    const float* const parameters = network.template layer_parameters<I>();
    return typename Int8Part<Layer>::Affine(
        round_to_int8(parameters, parameters + Layer::weight_count, Layer::inputs, Layer::outputs, range));
}

}  // namespace detail

/// Compares a quantized network with the one that it was made from on the rows of `data`. Throws what `predict` throws.
template <AnyNetwork Network, TrainingData Data>
QuantizationCost quantization_cost(const Network& network, const Quantized<Network>& quantized, const Data& data,
                                   const PredictOptions& options = {}) {
    return detail::compare_outputs<Network>(predict(network, data, options), predict(quantized, data, options), data);
}

/// Returns a network in 8 bits that answers nearly as `network` does:
///
/// ```cpp
/// const auto small = quantize(net, train);
/// const QuantizationCost cost = quantization_cost(net, small, test);
/// std::cout << *cost.accuracy_before << " before, " << *cost.accuracy_after << " in 8 bits\n";
/// ```
///
/// The calibration data, a thousand rows or more that are like those to come, show how large the numbers become that
/// each Dense layer takes; larger ones are cut off later. Features that a dataset keeps as bytes stay these bytes. At
/// first all Dense layers are in 8 bits. While the calibration data show a larger loss than the options allow, the
/// layer whose return to float helps most returns; Quantized::int8_layer_mask says which are left. Outputs that are
/// NaN, also those of `network` itself, count as another class and as an infinite error. Throws OptionError for an
/// option out of range or a layer that doesn't exist, and DataError for data without rows or with a feature or
/// parameter that is NaN or infinite.
template <AnyNetwork Network, TrainingData Data>
Quantized<Network> quantize(const Network& network, const Data& calibration, const QuantizeOptions& options = {}) {
    constexpr std::size_t count = Network::layer_count;
    for (const auto& [name, value] :
         {std::pair{"most_disagreement", options.most_disagreement}, std::pair{"most_error", options.most_error}}) {
        if (!(value >= 0 && value <= 1)) throw OptionError(detail::join({"quantize: ", name, " must be from 0 to 1"}));
    }
    std::array<bool, count> in_float{};
    for (const std::size_t layer : options.float_layers) {
        if (layer >= count) {
            throw OptionError(
                detail::join({"quantize: float_layers names layer ", layer, "; the network has ", count, " layers"}));
        }
        in_float[layer] = true;
    }
    const PredictOptions threads{.threads = options.threads};
    const Matrix<float> outputs = predict(network, calibration, threads);  // throws for features that aren't finite
    if (!network.all_finite()) throw DataError("quantize: a parameter of the network is not finite");
    const auto ranges = detail::input_ranges(network, calibration);
    const auto make = [&](const std::array<bool, count>& stays) {
        typename Quantized<Network>::Int8Layers layers;
        Network::Layers::for_each([&]<std::size_t I>() {
            if constexpr (Quantized<Network>::template can_be_int8<I>) {
                if (stays[I]) return;
                auto layer = detail::int8_layer_of<I>(network, ranges[I]);
                if (layer.all_finite()) std::get<I>(layers).emplace(std::move(layer));
            }
        });
        return Quantized<Network>(network, std::move(layers));
    };
    // Returns the loss; 0 where it is allowed.
    const auto loss_of = [&](const Quantized<Network>& quantized) {
        const QuantizationCost cost =
            detail::compare_outputs<Network>(outputs, predict(quantized, calibration, threads), calibration);
        const double lost = cost.agreement ? 1 - *cost.agreement : cost.error;
        const double most = cost.agreement ? options.most_disagreement : options.most_error;
        return lost <= most ? 0.0 : lost;
    };
    Quantized<Network> best = make(in_float);
    for (double loss = loss_of(best); loss > 0;) {
        std::optional<std::size_t> returns;
        Network::Layers::for_each([&]<std::size_t I>() {
            if (!best.template is_int8<I>()) return;
            auto stays = in_float;
            stays[I] = true;
            const double left = loss_of(make(stays));
            if (returns && left >= loss) return;
            loss = left;
            returns = I;
        });
        if (!returns) break;
        in_float[*returns] = true;
        best = make(in_float);
    }
    return best;
}

}  // namespace TYPENET
