#include <doctest/doctest.h>

#include <string>

#include <typenet/io/detail/safetensors_writer.hpp>

#include "../../support/safetensors.hpp"

using namespace typenet;
using namespace typenet::detail;

TEST_SUITE("io/detail/safetensors_writer") {
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
}
