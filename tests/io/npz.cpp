#include <algorithm>
#include <cstddef>
#include <cstring>
#include <fstream>
#include <iterator>
#include <ratio>
#include <string>
#include <string_view>
#include <support/temporary_file.hpp>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/dropout.hpp>
#include <typenet/layers/layer_norm.hpp>
#include <typenet/layers/residual.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/network/mlp.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;

namespace {

using Tiny = Mlp<float, Input<2>, Dense<1, Sigmoid>>;
template <class T>
using Mixed = Mlp<T, Input<3>, Standardize, Dense<4, ReLU>, Dropout<std::ratio<1, 5>>,
                  Residual<LayerNorm, Dense<4, Tanh>>, Dense<2, Softmax>>;

}  // namespace

TEST_SUITE("io/npz") {
    TEST_CASE_TEMPLATE("a network of every kind of layer comes back to the bit", T, float, double) {
        const TemporaryDirectory directory;
        const Mixed<T> network(Seed{4});
        const ModelInfo info{.input_scale = 0.1F, .labels = {"a", "b"}, .metadata = {{"author", "me"}}};
        save_npz(network, directory / "model.npz", info);
        Mixed<T> read(Seed{9});
        const ModelInfo info_read = load_npz(read, directory / "model.npz");
        CHECK(parameter_hash(read) == parameter_hash(network));
        CHECK(info_read.input_scale == info.input_scale);
        CHECK(info_read.labels == info.labels);
        CHECK(info_read.metadata == info.metadata);
    }

    TEST_CASE("the arrays are the tensors of the safetensors file") {
        const TemporaryDirectory directory;
        const Mixed<float> network(Seed{4});
        save_npz(network, directory / "model.npz");
        save(network, directory / "model.safetensors");
        const std::string npz = bytes_of(directory / "model.npz");
        const std::string safetensors = bytes_of(directory / "model.safetensors");
        const detail::StoredModel arrays = detail::read_npz("npz", npz);
        detail::StoredModel tensors = detail::read_safetensors("safetensors", safetensors);
        CHECK(arrays.metadata == tensors.metadata);
        CHECK(detail::checksum(arrays) == detail::checksum(tensors));
    }

    TEST_CASE(
        "a failed load changes nothing: a file cut short is refused, one with a flipped byte is refused or equal") {
        const TemporaryDirectory directory;
        Tiny network(Seed{3});
        const ModelInfo saved{.input_scale = 0.5F, .labels = {"no", "yes"}, .metadata = {{"author", "me"}}};
        save_npz(network, directory / "model", saved);
        const std::string file = bytes_of(directory / "model");
        int loaded = 0;
        const auto check = [&](const std::string& damaged) {
            Tiny read(Seed{1});
            const std::uint64_t before = parameter_hash(read);
            const std::filesystem::path path = directory.write("damaged", damaged);
            try {
                const ModelInfo info = load_npz(read, path);
                CHECK(parameter_hash(read) == parameter_hash(network));
                CHECK(info.input_scale == saved.input_scale);
                CHECK(info.labels == saved.labels);
                CHECK(info.metadata == saved.metadata);
                ++loaded;
            } catch (const FileError& error) {
                CHECK(parameter_hash(read) == before);
                CHECK(std::string(error.what()).starts_with(path.string() + ": "));
            }
        };
        for (std::size_t size = 0; size < file.size(); ++size) check(file.substr(0, size));
        CHECK(loaded == 0);
        for (std::size_t at = 0; at < file.size(); ++at) {
            for (const int flip : {1, 2, 4, 8, 16, 32, 64, 128, 255}) {
                CAPTURE(at);
                std::string damaged = file;
                damaged[at] = static_cast<char>(damaged[at] ^ flip);
                check(damaged);
            }
        }
        CHECK(loaded > 0);  // times, versions and attributes may be any
    }

    TEST_CASE("transposed arrays, which NumPy writes column by column, are read as what they mean") {
        const TemporaryDirectory directory;
        const std::vector<float> numbers{1, 4, 2, 5, 3, 6, 7, 8};
        const std::string_view bytes(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
        detail::StoredModel model;
        model.tensors.push_back(
            {.name = "0.weight", .dtype = "F32", .shape = {2, 3}, .bytes = bytes.substr(0, 24), .column_major = true});
        model.tensors.push_back({.name = "0.bias", .dtype = "F32", .shape = {2}, .bytes = bytes.substr(24)});
        Mlp<float, Input<3>, Dense<2, Sigmoid>> read;  // with weights [[1, 2, 3], [4, 5, 6]] as PyTorch has them
        (void)load_npz(read, directory.write("model.npz", detail::write_npz("test", model)));
        CHECK(std::vector<float>(read.parameters().begin(), read.parameters().end()) == numbers);
    }

    TEST_CASE("the first layers of a network load into a network of these layers") {
        const TemporaryDirectory directory;
        const Mlp<float, Input<2>, Dense<3, Tanh>, Residual<Dense<3, ReLU>>, Dense<1, Sigmoid>> network(Seed{3});
        save_npz(network.first_layers<3>(), directory / "model.npz");
        Mlp<float, Input<2>, Dense<3, Tanh>, Residual<Dense<3, ReLU>>> read;
        (void)load_npz(read, directory / "model.npz");
        CHECK(std::ranges::equal(read.parameters(), network.parameters().first<read.parameter_count>()));
    }

    TEST_CASE("a file of the other format is told apart") {
        const TemporaryDirectory directory;
        Tiny network;
        save_npz(network, directory / "model.npz");
        CHECK_THROWS_WITH_AS(
            (void)load(network, directory / "model.npz"),
            ((directory / "model.npz").string() + ": is a ZIP archive, such as the .npz files that load_npz reads")
                .c_str(),
            FileError);
        save(network, directory / "model.safetensors");
        CHECK_THROWS_AS((void)load_npz(network, directory / "model.safetensors"), FileError);
    }

    TEST_CASE("what save refuses is refused here by this function's name") {
        const TemporaryDirectory directory;
        CHECK_THROWS_WITH_AS(save_npz(Tiny(), directory / "model", {.input_scale = 0}),
                             "save_npz: input_scale must be finite and not 0", OptionError);
        CHECK_THROWS_AS(save_npz(Tiny(), directory / "missing" / "model"), FileError);
        Tiny read;
        CHECK_THROWS_AS((void)load_npz(read, directory / "missing"), FileError);
    }
}
