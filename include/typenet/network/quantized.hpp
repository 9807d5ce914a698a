#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/int8.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/network/chain.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/prediction.hpp>
#include <typenet/network/predictor.hpp>

/// Networks in 8 bits, for prediction. `quantize` (evaluate/quantize.hpp) makes one from a trained network and
/// calibration data.
namespace TYPENET {

namespace detail {

/// What is kept of a layer in 8 bits. Dense layers of float can be in 8 bits, others can't.
template <class Layer>
struct Int8Part {
    static constexpr bool exists = false;
    static constexpr std::size_t row_bytes = 0;
    struct Affine {};
};
template <class Layer>
requires HasWeights<Layer> && std::same_as<typename Layer::Scalar, float> &&
    (Layer::inputs <= Int8Affine<1, 1>::most_inputs) &&
    requires(Rows<float, Layer::outputs> y) {
    Layer::activate(y);
}
struct Int8Part<Layer> {
    static constexpr bool exists = true;
    using Affine = Int8Affine<Layer::inputs, Layer::outputs>;
    static_assert(rows_at_once <= Affine::most_rows);
    static constexpr std::size_t row_bytes = Affine::row_bytes;
};

template <class Layers>
struct Int8Parts;
template <class... Layers>
struct Int8Parts<Chain<Layers...>> {
    using Tuple = std::tuple<std::optional<typename Int8Part<Layers>::Affine>...>;
    static constexpr std::size_t row_bytes = std::max({Int8Part<Layers>::row_bytes...});
};

}  // namespace detail

/// A network of the type `Network` whose Dense layers multiply bytes by weights of 8 bits (kernels/int8.hpp). Layers
/// that lose too much by it stay as they are. It answers as an Mlp does:
///
/// ```cpp
/// const auto small = quantize(net, train);
/// std::cout << small.classify(test.row(0)) << ", " << accuracy(small, test) << '\n';
/// ```
///
/// Its sums of products are whole numbers, exact on every processor. What a layer's inputs and outputs are rounded to
/// differs between processors as it does for an Mlp; then a byte may be the next one, which changes an output by about
/// a step. A row with a feature that is NaN or infinite has outputs that are NaN, unless the network begins with
/// Standardize, which takes NaN as a missing value. It can't be trained. Copies are deep; one that was moved from, or
/// made without a network, can be assigned to and destroyed; any other use throws Error. Many threads may call the
/// const functions at once.
template <AnyNetwork Network>
class Quantized : public Predictor<Quantized<Network>, typename Network::InputType, typename Network::Layers> {
    using Base = Predictor<Quantized<Network>, typename Network::InputType, typename Network::Layers>;
    static_assert(
        std::same_as<typename Network::Scalar, float>,
        "Quantized: the network must compute in float; the parameters of one of double can be copied into one of "
        "float");

public:
    /// The network that it was made from.
    using NetworkType = Network;
    using typename Base::Layers;
    template <std::size_t I>
    using Layer = typename Layers::template Layer<I>;

    using Base::inputs;
    using Base::layer_count;
    using Base::outputs;
    static constexpr std::size_t parameter_count = Network::parameter_count;

    /// Whether layer I can be in 8 bits: a Dense layer with up to 65,793 inputs.
    template <std::size_t I>
    static constexpr bool can_be_int8 = detail::Int8Part<Layer<I>>::exists;

    /// A layer's parameters in 8 bits; empty for one that computes in float.
    template <std::size_t I>
    using Int8Layer = std::optional<typename detail::Int8Part<Layer<I>>::Affine>;

    /// Each layer in 8 bits, or empty for one that computes in float.
    using Int8Layers = typename detail::Int8Parts<Layers>::Tuple;

    /// Makes a network without parameters, for `load`.
    Quantized() = default;

    /// Takes over layers in 8 bits, and copies the parameters of the other layers from the network.
    Quantized(const Network& network, Int8Layers int8_layers) : int8_(std::move(int8_layers)) {
        const auto for_each_float = [&](auto f) {
            Layers::for_each([&]<std::size_t I>() {
                const std::size_t count = Layer<I>::parameter_rows * Layer<I>::parameter_columns;
                if (!is_int8<I>()) f(I, count);
            });
        };
        std::size_t total = 0;
        for_each_float([&](std::size_t i, std::size_t count) { offsets_[i] = std::exchange(total, total + count); });
        parameters_ = Buffer<float>(total);
        for_each_float([&](std::size_t i, std::size_t count) {
            std::copy_n(network.parameters().data() + Layers::offsets[i], count, parameters_.data() + offsets_[i]);
        });
    }

    /// Copies weights and scales.
    Quantized(const Quantized&) = default;
    /// Takes the other's weights, which can then only be assigned to.
    Quantized(Quantized&&) noexcept = default;
    /// A copy that fails changes nothing.
    Quantized& operator=(Quantized other) noexcept {
        std::swap(parameters_, other.parameters_);
        std::swap(offsets_, other.offsets_);
        std::swap(int8_, other.int8_);
        return *this;
    }
    ~Quantized() = default;

    /// Returns for each layer whether it is in 8 bits.
    [[nodiscard]] std::array<bool, layer_count> int8_layer_mask() const noexcept {
        std::array<bool, layer_count> layers{};
        Layers::for_each([&]<std::size_t I>() { layers[I] = is_int8<I>(); });
        return layers;
    }
    /// Returns whether layer I is in 8 bits.
    template <std::size_t I>
    [[nodiscard]] bool is_int8() const noexcept {
        return std::get<I>(int8_).has_value();
    }
    /// Returns layer I in 8 bits; empty where it computes in float.
    template <std::size_t I>
    requires can_be_int8<I>
    [[nodiscard]] const Int8Layer<I>& int8_layer() const noexcept { return std::get<I>(int8_); }

    /// Returns the parameters of layer I, which must not be in 8 bits.
    template <std::size_t I>
    [[nodiscard]] const float* layer_parameters() const noexcept {
        return parameters_.data() + offsets_[I];
    }

    /// Returns whether no parameter is NaN or infinite.
    [[nodiscard]] bool all_finite() const {
        check_usable();
        bool finite = simd::all_finite(parameters_.data(), parameters_.size());
        Layers::for_each([&]<std::size_t I>() {
            if constexpr (can_be_int8<I>) finite = finite && (!is_int8<I>() || int8_layer<I>()->all_finite());
        });
        return finite;
    }

    /// Returns the network's type as text, such as "Quantized<Input<784>, Dense<10, Softmax>>".
    [[nodiscard]] static std::string architecture() {
        return detail::join({"Quantized<", Network::architecture(), ">"});
    }

    /// Throws Error when the network has no parameters: when it was moved from, or nothing was loaded into it.
    void check_usable() const {
        if (parameters_.data() == nullptr) fail_without_parameters();
    }

    /// Returns what a byte is multiplied by where the network's inputs are bytes times a scale: where its first layer
    /// is in 8 bits, and the calibration data were such bytes, or had 0 as their smallest number. Empty for others.
    [[nodiscard]] std::optional<float> byte_scale() const noexcept {
        if constexpr (can_take_bytes) {
            const auto& first = std::get<0>(int8_);
            if (first && first->range().low == 0) return first->range().step;
        }
        return std::nullopt;
    }

    /// Returns the outputs for one row of bytes, such as the grey levels of an image, each of which stands for itself
    /// times `byte_scale()`:
    ///
    /// ```cpp
    /// const std::array<std::uint8_t, 4> pixels{0, 255, 17, 0};
    /// const auto probabilities = small.predict_bytes(pixels);  // as small.predict of the pixels times byte_scale()
    /// ```
    ///
    /// They are the bits that `predict` gives for that row of floats, but no float is made of the bytes. (`predict`
    /// takes bytes as well: each as the number that it is.) Uses the heap as `predict` does, for a row not at all.
    /// Throws DataError where byte_scale() is empty. A wrong length doesn't compile if it is part of the type, and
    /// throws ShapeError otherwise.
    template <NumberSequence Row>
    requires std::same_as<detail::ElementOf<Row>, std::uint8_t>
    [[nodiscard]] RowArray<float, outputs> predict_bytes(const Row& row) const {
        Base::template check_length<Row>(std::size(row));
        check_usable();
        if (!byte_scale()) fail_without_bytes();
        auto y = detail::make_row_array<float, outputs>();
        if constexpr (can_take_bytes) {
            Scratch<float, scratch_size<Layers>(1)> numbers;
            Scratch<std::uint64_t, scratch_words<Layers>(1)> words;
            forward_rows<Layers>(Rows<const std::uint8_t, inputs>{std::data(row), 1}, {y.data(), 1}, numbers.data(),
                                 words.data());
        }
        return y;
    }

    /// Returns the class of one row of bytes, as `classify` does for the row that `predict_bytes` describes.
    template <NumberSequence Row>
    requires std::same_as<detail::ElementOf<Row>, std::uint8_t>
    [[nodiscard]] std::int32_t classify_bytes(const Row& row) const { return Base::class_of_row(predict_bytes(row)); }

    // What Predictor asks for; its comment is their contract.
    template <class Part>
    void forward(Rows<const float, inputs> x, Rows<float, Part::outputs> y, float* numbers,
                 std::uint64_t* words) const {
        check_usable();
        forward_rows<Part>(x, y, numbers, words);
    }
    /// How many numbers of working memory the prediction of `rows` rows needs.
    template <class Part>
    static constexpr std::size_t scratch_size(std::size_t rows) {
        return Part::scratch_size(rows);
    }
    /// How many 64-bit words of working memory the prediction of `rows` rows needs.
    template <class Part>
    static constexpr std::size_t scratch_words(std::size_t rows) {
        return rows * detail::Int8Parts<Layers>::row_bytes / sizeof(std::uint64_t);
    }

private:
    /// Whether the first layer can be given bytes: unless its input is needed for a Residual, too.
    static constexpr bool can_take_bytes =
        can_be_int8<0> && std::count(Layers::starts_of_skips.begin(), Layers::starts_of_skips.end(), 0) == 0;

    /// Passes x, rows of floats or of bytes, through the layers of `Part`.
    template <class Part, class X>
    void forward_rows(X x, Rows<float, Part::outputs> y, float* numbers, std::uint64_t* words) const {
        auto* const bytes = reinterpret_cast<std::uint8_t*>(words);
        Part::forward_each(x, y, numbers, [&]<std::size_t I>(auto in, auto out) {
            using PartLayer = typename Part::template Layer<I>;
            if constexpr (can_be_int8<I>) {
                if (const Int8Layer<I>& layer = int8_layer<I>()) {
                    layer->multiply(in, out, bytes);
                    return PartLayer::activate(out);
                }
            }
            if constexpr (!std::same_as<decltype(in), Rows<const std::uint8_t, Layers::inputs>>) {
                PartLayer::forward(layer_parameters<I>(), in, out, {});
            }
        });
    }

    [[noreturn, gnu::noinline, gnu::cold]] static void fail_without_bytes() {
        throw DataError(
            "predict_bytes: this network's inputs are not bytes times a scale: its first layer computes in float, or "
            "was calibrated with other numbers; give predict a row of floats");
    }
    [[noreturn, gnu::noinline, gnu::cold]] static void fail_without_parameters() {
        throw Error("this quantized network has no parameters: it was moved from, or nothing was loaded into it");
    }

    Buffer<float> parameters_;  ///< of the layers in float, one after the other
    std::array<std::size_t, layer_count> offsets_{};
    Int8Layers int8_;
};

}  // namespace TYPENET
