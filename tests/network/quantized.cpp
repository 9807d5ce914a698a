#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <ratio>
#include <span>
#include <string>
#include <support/allocations.hpp>
#include <support/larger_or_nan.hpp>
#include <type_traits>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/quantized.hpp>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using Digits = Mlp<float, Input<784>, Dense<128, Sigmoid>, Dense<64, Sigmoid>, Dense<10, Softmax>>;
using Various = Mlp<float, Input<12>, Standardize, Dense<30, GELU>, Dropout<std::ratio<1, 5>>,
                    Residual<LayerNorm, Dense<30, ReLU>>, Dense<4, Identity>>;

/// Puts layer I in 8 bits, with inputs in the given range.
template <std::size_t I, class Network>
void put_in_int8(const Network& network, typename Quantized<Network>::Int8Layers& layers, ByteRange range) {
    using Layer = typename Network::template Layer<I>;
    const float* const parameters = network.template layer_parameters<I>();
    std::get<I>(layers).emplace(
        round_to_int8(parameters, parameters + Layer::weight_count, Layer::inputs, Layer::outputs, range));
}

/// The digits' network with its first two layers in 8 bits.
Quantized<Digits> quantized_digits(const Digits& net) {
    Quantized<Digits>::Int8Layers layers;
    put_in_int8<0>(net, layers, {0, 1.0F / 255});
    put_in_int8<1>(net, layers, {0, 1.0F / 255});
    return {net, layers};
}

/// Rows of greys, most of them 0, as images have them.
Matrix<float> some_images(std::size_t rows) {
    auto x = Matrix<float>::from_shape({rows, 784});
    for (std::size_t i = 0; i < x.size(); ++i) {
        const bool ink = i / 20 % 5 == i / 784 % 5;
        x.data()[i] = ink ? static_cast<float>(i * 37 % 256) / 255 : 0;
    }
    return x;
}

double largest_difference(const Matrix<float>& a, const Matrix<float>& b) {
    double largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        largest = support::larger_or_nan(largest, static_cast<double>(std::abs(a.data()[i] - b.data()[i])));
    }
    return largest;
}

}  // namespace

// Arrays are compared within two pairs of parentheses: g++ 12 warns wrongly of the code that would print them.

TEST_SUITE("network/quantized") {
    TEST_CASE("a network in 8 bits answers nearly as the one that it was made from") {
        const Digits net(Seed{1});
        const Quantized<Digits> small = quantized_digits(net);
        CHECK(small.is_int8<0>());
        CHECK(small.is_int8<1>());
        CHECK_FALSE(small.is_int8<2>());
        CHECK(small.int8_layer_mask() == std::array{true, true, false});
        const Matrix<float> x = some_images(200);
        const double difference = largest_difference(net.predict(x), small.predict(x));
        CHECK(difference < 0.01);
        CHECK(difference > 0);
    }

    TEST_CASE("without layers in 8 bits, the bits are the network's") {
        const Various net(Seed{2});
        const Quantized<Various> same(net, {});
        auto x = Matrix<float>::from_shape({70, 12});
        for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(static_cast<float>(i));
        CHECK((same.predict(x) == net.predict(x)));
        CHECK(same.all_finite());
    }

    TEST_CASE("layers of all kinds stand beside layers in 8 bits") {
        Various net(Seed{2});
        Quantized<Various>::Int8Layers layers;
        put_in_int8<1>(net, layers, {-1, 2.0F / 255});
        put_in_int8<6>(net, layers, {-1, 8.0F / 255});
        const Quantized<Various> small(net, layers);
        auto x = Matrix<float>::from_shape({70, 12});
        for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = std::sin(static_cast<float>(i));
        const double difference = largest_difference(net.predict(x), small.predict(x));
        CHECK(difference < 0.1);
        CHECK(difference > 0);
        CHECK_FALSE(std::is_constructible_v<Int8Affine<1, 1>, decltype(std::get<0>(layers))>);
        CHECK(Quantized<Various>::can_be_int8<1>);
        CHECK_FALSE(Quantized<Various>::can_be_int8<0>);
        CHECK_FALSE(Quantized<Various>::can_be_int8<3>);
    }

    TEST_CASE("a row has the same bits alone, in a batch, and with any number of threads") {
        const Quantized<Digits> small = quantized_digits(Digits(Seed{1}));
        const Matrix<float> x = some_images(150);
        const Matrix<float> together = small.predict(x);
        CHECK((small.predict(x, {.threads = 3}) == together));
        for (std::size_t r = 0; r < 150; ++r) {
            const auto alone = small.predict(std::span<const float, 784>(x.data() + r * 784, 784));
            for (std::size_t k = 0; k < 10; ++k) REQUIRE(alone(k) == together(r, k));
        }
    }

    // An untrained network's outputs lie close together, so a sum that differed anywhere would change classes.
    TEST_CASE("the classes of these rows are the same with every compiler, library and processor") {
        const Quantized<Digits> small = quantized_digits(Digits(Seed{1}));
        Hash hash;
        for (const std::int32_t label : small.classify(some_images(1000))) hash.add(static_cast<std::uint64_t>(label));
        CHECK(hash.value() == 8313815547433369896U);
    }

    TEST_CASE("a feature that is not finite makes its row's outputs NaN") {
        const Quantized<Digits> small = quantized_digits(Digits(Seed{1}));
        Matrix<float> x = some_images(3);
        x(1, 700) = HUGE_VALF;
        const Matrix<float> y = small.predict(x);
        CHECK(std::isnan(y(1, 3)));
        CHECK_FALSE(std::isnan(y(0, 3)));
        CHECK_FALSE(std::isnan(y(2, 3)));
        CHECK_THROWS_WITH_AS((void)small.classify(x), doctest::Contains("row 1"), DataError);
    }

    TEST_CASE("a missing value is one for a network that begins with Standardize") {
        using Net = Mlp<float, Input<2>, Standardize, Dense<3, Tanh>>;
        Net net(Seed{1});
        const std::array<float, 4> moments{5, 6, 1, 2};
        std::copy(moments.begin(), moments.end(), net.parameters().begin());
        Quantized<Net>::Int8Layers layers;
        put_in_int8<1>(net, layers, {-2, 4.0F / 255});
        const Quantized<Net> small(net, layers);
        const auto missing = small.predict(std::array<float, 2>{std::nanf(""), 7});
        const auto mean = small.predict(std::array<float, 2>{5, 7});
        CHECK((missing == mean));
    }

    TEST_CASE("its first layers answer in 8 bits, too") {
        const Digits net(Seed{1});
        const Quantized<Digits> small = quantized_digits(net);
        const Matrix<float> x = some_images(70);
        const Matrix<float> hidden = small.first_layers<2>().predict(x);
        const double difference = largest_difference(net.first_layers<2>().predict(x), hidden);
        CHECK(difference < 0.02);
        CHECK(difference > 0);
        Mlp<float, Input<64>, Dense<10, Softmax>> last;  // which is in float
        last.weights<0>() = net.weights<2>();
        last.biases<0>() = net.biases<2>();
        CHECK((last.predict(hidden) == small.predict(x)));
    }

    TEST_CASE("predict of a row makes no heap allocation") {
        const Quantized<Digits> small = quantized_digits(Digits(Seed{1}));
        Vector<float, 784> x;
        x.fill(0.5F);
        const std::size_t before = support::allocation_count();
        const auto y = small.predict(x);
        const std::int32_t label = small.classify(x);
        const std::array<std::uint8_t, 784> bytes{1, 2, 3};
        const auto y_of_bytes = small.predict_bytes(bytes);
        const std::int32_t label_of_bytes = small.classify_bytes(bytes);
        CHECK(support::allocation_count() == before);
        CHECK(y(static_cast<std::size_t>(label)) > 0);
        CHECK(y_of_bytes(static_cast<std::size_t>(label_of_bytes)) > 0);
    }

    TEST_CASE("a row of bytes has the bits that it has as floats, for each byte") {
        const Digits net(Seed{1});
        for (const float scale : {1.0F / 255, 0.1F, 1.0F, 1e-30F, 3e-2F}) {
            Quantized<Digits>::Int8Layers layers;
            put_in_int8<0>(net, layers, {0, scale});
            put_in_int8<1>(net, layers, {0, 1.0F / 255});
            const Quantized<Digits> small(net, layers);
            CHECK(small.byte_scale() == scale);
            for (unsigned first = 0; first < 256; first += 15) {
                std::array<std::uint8_t, 784> bytes{};
                std::array<float, 784> floats{};
                for (unsigned i = 0; i < 784; ++i) {
                    bytes[i] = static_cast<std::uint8_t>(i % 100 < first ? first + i % 15 : 0);
                    floats[i] = static_cast<float>(bytes[i]) * scale;
                }
                CHECK((small.predict_bytes(bytes) == small.predict(floats)));
                CHECK(small.classify_bytes(bytes) == small.classify(floats));
                CHECK((small.predict_bytes(std::vector<std::uint8_t>(bytes.begin(), bytes.end())) ==
                       small.predict(floats)));
            }
        }
    }

    TEST_CASE("bytes are refused where they are no inputs, or too few") {
        const char* const message =
            "predict_bytes: this network's inputs are not bytes times a scale: its first layer computes in float, or "
            "was calibrated with other numbers; give predict a row of floats";
        const std::vector<std::uint8_t> bytes(784);
        const Digits net(Seed{1});
        Quantized<Digits>::Int8Layers layers;
        put_in_int8<1>(net, layers, {0, 1.0F / 255});
        CHECK_FALSE(Quantized<Digits>(net, layers).byte_scale());
        CHECK_THROWS_WITH_AS((void)Quantized<Digits>(net, layers).predict_bytes(bytes), message, DataError);
        put_in_int8<0>(net, layers, {-0.5F, 1.0F / 255});
        CHECK_FALSE(Quantized<Digits>(net, layers).byte_scale());
        CHECK_THROWS_WITH_AS((void)Quantized<Digits>(net, layers).classify_bytes(bytes), message, DataError);
        CHECK_THROWS_WITH_AS((void)quantized_digits(net).predict_bytes(std::vector<std::uint8_t>(783)),
                             "the network takes 784 features; this array has 783", ShapeError);

        const Various various(Seed{2});
        CHECK_THROWS_WITH_AS((void)Quantized<Various>(various, {}).predict_bytes(std::array<std::uint8_t, 12>{}),
                             message, DataError);
        using Skipping = Mlp<float, Input<4>, Residual<Dense<4, Tanh>>, Dense<2, Softmax>>;
        const Skipping skipping(Seed{3});
        Quantized<Skipping>::Int8Layers first;
        put_in_int8<0>(skipping, first, {0, 1});
        CHECK_THROWS_WITH_AS((void)Quantized<Skipping>(skipping, first).predict_bytes(std::array<std::uint8_t, 4>{}),
                             message, DataError);
        CHECK_THROWS_WITH_AS((void)Quantized<Digits>().predict_bytes(bytes), doctest::Contains("has no parameters"),
                             Error);
    }

    TEST_CASE("a copy is deep, and one without parameters says so until it is assigned to") {
        const char* const message =
            "this quantized network has no parameters: it was moved from, or nothing was loaded into it";
        const Matrix<float> x = some_images(2);
        Quantized<Digits> small = quantized_digits(Digits(Seed{1}));
        const Matrix<float> wanted = small.predict(x);
        const Quantized<Digits> copy = small;
        Quantized<Digits> taken = std::move(small);
        // NOLINTBEGIN(bugprone-use-after-move): this case tests the use after a move
        CHECK_THROWS_WITH_AS((void)small.predict(x), message, Error);
        CHECK_THROWS_WITH_AS((void)small.all_finite(), message, Error);
        // NOLINTEND(bugprone-use-after-move)
        const Quantized<Digits> copy_of_none = small;  // NOLINT(bugprone-use-after-move)
        CHECK_THROWS_WITH_AS((void)copy_of_none.predict(x), message, Error);
        taken = copy_of_none;
        CHECK_THROWS_WITH_AS((void)taken.classify(Vector<float, 784>{}), message, Error);
        small = copy;
        CHECK((small.predict(x) == wanted));
        CHECK((copy.predict(x) == wanted));
    }

    TEST_CASE("a copy that fails for lack of memory changes nothing") {
        const Matrix<float> x = some_images(3);
        const Digits net(Seed{1});
        const Quantized<Digits> source(net, {});
        const Matrix<float> wanted = quantized_digits(net).predict(x);
        for (std::size_t n = 1;; ++n) {
            Quantized<Digits> target = quantized_digits(net);
            bool has_failed = false;
            {
                const support::FailingAllocation failing(n);
                try {
                    target = source;
                } catch (const std::bad_alloc&) {  // what is expected
                }
                has_failed = failing.has_failed();
            }
            if (!has_failed) break;
            CHECK((target.predict(x) == wanted));
        }
    }

    TEST_CASE("parameters that are not finite are found in layers of both kinds") {
        Digits net(Seed{1});
        net.biases<2>()(3) = std::nanf("");
        CHECK_FALSE(quantized_digits(net).all_finite());
        net = Digits(Seed{1});
        net.biases<1>()(3) = HUGE_VALF;
        CHECK_FALSE(quantized_digits(net).all_finite());
        CHECK(quantized_digits(Digits(Seed{1})).all_finite());
    }

    TEST_CASE("its type as text says that it is in 8 bits") {
        CHECK(Quantized<Mlp<float, Input<2>, Dense<3, Tanh>>>::architecture() == "Quantized<Input<2>, Dense<3, Tanh>>");
        CHECK(Quantized<Digits>::inputs == 784);
        CHECK(AnyPredictor<Quantized<Digits>>);
        CHECK_FALSE(AnyNetwork<Quantized<Digits>>);
    }
}
