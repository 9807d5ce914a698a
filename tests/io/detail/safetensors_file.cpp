#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <typenet/io/detail/safetensors_file.hpp>

using namespace typenet;
using namespace typenet::detail;

namespace {

std::string make_file(std::string_view header, std::string_view data) {
    const std::uint64_t length = header.size();
    return std::string(reinterpret_cast<const char*>(&length), sizeof length).append(header).append(data);
}

}  // namespace

// What makes a file wrong is tested with `load`, in io/safetensors.cpp.
TEST_SUITE("io/detail/safetensors_file") {
    TEST_CASE("takes a file apart into tensors of any type and texts") {
        const std::string file = make_file(
            R"({"b":{"dtype":"I8","shape":[],"data_offsets":[4,5],"more":[1.5,"x",{}]},"__metadata__":{"k":"v"},)"
            R"("a":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,4]}} )",
            "abcde");
        const SafetensorsFile stored = read_safetensors("file", file);
        REQUIRE(stored.tensors.size() == 2);
        CHECK(stored.tensors.at("a").dtype == "BF16");
        CHECK(stored.tensors.at("a").shape == std::vector<std::size_t>{2, 1});
        CHECK(stored.tensors.at("a").bytes == "abcd");
        CHECK(stored.tensors.at("b").shape.empty());
        CHECK(stored.tensors.at("b").bytes == "e");
        CHECK(stored.metadata.size() == 1);
        CHECK(stored.metadata.at("k") == "v");
    }

    TEST_CASE("a file without tensors is one") { CHECK(read_safetensors("file", make_file("{}", "")).tensors.empty()); }

    TEST_CASE("names in a message are quoted as in the file") {
        CHECK_THROWS_WITH_AS((void)read_safetensors("file", make_file(R"({"a\n\"":{},"a\n\"":{}})", "")),
                             R"(file: the header names "a\n\"" twice)", FileError);
    }

    TEST_CASE("shapes are shown as lists") {
        CHECK(shape_text(std::vector<std::size_t>{}) == "[]");
        CHECK(shape_text(std::vector<std::size_t>{784, 128}) == "[784, 128]");
    }
}
