#include <doctest/doctest.h>

#include <cstdint>
#include <map>
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
        const std::string file =
            make_file(R"({"b":{"dtype":"I8","shape":[],"data_offsets":[4,5]},"__metadata__":{"k":"v"},)"
                      R"("a":{"dtype":"BF16","shape":[2,1],"data_offsets":[0,4]}} )",
                      "abcde");
        const StoredModel stored = read_safetensors("file", file);
        REQUIRE(stored.tensors.size() == 2);
        const StoredTensor& a = stored.tensors[1];
        CHECK(a.name == "a");
        CHECK(a.dtype == "BF16");
        CHECK(a.shape == std::vector<std::size_t>{2, 1});
        CHECK(a.bytes == "abcd");
        CHECK_FALSE(a.column_major);
        CHECK(stored.tensors[0].name == "b");
        CHECK(stored.tensors[0].shape.empty());
        CHECK(stored.tensors[0].bytes == "e");
        CHECK(stored.metadata == std::map<std::string, std::string>{{"k", "v"}});
    }

    TEST_CASE("writes tensors one behind the other, the header as long as a multiple of 8") {
        StoredModel model;
        model.tensors.push_back({.name = "b", .dtype = "F16", .shape = {1, 2}, .bytes = "1234"});
        model.tensors.push_back({.name = "a\"", .dtype = "I8", .shape = {}, .bytes = "5"});
        model.metadata = {{"k\n", "v"}, {"empty", ""}};
        const std::string header = R"({"__metadata__":{"empty":"", "k\n":"v"},)"
                                   R"("b":{"dtype":"F16","shape":[1, 2],"data_offsets":[0, 4]},)"
                                   R"("a\"":{"dtype":"I8","shape":[],"data_offsets":[4, 5]}} )";
        CHECK(header.size() % 8 == 0);
        CHECK(write_safetensors(model) == make_file(header, "12345"));
    }

    TEST_CASE("reads what it wrote") {
        StoredModel model;
        model.tensors.push_back({.name = "a", .dtype = "F32", .shape = {2}, .bytes = "12345678"});
        const std::string file = write_safetensors(model);
        const StoredModel read = read_safetensors("file", file);
        REQUIRE(read.tensors.size() == 1);
        CHECK(read.tensors[0].name == "a");
        CHECK(read.tensors[0].bytes == "12345678");
        CHECK(read.metadata.empty());
    }

    TEST_CASE("a file without tensors is one") { CHECK(read_safetensors("file", make_file("{}", "")).tensors.empty()); }
}
