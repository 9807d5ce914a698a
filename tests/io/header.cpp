#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <ratio>
#include <string>
#include <string_view>
#include <support/temporary_file.hpp>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/io/header.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/quantized.hpp>
#include <vector>

#include <doctest/doctest.h>

// The text of exported headers, and what export_header refuses. Whether headers compile and give the network's outputs
// is tested in tests/interchange, their functions in detail/header_source.cpp.

using namespace typenet;
using support::TemporaryDirectory;

namespace {

using Small = Mlp<float, Input<2>, Dense<2, Identity>>;

template <class Network>
std::string exported(const Network& network, const HeaderOptions& options = {}, const ModelInfo& info = {}) {
    const TemporaryDirectory directory;
    export_header(network, directory / "network.hpp", options, info);
    return support::bytes_of(directory / "network.hpp");
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

Small counting() {
    Small network;
    for (std::size_t i = 0; i < 6; ++i) network.parameters()[i] = static_cast<float>(i) / 4;
    return network;
}

}  // namespace

TEST_SUITE("io/header") {
    TEST_CASE("names and numbers stand in it, to the bit") {
        const std::string header = exported(counting(), {.name = "a::b_1"});
        CHECK(has(header, "\nnamespace a::b_1 {\n"));
        CHECK(has(header, "inline constexpr std::size_t input_count = 2;\n"));
        CHECK(has(header, "inline constexpr std::size_t output_count = 2;\n"));
        CHECK(has(header, "inline constexpr float weights_0[4] = {\n    0.0f, 0.25f, 0.5f, 0.75f,\n};"));
        CHECK(has(header, "inline constexpr float biases_0[2] = {\n    1.0f, 1.25f,\n};"));
        CHECK(has(header, "detail::affine<2, 2>(x0, detail::weights_0, detail::biases_0, x1);\n"));
        CHECK_FALSE(has(header, "labels"));
        CHECK(header.find("#include") == header.rfind("#include"));
        Small network;
        network.parameters()[0] = 1.0F / 3;
        network.parameters()[1] = -std::numeric_limits<float>::denorm_min();
        network.parameters()[2] = std::numeric_limits<float>::max();
        CHECK(has(exported(network), "{\n    0.33333334f, -1e-45f, 3.4028235e+38f, "));
    }

    TEST_CASE("the scale and the labels are those of the model") {
        const std::string header = exported(counting(), {}, {.input_scale = 0.25F, .labels = {"a\"\\b", "\xC3\xA9\n"}});
        CHECK(has(header, "x0[i] = static_cast<float>(features[i]) * 0.25f;"));
        CHECK(has(header, R"(inline constexpr const char* labels[2] = {"a\042\134b", "\303\251\012"};)"));
        CHECK(has(exported(counting()), "x0[i] = static_cast<float>(features[i]);"));
    }

    TEST_CASE("a network of columns has a function that makes a row of their values") {
        using Row = Columns<Optional<Number<"Age">>, Category<"Sex", "male", "female">>;
        const std::string header = exported(Mlp<float, Row, Standardize, Dense<2, Softmax>>(Seed{1}));
        CHECK(has(header, "#include <cstddef>\n#include <limits>\n"));
        CHECK(has(header, typenet::detail::header_columns_source));
        CHECK(has(header, "Age"));
        CHECK(has(header, "\"female\""));
        CHECK_FALSE(has(exported(counting()), "<limits>"));
        CHECK_FALSE(has(exported(counting()), typenet::detail::header_columns_source));
    }

    TEST_CASE("lines are no longer than 120 characters") {
        const std::string header = exported(Mlp<float, Input<50>, Dense<20, Softmax>>());
        std::size_t begin = header.find("weights_0[1000]");
        REQUIRE(begin != std::string::npos);
        for (std::size_t end = header.find('\n', begin); end != std::string::npos; end = header.find('\n', begin)) {
            CHECK(end - begin <= 120);
            begin = end + 1;
        }
    }

    TEST_CASE("a quantized network has whole numbers, and a scale for each output") {
        Small network;
        const std::vector<float> numbers{127, 0.5F, -63.4F, -1, 3, 4};  // [inputs, outputs], then biases
        std::copy(numbers.begin(), numbers.end(), network.parameters().begin());
        Quantized<Small>::Int8Layers layers;
        std::get<0>(layers).emplace(round_to_int8(numbers.data(), numbers.data() + 4, 2, 2, {-2, 0.25F}));
        const std::string header = exported(Quantized<Small>(network, layers));
        CHECK(has(header, "// The trained network Quantized<Input<2>, Dense<2, Identity>>, written by"));
        CHECK(has(header, "inline constexpr signed char weights_0[4] = {\n    127, 64, -63, -127,\n};"));
        CHECK(has(header, "inline constexpr float factors_0[2] = {\n    0.25f, 0.001968504f,\n};"));
        CHECK(has(header, "inline constexpr float offsets_0[2] = {\n    -125.0f, 4.992126f,\n};"));
        CHECK(has(header, "(x0, detail::weights_0, detail::factors_0, detail::offsets_0, -2.0f, 0.25f, x1);"));
    }

    TEST_CASE("layers of a quantized network that compute in float are written as others are") {
        using Net = Mlp<float, Input<3>, Standardize, Dense<5, Tanh>, LayerNorm, Dense<3, Softmax>>;
        const Net network(Seed{2});
        Quantized<Net>::Int8Layers layers;
        const float* const parameters = network.layer_parameters<1>();
        std::get<1>(layers).emplace(round_to_int8(parameters, parameters + 15, 3, 5, {-3, 0.02F}));
        const std::string floats = exported(network);
        const std::string header = exported(Quantized<Net>(network, layers));
        for (const char* const array :
             {" means_0[3] = {", " gains_3[5] = {", " weights_4[15] = {", " biases_4[3] = {"}) {
            const std::size_t begin = floats.find(array);
            REQUIRE(begin != std::string::npos);
            CHECK(has(header, floats.substr(begin, floats.find("};", begin) - begin)));
        }
        CHECK(has(header, "signed char weights_1[15]"));
        CHECK_FALSE(has(floats, "signed char weights_1[15]"));
    }

    TEST_CASE("the first layers of a network are written as a network of these layers is") {
        const Mlp<float, Input<2>, Standardize, Dense<3, Tanh>, Dense<2, Softmax>> network(Seed{3});
        const auto first = network.first_layers<2>();
        Mlp<float, Input<2>, Standardize, Dense<3, Tanh>> same;
        std::ranges::copy(network.parameters().first<same.parameter_count>(), same.parameters().begin());
        CHECK(exported(first) == exported(same));
        const TemporaryDirectory directory;
        CHECK_THROWS_WITH_AS(export_header(first, directory / "network.hpp", {.whole_numbers = true}),
                             doctest::Contains("call quantize"), OptionError);
    }

    TEST_CASE("in whole numbers, features and outputs have units, and there is no float") {
        using Net = Mlp<float, Input<2>, Dense<3, Sigmoid>, Dense<2, Softmax>>;
        const Net network(Seed{1});
        Quantized<Net>::Int8Layers layers;
        const float* const first = network.layer_parameters<0>();
        const float* const second = network.layer_parameters<1>();
        std::get<0>(layers).emplace(round_to_int8(first, first + 6, 2, 3, {0, 0.25F}));
        std::get<1>(layers).emplace(round_to_int8(second, second + 6, 3, 2, {0, 1.0F / 255}));
        const Quantized<Net> small(network, layers);
        const std::string header =
            exported(small, {.name = "signs", .whole_numbers = true}, {.input_scale = 0.25F, .labels = {"a", "b"}});
        CHECK(has(header, "#include <cstddef>\n#include <cstdint>\n\nnamespace signs {\n"));
        CHECK(has(header, "std::int64_t input_unit = 1;  // the features are bytes\n"));
        CHECK(has(header, "std::int32_t output_unit = 1073741824;  // stands for an output of 1\n"));
        CHECK(has(header, R"(labels[2] = {"a", "b"};)"));
        CHECK(has(header, "constexpr std::int32_t operator[](std::size_t i) const { return values[i]; }"));
        for (const char* const word : {"float ", "float>", "double", "0.5f", "no_class"})
            CHECK_FALSE(has(header, word));
        CHECK(has(exported(small, {.whole_numbers = true}), "input_unit = 65536;  // stands for a feature of 1\n"));
    }

    TEST_CASE("in whole numbers, a network with a layer in float is refused, and nothing is written") {
        const TemporaryDirectory directory;
        const auto path = directory / "network.hpp";
        CHECK_THROWS_WITH_AS(export_header(Quantized<Small>(counting(), {}), path, {.whole_numbers = true}),
                             doctest::Contains("layer 0, Dense<2, Identity>, computes in float; quantize without"),
                             OptionError);
        CHECK_THROWS_WITH_AS(export_header(Mlp<double, Input<2>, Dense<2, Tanh>>(), path, {.whole_numbers = true}),
                             doctest::Contains("call quantize"), OptionError);
        CHECK_FALSE(std::filesystem::exists(path));
    }

    TEST_CASE("a network of one output decides at one half") {
        CHECK(has(exported(Mlp<float, Input<2>, Dense<1, Sigmoid>>()),
                  "if constexpr (output_count == 1) return outputs[0] >= 0.5f ? 1 : 0;"));
    }

    TEST_CASE("a name that can't be a namespace is refused") {
        const TemporaryDirectory directory;
        const auto path = directory / "network.hpp";
        for (const std::string name : {"", "1a", "a b", "a-b", "a::", "::a", "a:b", "class", "a::int", "std", "size_t",
                                       "a__b", "_A", "\xC3\xA9", "linux", "NULL", "a::EOF"}) {
            CAPTURE(name);
            CHECK_THROWS_WITH_AS(export_header(Small(), path, {.name = name}),
                                 ("export_header: the name \"" + name + "\" can't be a namespace").c_str(),
                                 OptionError);
        }
        CHECK_FALSE(std::filesystem::exists(path));
        for (const std::string name : {"a", "_a1", "classes", "a::b::c"}) {
            CHECK_NOTHROW(export_header(Small(), path, {.name = name}));
        }
    }

    TEST_CASE("numbers beyond float, wrong labels and missing folders are errors") {
        const TemporaryDirectory directory;
        const auto path = directory / "network.hpp";
        Mlp<double, Input<2>, Dense<2, Identity>> large;
        large.parameters()[1] = -1e39;
        CHECK_THROWS_WITH_AS(export_header(large, path), "export_header: -1e+39 is too large for float", DataError);
        Mlp<double, Input<1>, Standardize> divided;
        divided.parameters()[1] = 1e-50;
        CHECK_THROWS_WITH_AS(export_header(divided, path), "export_header: the divisor 1e-50 is 0 as a float",
                             DataError);
        large.parameters()[1] = HUGE_VAL;
        CHECK_THROWS_WITH_AS(export_header(large, path), "export_header: a parameter of the network is not finite",
                             DataError);
        Small damaged = counting();
        damaged.parameters()[5] = std::nanf("");
        CHECK_THROWS_WITH_AS(export_header(Quantized<Small>(damaged, {}), path),
                             "export_header: a parameter of the network is not finite", DataError);
        CHECK_THROWS_WITH_AS(export_header(Small(), path, {}, {.labels = {"a"}}),
                             "export_header: there are 1 labels for 2 classes", OptionError);
        CHECK_THROWS_AS(export_header(Small(), directory / "missing" / "network.hpp"), FileError);
        CHECK_FALSE(std::filesystem::exists(path));
    }
}
