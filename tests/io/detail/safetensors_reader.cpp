#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include <typenet/io/detail/safetensors_reader.hpp>
#include <typenet/io/detail/safetensors_writer.hpp>

#include "../../support/safetensors.hpp"

using namespace typenet;
using namespace typenet::detail;

// What makes a file wrong is tested with `load`, in io/safetensors.cpp.
TEST_SUITE("io/detail/safetensors_reader") {
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
