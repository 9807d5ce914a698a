#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/header_writer.hpp>
#include <typenet/io/detail/operations.hpp>
#include <typenet/network/quantized.hpp>

/// The text of exported headers that compute with whole numbers, for processors without floats. `export_header`
/// (io/header.hpp) refuses other networks with check_whole_numbers, and gives each Operation to WholeHeaderWriter::add.
/// The functions are in io/detail/whole_header_source.hpp. For a Dense layer with Sigmoid in 8 bits, `add` writes
///     std::uint8_t b1[128] = {};
///     detail::to_bytes<128>(x0, 1067450368, 536870912, 30, b1);            the last layer's outputs as bytes
///     std::int32_t x1[64] = {};
///     detail::affine<128, 64>(b1, detail::weights_2, detail::factors_2, detail::offsets_2, 38, x1);
///     detail::apply<64>(x1, detail::sigmoid_20, -16777216, 6);
namespace TYPENET::detail {

/// Throws OptionError unless a quantized network can be exported in whole numbers: unless each of its layers is a Dense
/// in 8 bits or needs none.
template <AnyPredictor Network>
void check_whole_numbers(const Network& network) {
    if constexpr (requires { network.int8_layer_mask(); }) {
        Network::Layers::for_each([&]<std::size_t I>() {
            using Layer = typename Network::Layers::template Layer<I>;
            const auto name = [] { return join({"layer ", I, ", ", Layer::describe(), ","}); };
            if constexpr (Network::template can_be_int8<I>) {
                if (network.template is_int8<I>()) return;
                throw OptionError(join({"export_header: whole_numbers needs all layers in 8 bits, and ", name(),
                                        " computes in float; quantize without float_layers, and allow a larger loss "
                                        "(most_disagreement = 1 and most_error = 1)"}));
            }
            for (const LayerOperation& operation : Layer::operations) {
                using enum OperationKind;
                const bool is_inside = operation.kind == standardize && I > 0;
                if (operation.kind != affine && operation.kind != layer_norm && !is_inside) continue;
                throw OptionError(join({"export_header: ", name(),
                                        " computes in float only; export the header without whole_numbers, or train a "
                                        "network without such a layer"}));
            }
        });
    } else {
        throw OptionError(
            "export_header: whole_numbers needs a network in 8 bits; call quantize, and export its result");
    }
}

/// How scaled numbers are computed: y = (factor x + offset) / 2^shift, rounded down.
struct WholeFactors {
    std::vector<std::int32_t> factors;
    std::vector<std::int64_t> offsets;
    int shift = 0;
};

[[noreturn, gnu::noinline, gnu::cold]] inline void fail_in_whole_numbers() {
    throw DataError(
        "export_header: the network's numbers are too large, or differ too much, for whole numbers; scale its features "
        "and targets, or export the header without whole_numbers");
}

/// Returns y = factor x + offset, rounded to the nearest, as whole numbers. The shift is as large as it may be without
/// an overflow for any 32-bit x. Throws DataError where none is small enough.
inline WholeFactors to_whole(const std::vector<double>& factors, const std::vector<double>& offsets) {
    constexpr int longest = 60;
    double largest = 0;  // of |factor| / 2^30 and |offset| / 2^61
    for (const double factor : factors) largest = std::max(largest, std::ldexp(std::abs(factor), -30));
    for (const double offset : offsets) largest = std::max(largest, std::ldexp(std::abs(offset) + 1, -61));
    int exponent = 0;
    std::frexp(largest, &exponent);
    WholeFactors whole;
    whole.shift = std::min(longest, -exponent);
    if (whole.shift < 0) fail_in_whole_numbers();
    for (const double factor : factors) {
        whole.factors.push_back(static_cast<std::int32_t>(std::llround(std::ldexp(factor, whole.shift))));
    }
    for (const double offset : offsets) whole.offsets.push_back(std::llround(std::ldexp(offset + 0.5, whole.shift)));
    return whole;
}

/// Returns how many bits of a 32-bit number can be behind the point where numbers are at most `bound`: up to 30.
inline int bits_for(double bound) {
    constexpr int most = 30;
    int exponent = 0;
    std::frexp(bound, &exponent);
    if (exponent > most) fail_in_whole_numbers();
    return std::min(most, most - exponent);
}

/// A function as a table of 512 equal steps.
struct FunctionTable {
    std::string_view name;
    double (*function)(double);
    int first;      ///< where the table begins; the function is nearly constant below
    int step_bits;  ///< there are 2^step_bits steps in 1
    double bound;   ///< of |function(x)|, where it is bounded; else 0
    int bits;       ///< of the function's values, where it is bounded

    static constexpr int steps = 512;
};

/// Returns the table of an activation that needs one. Its last slope is the one with which the function goes on.
inline std::optional<FunctionTable> table_of(OperationKind kind) {
    constexpr int fine = 20;  // bits, with which 1 - tanh(8) and sigmoid(-16) are 0
    switch (kind) {
        case OperationKind::sigmoid:
            return FunctionTable{"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }, -16, 4, 1, fine};
        case OperationKind::tanh:
            return FunctionTable{"tanh", [](double x) { return std::tanh(x); }, -8, 5, 1, fine};
        case OperationKind::softmax:
            return FunctionTable{"exp", [](double x) { return std::exp(x); }, -16, 5, 1, 30};
        case OperationKind::elu:
            return FunctionTable{"elu", [](double x) { return x > 0 ? x : std::expm1(x); }, -15, 5, 0, 0};
        case OperationKind::gelu:
            return FunctionTable{"gelu", [](double x) { return x * std::erfc(-x * std::sqrt(0.5)) / 2; }, -8, 5, 0, 0};
        case OperationKind::silu:
            return FunctionTable{"silu", [](double x) { return x / (1 + std::exp(-x)); }, -16, 4, 0, 0};
        case OperationKind::softplus:
            return FunctionTable{"softplus", [](double x) { return std::log1p(std::exp(x)); }, -16, 4, 0, 0};
        default:
            return std::nullopt;
    }
}

/// Writes the code of a quantized network that check_whole_numbers accepts.
class WholeHeaderWriter : public HeaderCode {
public:
    /// Raw features are multiplied by `input_scale`.
    explicit WholeHeaderWriter(float input_scale) : input_scale_(static_cast<double>(input_scale)) {
        add_statement("static_assert(decltype(+features[0])(1) / 2 == 0, \"predict takes whole numbers\");");
    }

    /// Writes the next operation. Throws DataError for numbers that are too large, and OptionError for a Residual that
    /// begins with the features.
    void add(const Operation<float>& operation) {
        using enum OperationKind;
        const std::size_t outputs = operation.outputs;
        module_ = operation.module;
        if (values_.back().array.empty() && operation.kind != standardize && operation.kind != affine) {
            fail_with_features();
        }
        switch (operation.kind) {
            case none:
            case identity:
            case layer_norm:
                return;        // refused before
            case standardize:  // the first operation
                moments_ = operation.parameters;
                values_.emplace_back();
                return;
            case affine:
                return add_affine(operation);
            case unstandardize:
                return add_unstandardize(operation.parameters, outputs);
            case sum:
                return add_sum(operation.other, outputs);
            case relu:
                values_.push_back(values_.back());
                return call("relu", {outputs}, {values_.back().array});
            case leaky_relu:
                values_.push_back(values_.back());
                return call("leaky_relu", {outputs},
                            {values_.back().array, join({std::llround(std::ldexp(operation.number, 30))})});
            default:
                return add_table(*table_of(operation.kind), outputs);
        }
    }

    /// Returns whether the features are bytes.
    [[nodiscard]] bool takes_bytes() const noexcept { return feature_bits_ == 0; }
    /// Returns the whole number that stands for a feature of 1.
    [[nodiscard]] std::int64_t feature_unit() const noexcept { return std::int64_t{1} << feature_bits_; }
    /// Returns the whole number that stands for an output of 1.
    [[nodiscard]] std::int64_t output_unit() const noexcept { return std::int64_t{1} << values_.back().bits; }
    /// Returns the name of the local array that, after the body, holds the outputs.
    [[nodiscard]] const std::string& result() const noexcept { return values_.back().array; }

private:
    struct Value {
        std::string array = {};  ///< name of the local array that holds it; empty for the features
        int bits = 0;            ///< its numbers are multiplied by 2^bits
        double bound = 0;        ///< none of its numbers can be larger
    };

    /// Defines a local array for numbers up to `bound`.
    const std::string& new_value(std::size_t size, double bound, int bits) {
        values_.push_back({join({"x", arrays_++}), bits, bound});
        define("std::int32_t", values_.back().array, size);
        return values_.back().array;
    }

    /// Calls an affine operation of 8 bits.
    void add_affine(const Operation<float>& operation) {
        const Int8Parameters& p = *operation.int8;
        const std::size_t outputs = operation.outputs;
        const Int8Factors own = factors_of(p);
        std::vector<double> factors(own.factors.begin(), own.factors.end());
        std::vector<double> offsets(own.offsets.begin(), own.offsets.end());
        std::vector<double> positive(outputs);  // the largest sum
        std::vector<double> negative(outputs);  // the smallest one
        for (std::size_t i = 0; i < p.weights.size(); ++i) {
            (p.weights[i] > 0 ? positive : negative)[i % outputs] += 255 * p.weights[i];
        }
        double bound = 0;
        for (std::size_t k = 0; k < outputs; ++k) {
            bound = std::max({bound, std::abs(factors[k] * positive[k] + offsets[k]),
                              std::abs(factors[k] * negative[k] + offsets[k])});
        }
        const int bits = bits_for(bound);
        for (double& factor : factors) factor = std::ldexp(factor, bits);
        for (double& offset : offsets) offset = std::ldexp(offset, bits);
        const std::string bytes = bytes_of_latest(operation.inputs, p.range);
        const WholeFactors whole = to_whole(factors, offsets);
        call("affine", {operation.inputs, outputs},
             {bytes, array("weights", p.weights), array("factors", whole.factors), array("offsets", whole.offsets),
              join({whole.shift}), new_value(outputs, bound, bits)});
    }

    /// Rounds the latest value to bytes, and returns the name of their array.
    std::string bytes_of_latest(std::size_t size, ByteRange range) {
        const auto low = static_cast<double>(range.low);
        const auto step = static_cast<double>(range.step);
        const Value& x = values_.back();
        if (x.array.empty() && moments_ == nullptr && low == 0 && step == input_scale_) return "features";
        std::string bytes = join({"b", arrays_});
        define("std::uint8_t", bytes, size);
        if (x.array.empty()) {
            write_features(size, range, bytes);
            return bytes;
        }
        constexpr double coarsest = 16;  // units in a byte
        if (std::ldexp(step, x.bits) < coarsest) fail_in_whole_numbers();
        const WholeFactors whole = to_whole({std::ldexp(1 / step, -x.bits)}, {-low / step});
        call("to_bytes", {size},
             {x.array, join({whole.factors[0]}), join({whole.offsets[0]}), join({whole.shift}), bytes});
        return bytes;
    }

    /// Rounds the features to bytes, and chooses their unit so that a byte has 2^12 units or more.
    void write_features(std::size_t size, ByteRange range, const std::string& bytes) {
        constexpr int least_bits = 16;
        constexpr int most_bits = 40;
        constexpr int bits_of_byte = 12;
        const std::size_t count = moments_ == nullptr ? 1 : size;
        std::vector<double> starts(count);
        std::vector<double> steps(count);
        feature_bits_ = least_bits;
        for (std::size_t i = 0; i < count; ++i) {
            const double mean = moments_ == nullptr ? 0 : static_cast<double>(moments_[i]);
            const double deviation = moments_ == nullptr ? 1 : static_cast<double>(moments_[size + i]);
            steps[i] = static_cast<double>(range.step) * deviation / input_scale_;
            starts[i] = (mean + static_cast<double>(range.low) * deviation) / input_scale_ - steps[i] / 2;
            if (steps[i] == 0) fail_in_whole_numbers();
            feature_bits_ = std::max(feature_bits_, bits_of_byte - std::ilogb(steps[i]));
        }
        const auto in_units = [&](const std::vector<double>& numbers) {
            std::vector<std::int64_t> whole;
            for (const double number : numbers) {
                const double units = std::ldexp(number, feature_bits_);
                if (!(std::abs(units) < 0x1p62)) fail_in_whole_numbers();
                whole.push_back(std::llround(units));
            }
            return whole;
        };
        if (feature_bits_ > most_bits) fail_in_whole_numbers();
        call("features_to_bytes", {size, count},
             {"features", array("starts", in_units(starts)), array("steps", in_units(steps)), bytes});
    }

    /// p: means, then deviations.
    void add_unstandardize(const float* p, std::size_t size) {
        const Value x = values_.back();
        std::vector<double> means(p, p + size);
        std::vector<double> deviations(p + size, p + 2 * size);
        double bound = 0;
        for (std::size_t k = 0; k < size; ++k) {
            bound = std::max(bound, std::abs(means[k]) + x.bound * std::abs(deviations[k]));
        }
        const int bits = bits_for(bound);
        for (double& mean : means) mean = std::ldexp(mean, bits);
        for (double& deviation : deviations) deviation = std::ldexp(deviation, bits - x.bits);
        const WholeFactors whole = to_whole(deviations, means);
        call("scale", {size},
             {x.array, array("factors", whole.factors), array("offsets", whole.offsets), join({whole.shift}),
              new_value(size, bound, bits)});
    }

    void add_sum(std::size_t other, std::size_t size) {
        const Value skipped = values_[other];
        const Value x = values_.back();
        if (skipped.array.empty()) fail_with_features();
        const double bound = x.bound + skipped.bound;
        const int bits = std::min({x.bits, skipped.bits, bits_for(bound)});
        call(
            "sum", {size},
            {x.array, join({x.bits - bits}), skipped.array, join({skipped.bits - bits}), new_value(size, bound, bits)});
    }

    /// Applies a function to the latest value, in place.
    void add_table(const FunctionTable& table, std::size_t size) {
        Value x = values_.back();
        const int shift = x.bits - table.step_bits;
        x.bound = table.bound > 0 ? table.bound : x.bound + 1;
        x.bits = table.bound > 0 ? table.bits : bits_for(x.bound);
        call(
            table.name == "exp" ? "softmax" : "apply", {size},
            {x.array, write_table(table, x.bits), join({table.first * 65536 * (1 << table.step_bits)}), join({shift})});
        values_.push_back(std::move(x));
    }

    /// Defines a table, unless it is there, and returns its name.
    std::string write_table(const FunctionTable& table, int bits) {
        const std::string name = join({table.name, "_", bits});
        if (data().find(join({" ", name, "["})) != std::string::npos) return "detail::" + name;
        constexpr double most = 0x7fffffff;  // further values of the table are never used
        std::vector<std::int32_t> numbers;
        for (int i = 0; i <= FunctionTable::steps; ++i) {
            const double value = table.function(table.first + std::ldexp(i, -table.step_bits));
            numbers.push_back(static_cast<std::int32_t>(std::lround(std::min(std::ldexp(value, bits), most))));
        }
        return HeaderCode::array(name, numbers);
    }

    [[noreturn, gnu::noinline, gnu::cold]] static void fail_with_features() {
        throw OptionError(
            "export_header: in whole numbers the features can only be multiplied by a Dense layer's weights, not added "
            "or activated; export the header without whole_numbers");
    }

    template <class Number>
    std::string array(const char* name, const std::vector<Number>& numbers) {
        return HeaderCode::array(join({name, "_", module_}), numbers);
    }

    double input_scale_;
    int feature_bits_ = 0;
    const float* moments_ = nullptr;  ///< means, then deviations, of the features; nullptr: they aren't standardized
    std::vector<Value> values_{1};    ///< value i of the operations; first the features
    std::size_t arrays_ = 0;          ///< how many values have an array
    std::size_t module_ = 0;          ///< index of the current layer's module in model files
};

}  // namespace TYPENET::detail
