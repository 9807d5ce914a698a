#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/report/detail/chart.hpp>

/// What the layers of a network hold, and what they put out for some rows: `summarize_layers`.
namespace TYPENET::detail {

/// How numbers are distributed. Those that aren't finite are only counted.
class Distribution {
public:
    /// Learns the range, before any `count`.
    void see(double value) {
        if (!is_finite(value)) return;
        range_ = chart::range_of(std::span(&value, 1), range_);
    }

    void count(double value) {
        if (!is_finite(value)) {
            ++not_finite_;
            return;
        }
        histogram_.range = *range_;
        histogram_.add(value);
        ++finite_;
        zeros_ += value == 0;
        sum_ += value;
        squares_ += value * value;
    }

    [[nodiscard]] bool empty() const noexcept { return finite_ == 0; }
    [[nodiscard]] const chart::Histogram& histogram() const noexcept { return histogram_; }
    [[nodiscard]] std::size_t not_finite() const noexcept { return not_finite_; }
    /// Returns the histogram without the numbers that are exactly 0, beside which others can be too few to be seen.
    [[nodiscard]] chart::Histogram histogram_without_zeros() const {
        chart::Histogram others = histogram_;
        if (zeros_ > 0) others.counts[others.bin_of(0)] -= zeros_;
        return others;
    }
    /// Returns the share of finite numbers that are exactly 0.
    [[nodiscard]] double zeros() const noexcept { return static_cast<double>(zeros_) / static_cast<double>(finite_); }
    [[nodiscard]] double mean() const noexcept { return sum_ / static_cast<double>(finite_); }
    [[nodiscard]] double deviation() const {
        return std::sqrt(std::max(0.0, squares_ / static_cast<double>(finite_) - mean() * mean()));
    }

private:
    std::optional<chart::Range> range_;
    chart::Histogram histogram_;
    std::size_t finite_ = 0;
    std::size_t not_finite_ = 0;
    std::size_t zeros_ = 0;
    double sum_ = 0;
    double squares_ = 0;
};

inline Distribution distribution_of(std::span<const double> numbers) {
    Distribution distribution;
    for (const double number : numbers) distribution.see(number);
    for (const double number : numbers) distribution.count(number);
    return distribution;
}

struct LayerSummary {
    std::string name;
    std::size_t parameters = 0;
    std::size_t units = 0;           ///< numbers that it puts out for a row
    std::size_t zero_units = 0;      ///< units that are 0 for each row
    std::size_t constant_units = 0;  ///< units with another number that is the same for each row
    bool has_units = false;          ///< whether its units are worth a look: it doesn't just pass on its input
    bool is_trained = false;         ///< whether training changes its parameters
    Distribution weights;            ///< of the weights, or of all parameters where there are none; empty without any
    Distribution outputs;
};

/// The smallest and the largest output of a unit.
struct UnitRange {
    double low = infinity<double>;
    double high = -infinity<double>;
    bool is_finite = true;
};

/// Calls visit.operator()<I>(output), Rows, with the output of each layer I for chunks of the given rows.
template <AnyNetwork Network, TrainingData Data, class Visit>
void for_each_layer_output(const Network& network, const Data& data, std::span<const std::uint32_t> rows, Visit visit) {
    using T = typename Network::Scalar;
    using Layers = typename Network::Layers;
    Buffer<T> x(rows_at_once * Layers::inputs);
    Buffer<T> y(rows_at_once * Layers::outputs);
    Buffer<T> scratch(Layers::scratch_size(rows_at_once));
    for (std::size_t first = 0; first < rows.size(); first += rows_at_once) {
        const std::size_t count = std::min(rows_at_once, rows.size() - first);
        data.gather(rows.subspan(first, count), x.data());
        const Rows<T, Layers::outputs> last{y.data(), count};
        Layers::forward_each(Rows<const T, Layers::inputs>{x.data(), count}, last, scratch.data(),
                             [&]<std::size_t I>(auto in, auto out) {
                                 // Of a layer at which a skip connection ends, only the next one sees the sum.
                                 if constexpr (I > 0) visit.template operator()<I - 1>(in);
                                 Layers::template Layer<I>::forward(network.template layer_parameters<I>(), in, out,
                                                                    {});
                             });
        visit.template operator()<Layers::length - 1>(Rows<const T, Layers::outputs>(last));
    }
}

/// Returns up to `most` of `count` rows, evenly spread.
inline std::vector<std::uint32_t> spread_rows(std::size_t count, std::size_t most) {
    std::vector<std::uint32_t> rows(std::min(count, most));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i] = static_cast<std::uint32_t>(static_cast<double>(i) * static_cast<double>(count) /
                                             static_cast<double>(rows.size()));
    }
    return rows;
}

/// Returns a summary of each layer, with the outputs for the given rows.
template <AnyNetwork Network, TrainingData Data>
std::vector<LayerSummary> summarize_layers(const Network& network, const Data& data,
                                           std::span<const std::uint32_t> rows) {
    std::vector<LayerSummary> layers(Network::layer_count);
    Network::Layers::for_each([&]<std::size_t I>() {
        using Layer = typename Network::template Layer<I>;
        LayerSummary& layer = layers[I];
        constexpr std::size_t parameters = Layer::parameter_rows * Layer::parameter_columns;
        layer.name = Layer::describe();
        layer.parameters = parameters;
        layer.units = Layer::outputs;
        layer.is_trained = is_trained<Layer>;
        layer.has_units = !(Layer::operations.size() == 1 && Layer::operations[0].kind == OperationKind::identity);
        const std::span weights(network.template layer_parameters<I>(),
                                Layer::weight_count > 0 ? Layer::weight_count : parameters);
        layer.weights = distribution_of(std::vector<double>(weights.begin(), weights.end()));
    });

    std::vector<std::vector<UnitRange>> units(layers.size());
    for (std::size_t i = 0; i < layers.size(); ++i) units[i].resize(layers[i].units);
    for_each_layer_output(network, data, rows, [&]<std::size_t I>(auto output) {
        for (std::size_t i = 0; i < output.size(); ++i) {
            const auto value = static_cast<double>(output.data[i]);
            UnitRange& unit = units[I][i % output.columns];
            unit.is_finite = unit.is_finite && is_finite(value);
            unit.low = std::min(unit.low, value);
            unit.high = std::max(unit.high, value);
            layers[I].outputs.see(value);
        }
    });
    for_each_layer_output(network, data, rows, [&]<std::size_t I>(auto output) {
        for (std::size_t i = 0; i < output.size(); ++i) {
            layers[I].outputs.count(static_cast<double>(output.data[i]));
        }
    });
    for (std::size_t i = 0; i < layers.size(); ++i) {
        for (const UnitRange& unit : units[i]) {
            if (rows.size() < 2 || !unit.is_finite || unit.low != unit.high) continue;
            ++(unit.low == 0 ? layers[i].zero_units : layers[i].constant_units);
        }
    }
    return layers;
}

}  // namespace TYPENET::detail
