#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <new>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <typenet/io/npz.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>

#include "../support/allocations.hpp"
#include "../support/safetensors.hpp"
#include "../support/temporary_file.hpp"

// `load`, and what `save` writes for it: numbers, names, shapes and metadata to the bit, files of others, and every way
// in which a file can be wrong. rejection_of says why `load` refuses a file, and checks that the network stayed as it
// was. Many cases change one detail of a file for the network Tiny (tiny_data, with_weight, with_metadata). What must
// also hold for .npz files is here, too; the rest is in npz.cpp.

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;

namespace {

using Tiny = Mlp<float, Input<2>, Dense<1, Sigmoid>>;
template <class T>
using Deep = Mlp<T, Input<3>, Dense<4, ReLU>, Dense<5, Identity>, Dense<2, Softmax>>;
/// Every kind of layer.
template <class T>
using Mixed = Mlp<T, Input<3>, Standardize, Dense<4, ReLU>, Dropout<std::ratio<1, 5>>,
                  Residual<LayerNorm, Dense<4, Tanh>>, Dense<2, Softmax>>;

template <class T>
std::string bytes_of_numbers(const std::vector<T>& numbers) {
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(T)};
}

template <class T>
std::vector<T> numbers_in(std::string_view bytes) {
    std::vector<T> numbers(bytes.size() / sizeof(T));
    std::memcpy(numbers.data(), bytes.data(), numbers.size() * sizeof(T));
    return numbers;
}

std::uint64_t header_length(std::string_view file) {
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), sizeof length);
    return length;
}

nlohmann::ordered_json header_of(std::string_view file) {
    return nlohmann::ordered_json::parse(file.substr(8, header_length(file)));
}

/// The numbers of one tensor, found by the header's own word.
template <class T>
std::vector<T> tensor_of(std::string_view file, const std::string& name) {
    const auto offsets = header_of(file)[name]["data_offsets"].get<std::vector<std::size_t>>();
    return numbers_in<T>(file.substr(8 + header_length(file)).substr(offsets[0], offsets[1] - offsets[0]));
}

/// A file for Tiny whose parameters are 1.5, -2.25 and 0.5.
const std::string tiny_data = bytes_of_numbers(std::vector<float>{1.5F, -2.25F, 0.5F});
const std::string tiny_weight = R"("0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]})";
const std::string tiny_bias = R"("0.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]})";

/// A file for Tiny with another description of its weight, which is 8 bytes.
std::string with_weight(const std::string& entry) {
    return make_file(R"({"0.weight":)" + entry + "," + tiny_bias + "}", tiny_data);
}

std::string with_metadata(const std::string& metadata) {
    return make_file(R"({"__metadata__":)" + metadata + "," + tiny_weight + "," + tiny_bias + "}", tiny_data);
}

const std::string accepted = "(accepted)";

/// Why `load` refuses this file, without the file's name, or `accepted`. Checks that a refused file leaves the network
/// as it was.
template <class Network = Tiny>
std::string rejection(const std::filesystem::path& path) {
    Network network(Seed{1});
    const std::uint64_t before = parameter_hash(network);
    try {
        (void)load(network, path);
        return accepted;
    } catch (const FileError& error) {
        CHECK(error.file() == path.string());
        CHECK(parameter_hash(network) == before);
        const std::string what = error.what();
        REQUIRE(what.starts_with(path.string() + ": "));
        return what.substr(path.string().size() + 2);
    }
}

template <class Network = Tiny>
std::string rejection_of(std::string_view bytes) {
    const TemporaryDirectory directory;
    return rejection<Network>(directory.write("model", bytes));
}

/// The two formats' functions, for what both promise.
struct SafetensorsFunctions {
    static void save(const auto& network, const std::filesystem::path& path, const ModelInfo& info) {
        typenet::save(network, path, info);
    }
    static ModelInfo load(auto& network, const std::filesystem::path& path) { return typenet::load(network, path); }
};
struct NpzFunctions {
    static void save(const auto& network, const std::filesystem::path& path, const ModelInfo& info) {
        save_npz(network, path, info);
    }
    static ModelInfo load(auto& network, const std::filesystem::path& path) { return load_npz(network, path); }
};

template <class Network>
std::string saved(const Network& network, const ModelInfo& info = {}) {
    const TemporaryDirectory directory;
    save(network, directory / "model", info);
    return bytes_of(directory / "model");
}

/// A network that no seed gives, so that whatever load leaves out shows.
template <class Network>
Network unusual() {
    Network network;
    float value = 0.1F;
    for (auto& parameter : network.parameters()) parameter = value *= -1.25F;
    return network;
}

}  // namespace

TEST_SUITE("io/safetensors") {
    TEST_CASE_TEMPLATE("load gives back the bits that save was given", T, float, double) {
        const TemporaryDirectory directory;
        Deep<T> network = unusual<Deep<T>>();
        network.parameters()[0] = -T(0);
        network.parameters()[1] = std::numeric_limits<T>::denorm_min();
        network.parameters()[2] = std::numeric_limits<T>::max();
        network.parameters()[3] = std::nextafter(T(1), T(2));
        save(network, directory / "model");
        Deep<T> read(Seed{9});
        REQUIRE(parameter_hash(read) != parameter_hash(network));
        (void)load(read, directory / "model");
        CHECK(parameter_hash(read) == parameter_hash(network));
        CHECK(std::memcmp(read.parameters().data(), network.parameters().data(),
                          sizeof(T) * Deep<T>::parameter_count) == 0);
    }

    TEST_CASE_TEMPLATE("a network of every kind of layer comes back to the bit, and predicts the same", T, float,
                       double) {
        const TemporaryDirectory directory;
        Mixed<T> network(Seed{1});
        for (std::size_t i = 0; i < Mixed<T>::parameter_count; ++i) {
            network.parameters()[i] = T(0.25) + static_cast<T>(i * 7 % 31) / 30;
        }
        save(network, directory / "model");
        Mixed<T> read(Seed{9});
        (void)load(read, directory / "model");
        CHECK(std::memcmp(read.parameters().data(), network.parameters().data(),
                          sizeof(T) * Mixed<T>::parameter_count) == 0);
        const Vector<T, 3> x{T(1), T(-2), T(3)};
        const auto before = network.predict(x);
        const auto after = read.predict(x);
        CHECK(std::memcmp(before.data(), after.data(), sizeof(T) * before.size()) == 0);
    }

    TEST_CASE("vectors of other layers are stored as they are, under their own names") {
        Mixed<float> network;
        for (std::size_t i = 0; i < Mixed<float>::parameter_count; ++i) {
            network.parameters()[i] = static_cast<float>(i);
        }
        const std::string file = saved(network);
        CHECK(tensor_of<float>(file, "0.mean") == std::vector<float>{0, 1, 2});
        CHECK(tensor_of<float>(file, "0.deviation") == std::vector<float>{3, 4, 5});
        CHECK(tensor_of<float>(file, "4.weight") == std::vector<float>{22, 23, 24, 25});
        CHECK(tensor_of<float>(file, "4.bias") == std::vector<float>{26, 27, 28, 29});
        const nlohmann::ordered_json header = header_of(file);
        CHECK(header["4.weight"]["shape"] == std::vector<int>{4});
        CHECK(header["0.deviation"]["shape"] == std::vector<int>{3});
        CHECK(header.size() == 1 + 10);
        CHECK(header["__metadata__"]["architecture"] ==
              "Input<3>, Standardize, Dense<4, ReLU>, Dropout<1/5>, LayerNorm, Dense<4, Tanh>, SkipSum<2>, "
              "Dense<2, Softmax>");
    }

    TEST_CASE("tensors have the names of nn.Sequential: activations count as modules, Identity is none") {
        std::vector<std::string> names;
        const nlohmann::ordered_json header = header_of(saved(Deep<float>()));
        for (const auto& [name, entry] : header.items()) names.push_back(name);
        CHECK(names == std::vector<std::string>{"__metadata__", "0.weight", "0.bias", "2.weight", "2.bias", "3.weight",
                                                "3.bias"});
    }

    TEST_CASE_TEMPLATE("tensors have the shapes and dtypes of nn.Sequential", T, float, double) {
        const nlohmann::ordered_json header = header_of(saved(Deep<T>()));
        const std::map<std::string, std::vector<std::size_t>> shapes{{"0.weight", {4, 3}}, {"0.bias", {4}},
                                                                     {"2.weight", {5, 4}}, {"2.bias", {5}},
                                                                     {"3.weight", {2, 5}}, {"3.bias", {2}}};
        for (const auto& expected : shapes) {
            CAPTURE(expected.first);
            const nlohmann::ordered_json& entry = header.at(expected.first);
            CHECK(entry.size() == 3);
            CHECK(entry.at("shape").template get<std::vector<std::size_t>>() == expected.second);
            CHECK(entry.at("dtype") == (std::is_same_v<T, float> ? "F32" : "F64"));
        }
    }

    TEST_CASE_TEMPLATE("weights are stored [outputs, inputs], biases as they are", T, float, double) {
        Mlp<T, Input<3>, Dense<2, Sigmoid>> network;
        // In memory [inputs, outputs]: 0 1, 2 3, 4 5; the biases are 6 7.
        for (std::size_t i = 0; i < 8; ++i) network.parameters()[i] = static_cast<T>(i);
        const std::string file = saved(network);
        CHECK(tensor_of<T>(file, "0.weight") == std::vector<T>{0, 2, 4, 1, 3, 5});
        CHECK(tensor_of<T>(file, "0.bias") == std::vector<T>{6, 7});
    }

    TEST_CASE("the tensors fill the file in order, from a multiple of 8 on") {
        const std::string file = saved(Deep<float>());
        CHECK(header_length(file) % 8 == 0);
        CHECK(file[8] == '{');
        std::size_t end = 0;
        const nlohmann::ordered_json header = header_of(file);
        for (const auto& [name, entry] : header.items()) {
            if (name == "__metadata__") continue;
            CHECK(entry["data_offsets"][0] == end);
            end = entry["data_offsets"][1];
        }
        CHECK(end == Deep<float>::parameter_count * sizeof(float));
        CHECK(file.size() == 8 + header_length(file) + end);
    }

    TEST_CASE("the metadata names the architecture and the version") {
        const nlohmann::ordered_json metadata = header_of(saved(Deep<float>()))["__metadata__"];
        CHECK(metadata["architecture"] == "Input<3>, Dense<4, ReLU>, Dense<5, Identity>, Dense<2, Softmax>");
        CHECK(metadata["typenet.version"] == version);
        CHECK(metadata["input_scale"] == "1");
    }

    TEST_CASE("input_scale comes back to the bit") {
        using Limits = std::numeric_limits<float>;
        for (const float scale : {1.0F / 255, 0.1F, 1.0F, -3.5F, Limits::min(), Limits::max(), Limits::denorm_min()}) {
            CAPTURE(scale);
            const TemporaryDirectory directory;
            save(Tiny(), directory / "model", {.input_scale = scale});
            Tiny read;
            CHECK(std::bit_cast<std::uint32_t>(load(read, directory / "model").input_scale) ==
                  std::bit_cast<std::uint32_t>(scale));
        }
    }

    TEST_CASE("labels come back") {
        const TemporaryDirectory directory;
        save(Tiny(), directory / "model", {.labels = {"no", "y\xC3\xA9s"}});
        Tiny read;
        CHECK(load(read, directory / "model").labels == std::vector<std::string>{"no", "y\xC3\xA9s"});
        save(Tiny(), directory / "model");
        CHECK(load(read, directory / "model").labels.empty());
    }

    TEST_CASE("the user's metadata comes back, and the library's own entries stay out of it") {
        const std::map<std::string, std::string> metadata{
            {"author", "me"}, {"notes", "two\nlines, a \"quote\", a \\ and \xC3\xA9"}, {"", ""}};
        const TemporaryDirectory directory;
        save(Tiny(), directory / "model", {.metadata = metadata});
        Tiny read;
        CHECK(load(read, directory / "model").metadata == metadata);
    }

    TEST_CASE("the user's metadata cannot replace the library's own") {
        const TemporaryDirectory directory;
        save(Tiny(), directory / "model",
             {.input_scale = 2, .metadata = {{"architecture", "?"}, {"input_scale", "?"}}});
        Tiny read;
        const ModelInfo info = load(read, directory / "model");
        CHECK(info.input_scale == 2);
        CHECK(info.metadata.empty());
    }

    TEST_CASE("save refuses metadata that is no UTF-8, and leaves the old file") {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory.write("model", "old");
        CHECK_THROWS_WITH_AS(save(Tiny(), path, {.metadata = {{"author", "\xFF"}}}), "save: the metadata must be UTF-8",
                             OptionError);
        CHECK_THROWS_AS(save(Tiny(), path, {.metadata = {{"\xC3", "me"}}}), OptionError);
        CHECK(bytes_of(path) == "old");
    }

    TEST_CASE("save refuses an input_scale that load would refuse") {
        const TemporaryDirectory directory;
        for (const float scale :
             {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), 0.0F}) {
            CHECK_THROWS_WITH_AS(save(Tiny(), directory / "model", {.input_scale = scale}),
                                 "save: input_scale must be finite and not 0", OptionError);
        }
        CHECK_FALSE(std::filesystem::exists(directory / "model"));
    }

    TEST_CASE("save into a missing folder is a FileError") {
        const TemporaryDirectory directory;
        CHECK_THROWS_AS(save(Tiny(), directory / "missing" / "model"), FileError);
    }

    TEST_CASE("a file made by PyTorch, without metadata, loads") {
        const TemporaryDirectory directory;
        const std::vector<float> numbers{10, 11, 12, 20, 21, 22, 1, 2};  // weight [2, 3], bias [2]
        const std::string header = R"({"0.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                                   R"("0.bias":{"dtype":"F32","shape":[2],"data_offsets":[24,32]}})";
        Mlp<float, Input<3>, Dense<2, Sigmoid>> read;
        const ModelInfo info = load(read, directory.write("model", make_file(header, bytes_of_numbers(numbers))));
        CHECK(info.input_scale == 1);
        CHECK(info.metadata.empty());
        CHECK(std::vector<float>(read.parameters().begin(), read.parameters().end()) ==
              std::vector<float>{10, 20, 11, 21, 12, 22, 1, 2});
    }

    TEST_CASE("foreign metadata is handed to the user") {
        const TemporaryDirectory directory;
        Tiny read;
        const ModelInfo info = load(read, directory.write("model", with_metadata(R"({"format":"pt"})")));
        CHECK(info.metadata == std::map<std::string, std::string>{{"format", "pt"}});
    }

    TEST_CASE("tensors may come in any order, in the header and in the data") {
        const TemporaryDirectory directory;
        const std::string header = R"({"0.bias":{"data_offsets":[0,4],"shape":[1],"dtype":"F32"},)"
                                   R"("0.weight":{"shape":[1,2],"data_offsets":[4,12],"dtype":"F32"}}   )";
        Tiny read;
        (void)load(read, directory.write("model", make_file(header, bytes_of_numbers(std::vector<float>{3, 1, 2}))));
        CHECK(std::vector<float>(read.parameters().begin(), read.parameters().end()) == std::vector<float>{1, 2, 3});
    }

    TEST_CASE("the file that the rejections below start from loads") {
        const TemporaryDirectory directory;
        const std::filesystem::path path =
            directory.write("model", make_file("{" + tiny_weight + "," + tiny_bias + "}", tiny_data));
        CHECK(rejection(path) == accepted);
        Tiny read;
        (void)load(read, path);
        CHECK(std::vector<float>(read.parameters().begin(), read.parameters().end()) ==
              std::vector<float>{1.5F, -2.25F, 0.5F});
        CHECK(rejection_of(with_metadata("{}")) == accepted);
        CHECK(rejection_of(with_weight(R"({"dtype":"F32","shape":[1,2],"data_offsets":[0,8]})")) == accepted);
    }

    TEST_CASE("a failed load changes nothing: a file cut short anywhere is refused") {
        const std::string file = saved(unusual<Tiny>());
        const TemporaryDirectory directory;
        for (std::size_t length = 0; length < file.size(); ++length) {
            CAPTURE(length);
            CHECK(rejection(directory.write("model", std::string_view(file).substr(0, length))) != accepted);
        }
        CHECK(rejection(directory.write("model", file)) == accepted);
    }

    TEST_CASE("a file with something behind its end is refused") {
        CHECK(rejection_of(saved(Tiny()) + "x") == "1 bytes of data belong to no tensor");
    }

    TEST_CASE("a failed load changes nothing: a file with any byte flipped is refused") {
        const std::string file = saved(unusual<Tiny>(), {.labels = {"no", "yes"}, .metadata = {{"author", "me"}}});
        const TemporaryDirectory directory;
        for (std::size_t at = 0; at < file.size(); ++at) {
            for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
                CAPTURE(at);
                CAPTURE(flip);
                std::string damaged = file;
                damaged[at] = static_cast<char>(damaged[at] ^ flip);
                CHECK(rejection(directory.write("model", damaged)) != accepted);
            }
        }
        CHECK(rejection(directory.write("model", file)) == accepted);
    }

    TEST_CASE("a failed load changes nothing: any change of the header's length is refused") {
        const std::string file = saved(Tiny());
        const TemporaryDirectory directory;
        for (std::size_t at = 0; at < 8; ++at) {
            for (int value = 0; value < 256; ++value) {
                std::string damaged = file;
                damaged[at] = static_cast<char>(value);
                if (damaged == file) continue;
                CHECK(rejection(directory.write("model", damaged)) != accepted);
            }
        }
    }

    TEST_CASE("a header that claims terabytes is refused") {
        std::string file = make_file("{}", "");
        for (const std::uint64_t length : {std::uint64_t{1} << 43, ~std::uint64_t{0}}) {
            std::memcpy(file.data(), &length, sizeof length);
            CHECK(rejection_of(file) == "says that its header has " + std::to_string(length) +
                                            " bytes, and 2 are left: it is cut short or not a safetensors file");
        }
    }

    TEST_CASE("an empty file and one without room for the length are refused") {
        CHECK(rejection_of("") == "is too short for a safetensors file");
        CHECK(rejection_of("1234567") == "is too short for a safetensors file");
    }

    TEST_CASE("a missing file and a directory are refused") {
        const TemporaryDirectory directory;
        CHECK(rejection(directory / "missing").starts_with("cannot be opened: "));
        CHECK(rejection(directory.path()) == "is a directory, not a file");
    }

    TEST_CASE("a header that is no JSON is refused") {
        for (const std::string header : {"{", "{\"a\"}", "{} x", "{\"a\":1e999}", "{\"\xFF\":0}", "{\"a\":'x'}"}) {
            CAPTURE(header);
            CHECK(rejection_of(make_file(header, "")).starts_with("the header is wrong at byte "));
        }
    }

    TEST_CASE("a header that is no object is refused") {
        for (const std::string header : {"", "[]", "null", "7", "\"text\"", "no JSON", " {}", "\xEF\xBB\xBF{}"}) {
            CAPTURE(header);
            CHECK(rejection_of(make_file(header, "")) == "the header is wrong at byte 1: { must stand here");
        }
    }

    TEST_CASE("a header with a zero byte is refused, wherever it stands") {
        const std::string header = "{" + tiny_weight + "," + tiny_bias + "}";
        for (const std::string_view end : {std::string_view("\0", 1), std::string_view("\0]]]", 4)}) {
            CHECK(rejection_of(make_file(header + std::string(end), tiny_data)) ==
                  "the header is wrong at byte 123: nothing more must follow");
        }
    }

    TEST_CASE("a header nested a hundred thousand deep is refused") {
        constexpr int depth = 100'000;
        std::string lists = "{\"a\":";
        std::string objects;
        for (int i = 0; i < depth; ++i) {
            lists += '[';
            objects += "{\"a\":";
        }
        const auto refuse_both = [&] {
            CHECK(rejection_of(make_file(lists, "")) == "the header is wrong at byte 6: { must stand here");
            CHECK(rejection_of(make_file(objects, "")) == "the header is wrong at byte 11: the format has no field a");
        };
        refuse_both();
        lists += std::string(depth, ']') + "}";
        objects += "0" + std::string(depth, '}');
        refuse_both();
    }

    TEST_CASE("a list in a shape is refused") {
        CHECK(rejection_of(with_weight(R"({"dtype":"F32","shape":[[1,2]],"data_offsets":[0,8]})")) ==
              "the header is wrong at byte 37: a whole number must stand here");
    }

    TEST_CASE("a tensor that is named twice is refused") {
        CHECK(rejection_of(make_file("{" + tiny_weight + "," + tiny_bias + "," + tiny_weight + "}", tiny_data)) ==
              "the header is wrong at byte 133: 0.weight comes twice");
    }

    TEST_CASE("metadata that stands twice is refused") {
        CHECK(rejection_of(make_file(R"({"__metadata__":{},"__metadata__":{},)" + tiny_weight + "," + tiny_bias + "}",
                                     tiny_data)) == "the header is wrong at byte 34: __metadata__ comes twice");
        CHECK(rejection_of(with_metadata(R"({"input_scale":"1","input_scale":"2"})")) ==
              "the header is wrong at byte 49: input_scale comes twice");
    }

    TEST_CASE("a tensor that says something twice is refused") {
        CHECK(rejection_of(with_weight(R"({"dtype":"F32","shape":[2,1],"shape":[1,2],"data_offsets":[0,8]})")) ==
              "the header is wrong at byte 49: shape comes twice");
    }

    TEST_CASE("another dtype is converted where it is a floating-point number, and refused elsewhere") {
        CHECK(rejection_of(with_weight(R"({"dtype":"I32","shape":[1,2],"data_offsets":[0,8]})")) ==
              "tensor 0.weight holds I32; a network can be read from F64, F32, F16 and BF16");
        using TinyDouble = Mlp<double, Input<2>, Dense<1, Sigmoid>>;
        CHECK(rejection_of<TinyDouble>(saved(Tiny())) == accepted);
        CHECK(rejection_of(saved(TinyDouble())) == accepted);
        const TemporaryDirectory directory;
        const std::string header = R"({"0.weight":{"dtype":"BF16","shape":[1,2],"data_offsets":[0,4]},)"
                                   R"("0.bias":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}})";
        Tiny read;
        (void)load(read, directory.write("model", make_file(header, bytes_of_numbers(std::vector<std::uint16_t>{
                                                                        0x3FC0, 0xC010, 0x3800}))));
        CHECK(std::vector<float>(read.parameters().begin(), read.parameters().end()) ==
              std::vector<float>{1.5F, -2.25F, 0.5F});
    }

    TEST_CASE("another shape is refused") {
        for (const std::string shape : {"[2, 1]", "[2]", "[1, 2, 1]", "[]", "[4294967296, 4294967296]"}) {
            CHECK(rejection_of(with_weight(R"({"dtype":"F32","shape":)" + shape + R"(,"data_offsets":[0,8]})")) ==
                  "tensor 0.weight has the shape " + shape + "; the network needs [1, 2]");
        }
    }

    TEST_CASE("a missing tensor is refused") {
        CHECK(rejection_of(make_file("{" + tiny_weight + "}", tiny_data.substr(0, 8))) ==
              "has no tensor 0.bias, which the network needs");
        CHECK(rejection_of(make_file("{}", "")) == "has no tensor 0.weight, which the network needs");
    }

    TEST_CASE("a tensor too many is refused, even one without bytes") {
        const std::string two = "{" + tiny_weight + "," + tiny_bias + ",";
        CHECK(rejection_of(make_file(two + R"("2.bias":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})",
                                     tiny_data + "1234")) == "has a tensor 2.bias, which the network doesn't have");
        CHECK(rejection_of(make_file(two + R"("2.bias":{"dtype":"F32","shape":[0],"data_offsets":[12,12]}})",
                                     tiny_data)) == "has a tensor 2.bias, which the network doesn't have");
    }

    TEST_CASE("offsets that overlap, leave a gap or begin late are refused") {
        const auto file = [](const std::string& weight, const std::string& bias, std::size_t size) {
            return make_file(R"({"0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":)" + weight +
                                 R"(},"0.bias":{"dtype":"F32","shape":[1],"data_offsets":)" + bias + "}}",
                             std::string(size, '\0'));
        };
        CHECK(rejection_of(file("[0,8]", "[8,12]", 12)) == accepted);
        const std::string reason = "the tensors overlap or leave a gap at byte ";
        CHECK(rejection_of(file("[0,8]", "[4,8]", 8)) == reason + "8 of the data");
        CHECK(rejection_of(file("[0,8]", "[0,4]", 8)) == reason + "4 of the data");
        CHECK(rejection_of(file("[0,8]", "[12,16]", 16)) == reason + "8 of the data");
        CHECK(rejection_of(file("[4,12]", "[12,16]", 16)) == reason + "0 of the data");
        CHECK(rejection_of(file("[0,8]", "[8,12]", 16)) == "4 bytes of data belong to no tensor");
    }

    TEST_CASE("offsets beyond the end or in the wrong order are refused") {
        for (const std::string offsets :
             {"[0, 13]", "[8, 0]", "[18446744073709551608, 0]", "[0, 18446744073709551615]", "[100, 108]"}) {
            CHECK(rejection_of(with_weight(R"({"dtype":"F32","shape":[1,2],"data_offsets":)" + offsets + "}")) ==
                  "tensor 0.weight: its data_offsets " + offsets + " lie outside the file's 12 bytes of data");
        }
    }

    TEST_CASE("offsets whose size is not the shape's are refused") {
        const std::string begin = R"({"0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,)";
        const std::string middle = R"(]},"0.bias":{"dtype":"F32","shape":[1],"data_offsets":[)";
        CHECK(rejection_of(make_file(begin + "4" + middle + "4,12]}}", tiny_data)) ==
              "tensor 0.weight has 4 bytes; its shape and dtype need 8");
        CHECK(rejection_of(make_file(begin + "8" + middle + "8,16]}}", tiny_data + "1234")) ==
              "tensor 0.bias has 8 bytes; its shape and dtype need 4");
    }

    TEST_CASE("a tensor whose entry lacks something is refused") {
        for (const std::string entry : {
                 R"({})",
                 R"({"shape":[1,2],"data_offsets":[0,8]})",
                 R"({"dtype":"F32","data_offsets":[0,8]})",
                 R"({"dtype":"F32","shape":[1,2]})",
                 R"({"dtype":"F32","shape":[1,2],"data_offsets":[]})",
                 R"({"dtype":"F32","shape":[1,2],"data_offsets":[0]})",
             }) {
            CAPTURE(entry);
            CHECK(rejection_of(with_weight(entry)) ==
                  "tensor 0.weight: the header must give it a dtype, a shape and two data_offsets");
        }
    }

    TEST_CASE("a tensor whose entry has something in another form, or something more, is refused where it stands") {
        const std::vector<std::pair<std::string, std::string>> cases{
            {R"(7)", "13: { must stand here"},
            {R"([])", "13: { must stand here"},
            {R"({"dtype":32,"shape":[1,2],"data_offsets":[0,8]})", "22: a text must stand here"},
            {R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})", "36: [ must stand here"},
            {R"({"dtype":"F32","shape":[1,-2],"data_offsets":[0,8]})", "39: a whole number must stand here"},
            {R"({"dtype":"F32","shape":[1,2.0],"data_offsets":[0,8]})", "39: a whole number must stand here"},
            {R"({"dtype":"F32","shape":[1,02],"data_offsets":[0,8]})", "39: a whole number must stand here"},
            {R"({"dtype":"F32","shape":[1,2],"data_offsets":[0,8,8]})", "62: a list of at most 2 items must end here"},
            {R"({"dtype":"F32","shape":[1,2],"data_offsets":{"0":0,"1":8}})", "57: [ must stand here"},
            {R"({"dtype":"F32","shape":[1,2],"data_offsets":["0","8"]})", "58: a whole number must stand here"},
            {R"({"dtype":"F32","shape":[1,2],"data_offsets":[0,18446744073709551624]})",
             "60: a whole number must stand here"},
            {R"({"dtype":"F32","shape":[1,2],"data_offsets":[null,8]})", "58: a whole number must stand here"},
            {R"({"dtype":"F32","shape":[1,2],"data_offsets":[0,8],"more":1})", "70: the format has no field more"},
        };
        for (const auto& one : cases) {
            CAPTURE(one.first);
            CHECK(rejection_of(with_weight(one.first)) == "the header is wrong at byte " + one.second);
        }
    }

    TEST_CASE_TEMPLATE("a parameter that is not finite is refused", T, float, double) {
        using Limits = std::numeric_limits<T>;
        for (const T bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::signaling_NaN()}) {
            // The last bias of the last layer: all before it was fine.
            const std::string good = saved(Deep<T>());
            std::string late = good;
            std::memcpy(late.data() + late.size() - sizeof bad, &bad, sizeof bad);
            CHECK(rejection_of<Deep<T>>(late) == "tensor 3.bias holds a number that is not finite");
            std::string early = good;
            std::memcpy(early.data() + 8 + header_length(early), &bad, sizeof bad);
            CHECK(rejection_of<Deep<T>>(early) == "tensor 0.weight holds a number that is not finite");

            Deep<T> damaged;
            damaged.parameters()[1] = bad;
            const TemporaryDirectory directory;
            CHECK_THROWS_AS(save(damaged, directory / "model"), DataError);
            CHECK_FALSE(std::filesystem::exists(directory / "model"));
        }
    }

    TEST_CASE("another architecture is refused, even one with the same tensors") {
        using Other = Mlp<float, Input<2>, Dense<1, Tanh>>;
        CHECK(rejection_of(saved(Other())) ==
              "holds the network Input<2>, Dense<1, Tanh>; this one is Input<2>, Dense<1, Sigmoid>");
        CHECK(rejection_of(with_metadata(R"({"architecture":"Input<2>, Dense<1, Sigmoid>"})")) == accepted);
        CHECK(rejection_of(with_metadata(R"({"architecture":""})")) ==
              "holds the network ; this one is Input<2>, Dense<1, Sigmoid>");
    }

    TEST_CASE("layers without parameters are a part of the architecture") {
        using Plain = Mlp<float, Input<2>, Dense<2, Identity>>;
        using Skipped = Mlp<float, Input<2>, Residual<Dense<2, Identity>>>;
        using Dropped = Mlp<float, Input<2>, Dense<2, Identity>, Dropout<std::ratio<1, 2>>>;
        CHECK(rejection_of<Plain>(saved(Plain())) == accepted);
        CHECK(rejection_of<Plain>(saved(Skipped())) ==
              "holds the network Input<2>, Dense<2, Identity>, SkipSum<1>; this one is Input<2>, Dense<2, Identity>");
        CHECK(rejection_of<Dropped>(saved(Plain())) ==
              "holds the network Input<2>, Dense<2, Identity>; this one is Input<2>, Dense<2, Identity>, Dropout<1/2>");
    }

    TEST_CASE("a damaged vector of any layer is refused by its name") {
        const std::string file = saved(Mixed<float>());
        CHECK(rejection_of<Mixed<float>>(file) == accepted);
        const auto with = [&](const std::string& from, const std::string& to) {
            std::string changed = file;
            changed.replace(changed.find(from), from.size(), to);
            return rejection_of<Mixed<float>>(changed);
        };
        CHECK(with("0.mean", "0.mode") == "has no tensor 0.mean, which the network needs");
        CHECK(with("4.bias", "3.bias") == "has no tensor 4.bias, which the network needs");
        CHECK(with(R"("4.weight":{"dtype":"F32","shape":[4])", R"("4.weight":{"dtype":"F32","shape":[1])") ==
              "tensor 4.weight has the shape [1]; the network needs [4]");
        std::string bad = file;
        const float infinity = std::numeric_limits<float>::infinity();
        std::memcpy(bad.data() + 8 + header_length(bad) + 5 * sizeof infinity, &infinity, sizeof infinity);
        CHECK(rejection_of<Mixed<float>>(bad) == "tensor 0.deviation holds a number that is not finite");
    }

    TEST_CASE_TEMPLATE("a failed load changes nothing: any allocation may fail", Function, SafetensorsFunctions,
                       NpzFunctions) {
        const TemporaryDirectory directory;
        const std::filesystem::path path = directory / "model";
        const Mixed<float> network(Seed{1});
        Function::save(network, path, {.input_scale = 0.5F, .labels = {"a", "b"}, .metadata = {{"author", "me"}}});
        Mixed<float> read(Seed{2});
        const std::uint64_t before = parameter_hash(read);
        REQUIRE(before != parameter_hash(network));
        std::size_t failures = 0;
        for (bool has_failed = true; has_failed; ++failures) {
            const support::FailingAllocation failing(failures + 1);
            try {
                Function::load(read, path);
                has_failed = false;  // or the system went on without this memory
            } catch (const std::bad_alloc&) {
            } catch (const FileError&) {  // the file couldn't be opened
            }
            if (has_failed && parameter_hash(read) != before) FAIL("the network changed");
            has_failed = has_failed || failing.has_failed();
        }
        CHECK(failures > 100);
        CHECK(parameter_hash(read) == parameter_hash(network));
    }

    TEST_CASE("the memory for a header doesn't grow with what the format doesn't have") {
        constexpr std::size_t size = 20'000'000;
        const std::size_t most_allocations = 100;
        // A tree of each header's values would take hundreds of megabytes. # is a number that counts up.
        const std::vector<std::pair<std::string, std::string>> begins_and_items{{R"({)", R"("#":{},)"},
                                                                                {R"({"a":{)", R"("#":{},)"},
                                                                                {R"({"a":{)", R"("#":0,)"},
                                                                                {R"({"a":{"shape":[)", "0,"},
                                                                                {R"({"__metadata__":{)", R"("#":{},)"},
                                                                                {R"({"a":{"shape":[)", "[],"}};
        const TemporaryDirectory directory;
        for (const auto& one : begins_and_items) {
            const std::string& item = one.second;
            CAPTURE(item);
            const std::size_t place = std::min(item.find('#'), item.size());
            std::string header = one.first;
            for (int i = 0; header.size() < size; ++i) {
                header.append(item, 0, place);
                if (place < item.size()) header.append(std::to_string(i)).append(item, place + 1);
            }
            const std::filesystem::path path = directory.write("model", make_file(header, ""));
            Tiny network;
            const std::size_t before = support::allocation_count();
            CHECK_THROWS_AS((void)load(network, path), FileError);
            CHECK(support::allocation_count() - before < most_allocations);
        }
    }

    TEST_CASE("a header of more names than files need is refused") {
        std::string tensors = "{";
        std::string metadata = R"({"__metadata__":{)";
        for (int i = 0; i < 70'000; ++i) {
            const std::string name = std::string("\"").append(std::to_string(i)).append("\":");
            tensors.append(name).append(R"({"dtype":"F32","shape":[0],"data_offsets":[0,0]},)");
            metadata.append(name).append(R"("",)");
        }
        for (const std::string& header : {tensors, metadata}) {
            CHECK(rejection_of(make_file(header, "")).ends_with("an object of at most 65535 names must end here"));
        }
    }

    TEST_CASE("metadata that is no object of texts is refused") {
        CHECK(rejection_of(with_metadata("[]")) == "the header is wrong at byte 17: { must stand here");
        CHECK(rejection_of(with_metadata("null")) == "the header is wrong at byte 17: { must stand here");
        CHECK(rejection_of(with_metadata(R"({"input_scale":1})")) ==
              "the header is wrong at byte 32: a text must stand here");
        CHECK(rejection_of(with_metadata(R"({"a":{"b":"c"}})")) ==
              "the header is wrong at byte 22: a text must stand here");
    }
}
