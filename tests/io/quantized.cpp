#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <support/safetensors.hpp>
#include <support/temporary_file.hpp>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/io/quantized.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/quantized.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;

namespace {

using Net = Mlp<float, Input<5>, Standardize, Dense<7, Tanh>, LayerNorm, Dense<6, ReLU>, Dense<3, Softmax>>;

/// A network whose layers 1 and 4 are in 8 bits.
Quantized<Net> some_quantized(std::uint64_t seed) {
    const Net net(Seed{seed});
    Quantized<Net>::Int8Layers layers;
    const auto put = [&]<std::size_t I>(ByteRange range) {
        using Layer = Net::Layer<I>;
        const float* const parameters = net.layer_parameters<I>();
        std::get<I>(layers).emplace(
            round_to_int8(parameters, parameters + Layer::weight_count, Layer::inputs, Layer::outputs, range));
    };
    put.operator()<1>({-3, 0.025F});
    put.operator()<4>({0, 0.01F});
    return {net, layers};
}

Matrix<float> some_rows() {
    auto x = Matrix<float>::from_shape({40, 5});
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] = 2 * std::sin(static_cast<float>(i));
    return x;
}

/// Returns the file's text with the metadata left out that would show every change.
std::string without_checks(std::string file) {
    for (const std::string_view key : {"checksum", "check_input", "check_output", "typenet.version"}) {
        const std::size_t at = file.find("\"" + std::string(key) + "\"");
        REQUIRE(at != std::string::npos);
        file.replace(at + 1, 2, "xx");
    }
    return file;
}

/// Expects that a file is refused with a message, and that the network stays.
void check_refused(const TemporaryDirectory& directory, const std::string& bytes, const char* message) {
    Quantized<Net> network = some_quantized(9);
    const Matrix<float> before = network.predict(some_rows());
    CHECK_THROWS_WITH_AS(load(network, directory.write("wrong", bytes)), doctest::Contains(message), FileError);
    CHECK((network.predict(some_rows()) == before));
}

/// Replaces the only place where `from` stands.
std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    REQUIRE(from.size() == to.size());
    return text.replace(at, from.size(), to);
}

}  // namespace

// Arrays are compared within two pairs of parentheses: g++ 12 warns wrongly of the code that would print them.

TEST_SUITE("io/quantized") {
    TEST_CASE("load gives back the bits that save was given, and what the file says beside") {
        const TemporaryDirectory directory;
        const Quantized<Net> small = some_quantized(1);
        save(small, directory / "small", {.input_scale = 0.5F, .labels = {"a", "b", "c"}, .metadata = {{"k", "v"}}});
        Quantized<Net> read;
        const ModelInfo info = load(read, directory / "small");
        CHECK((read.predict(some_rows()) == small.predict(some_rows())));
        CHECK(read.is_int8<1>());
        CHECK_FALSE(read.is_int8<3>());
        CHECK(read.is_int8<4>());
        CHECK(info.input_scale == 0.5F);
        CHECK(info.labels == std::vector<std::string>{"a", "b", "c"});
        CHECK(info.metadata.at("k") == "v");
        save(read, directory / "again", info);
        CHECK(bytes_of(directory / "again") == bytes_of(directory / "small"));
    }

    TEST_CASE("layers in 8 bits have whole numbers [outputs, inputs], scales, biases and a range") {
        const TemporaryDirectory directory;
        save(some_quantized(1), directory / "small");
        const std::string file = bytes_of(directory / "small");
        for (const char* const entry :
             {R"("1.weight":{"dtype":"I8","shape":[7, 5],)", R"("1.weight_scale":{"dtype":"F32","shape":[7],)",
              R"("1.bias":{"dtype":"F32","shape":[7],)", R"("1.input_range":{"dtype":"F32","shape":[2],)",
              R"("4.weight":{"dtype":"F32","shape":[6, 7],)", R"("6.weight":{"dtype":"I8","shape":[3, 6],)"}) {
            CAPTURE(entry);
            CHECK(file.find(entry) != std::string::npos);
        }
    }

    TEST_CASE("a network in float and one in 8 bits don't load each other's files") {
        const TemporaryDirectory directory;
        Net net(Seed{1});
        save(net, directory / "float");
        save(some_quantized(1), directory / "small");
        CHECK_THROWS_WITH_AS(load(net, directory / "small"), doctest::Contains("holds the network Quantized<Input<5>"),
                             FileError);
        Quantized<Net> small;
        CHECK_THROWS_WITH_AS(load(small, directory / "float"), doctest::Contains("this one is Quantized<Input<5>"),
                             FileError);
        CHECK_THROWS_AS((void)small.predict(some_rows()), Error);
    }

    TEST_CASE("a failed load changes nothing: a file that is cut short or has a byte flipped is refused") {
        const TemporaryDirectory directory;
        save(some_quantized(1), directory / "small");
        const std::string file = bytes_of(directory / "small");
        Quantized<Net> network = some_quantized(9);
        const Matrix<float> before = network.predict(some_rows());
        std::size_t accepted = 0;
        for (std::size_t i = 0; i < file.size(); ++i) {
            std::string flipped = file;
            flipped[i] = static_cast<char>(flipped[i] ^ 1);
            for (const std::string& damaged : {file.substr(0, i), flipped}) {
                try {
                    load(network, directory.write("wrong", damaged));
                    ++accepted;
                } catch (const FileError&) {  // what is expected
                }
            }
        }
        CHECK(accepted == 0);
        CHECK((network.predict(some_rows()) == before));
    }

    TEST_CASE("tensors that a layer in 8 bits can't have are refused") {
        const TemporaryDirectory directory;
        save(some_quantized(1), directory / "small");
        const std::string file = without_checks(bytes_of(directory / "small"));
        Quantized<Net> read;
        CHECK_NOTHROW(load(read, directory.write("right", file)));
        check_refused(directory, replaced(file, R"("1.weight":{"dtype":"I8")", R"("1.weight":{"dtype":"U8")"),
                      "tensor 1.weight holds U8; a network can be read from F64, F32, F16 and BF16");
        check_refused(directory, replaced(file, R"("I8","shape":[7, 5])", R"("I8","shape":[5, 7])"),
                      "tensor 1.weight has the shape [5, 7]; the network needs [7, 5]");
        check_refused(directory, replaced(file, "6.weight_scale", "6.weight_scalf"), "has no tensor 6.weight_scale");
        check_refused(directory, replaced(file, "1.input_range", "1.input_rangf"), "has no tensor 1.input_range");
        check_refused(directory, replaced(file, R"("0.mean")", R"("0.meam")"), "has no tensor 0.mean");
        const float step = 0.01F;
        const std::string step_bytes(reinterpret_cast<const char*>(&step), sizeof step);
        for (const float wrong : {0.0F, -0.01F, std::numeric_limits<float>::denorm_min()}) {
            check_refused(directory,
                          replaced(file, step_bytes, std::string(reinterpret_cast<const char*>(&wrong), sizeof wrong)),
                          "a step is above 0 and not subnormal");
        }
        const float infinite = HUGE_VALF;
        check_refused(
            directory,
            replaced(file, step_bytes, std::string(reinterpret_cast<const char*>(&infinite), sizeof infinite)),
            "tensor 6.input_range holds a number that is not finite");
    }

    TEST_CASE("scales and ranges with which outputs are infinite are refused") {
        const TemporaryDirectory directory;
        Quantized<Net> small = some_quantized(1);
        save(small, directory / "small");
        std::string file = without_checks(bytes_of(directory / "small"));
        const float scale = small.int8_layer<4>()->parameters().scales[1];
        const float low_and_step[] = {0, 0.01F};
        const float large = 1e38F;
        const float wide[] = {0, 1e38F};
        const auto bytes = [](const auto& numbers) {
            return std::string(reinterpret_cast<const char*>(&numbers), sizeof numbers);
        };
        file = replaced(file, bytes(scale), bytes(large));
        check_refused(directory, replaced(file, bytes(low_and_step), bytes(wide)),
                      "has scales or ranges with which outputs are infinite");
    }

    TEST_CASE("save refuses what it refuses of other networks") {
        const TemporaryDirectory directory;
        CHECK_THROWS_WITH_AS(save(some_quantized(1), directory / "small", {.labels = {"a"}}),
                             "save: there are 1 labels for 3 classes", OptionError);
        Net net(Seed{1});
        net.biases<3>()(2) = std::nanf("");
        CHECK_THROWS_WITH_AS(save(Quantized<Net>(net, {}), directory / "small"),
                             "save: a parameter of the network is not finite", DataError);
        CHECK_THROWS_AS(save(Quantized<Net>(), directory / "small"), Error);
        CHECK_FALSE(std::filesystem::exists(directory / "small"));
    }
}
