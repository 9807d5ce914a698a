#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <string>
#include <typenet/activations.hpp>
#include <typenet/io/save.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>

#include <doctest/doctest.h>

#include "../support/temporary_file.hpp"

using namespace typenet;
using support::bytes_of;
using support::TemporaryDirectory;

namespace {

using Tiny = Mlp<float, Input<2>, Dense<3, Tanh>, Dense<1, Sigmoid>>;

}  // namespace

// What the files hold is tested in io/safetensors.cpp.
TEST_SUITE("io/save") {
    TEST_CASE("a file is its header, as long as its first eight bytes say, and the parameters") {
        const TemporaryDirectory directory;
        save(Tiny(Seed{3}), directory / "model");
        const std::string file = bytes_of(directory / "model");
        std::size_t length = 0;
        for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(file[i]);
        CHECK(file.substr(8, 17) == R"({"__metadata__":{)");
        CHECK(file.size() == 8 + length + sizeof(float) * Tiny::parameter_count);
    }

    TEST_CASE("saving twice gives the same bytes, and no other file") {
        const TemporaryDirectory directory;
        const Tiny network(Seed{3});
        save(network, directory / "model");
        const std::string first = bytes_of(directory / "model");
        save(network, directory / "model");
        CHECK(bytes_of(directory / "model") == first);
        CHECK(std::distance(std::filesystem::directory_iterator(directory.path()), {}) == 1);
    }

    TEST_CASE("the first layers of a network are saved as a network of these layers is") {
        const TemporaryDirectory directory;
        const Tiny network(Seed{3});
        const auto first = network.first_layers<1>();
        Mlp<float, Input<2>, Dense<3, Tanh>> same;
        std::ranges::copy(network.parameters().first<same.parameter_count>(), same.parameters().begin());
        save(first, directory / "first", {.labels = {"a", "b", "c"}});
        save(same, directory / "same", {.labels = {"a", "b", "c"}});
        CHECK(bytes_of(directory / "first") == bytes_of(directory / "same"));
    }
}
