#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/version.hpp>

#include <doctest/doctest.h>

// The metadata that store_model writes, without a file format.

using namespace typenet;
using namespace typenet::detail;

namespace {

using Net = Mlp<float, Input<2>, Dense<3, Softmax>>;

StoredModel model_of(const Net& network = Net(Seed{1}), const ModelInfo& info = {}) {
    return store_model("save", network, info);
}

}  // namespace

TEST_SUITE("io/detail/model_metadata") {
    TEST_CASE("the metadata hold what the library knows of the network, and what the user says") {
        const StoredModel model = model_of(Net(), {.input_scale = 0.25F,
                                                   .labels = {"a", "\"b\"", "\xC3\xA9"},
                                                   .metadata = {{"author", "me"}, {"labels", "?"}}});
        std::map<std::string, std::string> metadata = model.metadata;
        CHECK(metadata["typenet.version"] == version);
        CHECK(metadata["architecture"] == "Input<2>, Dense<3, Softmax>");
        CHECK(metadata["input_scale"] == "0.25");
        CHECK(metadata["labels"] == "[\"a\", \"\\\"b\\\"\", \"\xC3\xA9\"]");
        CHECK(metadata["check_input"] == "[0.0625, 0.5]");
        CHECK(metadata["author"] == "me");
        CHECK(metadata["checksum"].size() == 16);
        CHECK(metadata.size() == 8);
    }

    TEST_CASE("the metadata name the columns of the features where the network does") {
        using Row = Columns<typenet::Number<"a \"b\"">, Category<"c", "x", Other>>;
        const Mlp<float, Row, Dense<3, Softmax>> network;
        const std::map<std::string, std::string> metadata = store_model("save", network, {}).metadata;
        CHECK(metadata.at("architecture") == "Input<3>, Dense<3, Softmax>");
        CHECK(metadata.at("columns") == R"(["Number<\"a \\\"b\\\"\">", "Category<\"c\", \"x\", Other>"])");
        CHECK_FALSE(model_of().metadata.contains("columns"));
        const Mlp<float, Columns<typenet::Number<"\xE9">>, Dense<3, Softmax>> latin;
        CHECK_THROWS_WITH_AS((void)store_model("save", latin, {}),
                             "save: the names and values of the columns must be UTF-8", OptionError);
    }

    TEST_CASE("the check is what the network predicts") {
        const Net network(Seed{3});
        const std::string stored = model_of(network).metadata.at("check_output");
        const auto outputs = network.predict(Vector<float, 2>{0.0625F, 0.5F});
        CHECK(stored == number_list(std::vector<float>(outputs.begin(), outputs.end())));
    }

    TEST_CASE("what a file can't hold is an error in the caller's name") {
        const float infinite = std::numeric_limits<float>::infinity();
        CHECK_THROWS_WITH_AS(model_of(Net(), {.input_scale = infinite}), "save: input_scale must be finite and not 0",
                             OptionError);
        CHECK_THROWS_WITH_AS(model_of(Net(), {.labels = {"a", "b"}}), "save: there are 2 labels for 3 classes",
                             OptionError);
        CHECK_THROWS_WITH_AS(model_of(Net(), {.labels = {"a", "b", "\xFF"}}), "save: the labels must be UTF-8",
                             OptionError);
        CHECK_THROWS_WITH_AS(model_of(Net(), {.metadata = {{"\xFF", ""}}}), "save: the metadata must be UTF-8",
                             OptionError);
        Net network;
        network.parameters()[8] = infinite;
        CHECK_THROWS_WITH_AS(store_model("other", network, {}), "other: a parameter of the network is not finite",
                             DataError);
    }

    TEST_CASE("the checksum depends on everything except itself, and not on the order") {
        const StoredModel model = model_of();
        const std::string sum = checksum(model);
        CHECK(sum == model.metadata.at("checksum"));
        const auto after = [&](const std::function<void(StoredModel&)>& change) {
            StoredModel changed = model_of();
            change(changed);
            return checksum(changed);
        };
        CHECK(after([](StoredModel& m) { std::swap(m.tensors[0], m.tensors[1]); }) == sum);
        CHECK(after([](StoredModel& m) { m.metadata["checksum"] = "?"; }) == sum);
        CHECK(after([](StoredModel& m) { m.metadata["author"] = ""; }) != sum);
        CHECK(after([](StoredModel& m) { m.metadata["labels"] += ' '; }) != sum);
        CHECK(after([](StoredModel& m) { m.tensors[0].name += ' '; }) != sum);
        CHECK(after([](StoredModel& m) { m.tensors[0].dtype = "I32"; }) != sum);
        CHECK(after([](StoredModel& m) { m.tensors[0].shape = {2, 3}; }) != sum);
        CHECK(after([](StoredModel& m) { m.tensors[0].column_major = true; }) != sum);
        CHECK(after([](StoredModel& m) { m.numbers.back() = static_cast<char>(m.numbers.back() ^ 1); }) != sum);
        StoredModel one;
        StoredModel other;
        one.metadata = {{"ab", "c"}};
        other.metadata = {{"a", "bc"}};
        CHECK(checksum(one) != checksum(other));
    }

    TEST_CASE("the checksum of a model stays what it was, so that old files can be read") {
        StoredModel model;
        CHECK(checksum(model) == "0000000000000000");
        model.metadata = {{"key", "value"}};
        model.tensors.push_back({.name = "0.weight", .dtype = "F32", .shape = {1, 2}, .bytes = "12345678"});
        CHECK(checksum(model) == "887bacf0ac223b44");
    }
}
