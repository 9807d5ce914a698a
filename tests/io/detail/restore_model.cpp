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
#include <typenet/io/detail/restore_model.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>

#include <doctest/doctest.h>

// What restore_model takes and refuses, without a file format. complaint changes one detail of a stored model and says
// why restore_model refuses it.

using namespace typenet;
using namespace typenet::detail;

namespace {

using Net = Mlp<float, Input<2>, Dense<3, Softmax>>;
using YesOrNo = Mlp<float, Input<2>, Dense<1, Sigmoid>>;

StoredModel model_of(const Net& network = Net(Seed{1}), const ModelInfo& info = {}) {
    return store_model("save", network, info);
}

/// Why a network refuses the model after a change, without the file's name; nothing where it takes it.
std::string complaint(const std::function<void(StoredModel&)>& change, bool with_checksum = true) {
    StoredModel model = model_of();
    change(model);
    if (with_checksum) model.metadata["checksum"] = checksum(model);
    Net network(Seed{2});
    const std::uint64_t before = parameter_hash(network);
    try {
        (void)restore_model("file", model, network);
        return "";
    } catch (const FileError& error) {
        CHECK(parameter_hash(network) == before);
        return std::string(error.what()).substr(6);
    }
}

std::string with_entry(const std::string& key, const std::string& value) {
    return complaint([&](StoredModel& model) { model.metadata[key] = value; });
}

}  // namespace

TEST_SUITE("io/detail/restore_model") {
    TEST_CASE("a network whose outputs aren't finite has no check") {
        Mlp<float, Input<2>, Dense<1, Identity>> network;
        for (float& parameter : network.parameters()) parameter = std::numeric_limits<float>::max();
        const StoredModel model = store_model("save", network, {});
        CHECK_FALSE(model.metadata.contains("check_input"));
        CHECK_NOTHROW((void)restore_model("file", model, network));
    }

    TEST_CASE("what is said comes back") {
        const ModelInfo info{.input_scale = 0.1F, .labels = {"a", "", "\n"}, .metadata = {{"author", "me"}}};
        Net network;
        const ModelInfo read = restore_model("file", model_of(Net(), info), network);
        CHECK(read.input_scale == info.input_scale);
        CHECK(read.labels == info.labels);
        CHECK(read.metadata == info.metadata);
    }

    TEST_CASE("a network of one output has two labels") {
        YesOrNo network;
        const StoredModel model = store_model("save", network, {.labels = {"no", "yes"}});
        CHECK(restore_model("file", model, network).labels == std::vector<std::string>{"no", "yes"});
        CHECK_THROWS_WITH_AS((void)store_model("save", network, {.labels = {"yes"}}),
                             "save: there are 1 labels for 2 classes", OptionError);
    }

    TEST_CASE("another checksum, or none beside what the library writes, is refused") {
        CHECK(complaint([](StoredModel&) {}).empty());
        const std::string sum = model_of().metadata.at("checksum");
        CHECK(complaint([](StoredModel& m) { m.metadata["checksum"] = "0"; }, false) ==
              "is damaged: its checksum is 0, that of its contents " + sum +
                  ". If you changed the file on purpose, remove the entries checksum, check_input, check_output and "
                  "typenet.version");
        const auto without = [](std::vector<std::string> keys) {
            return complaint(
                [&](StoredModel& model) {
                    for (const std::string& key : keys) model.metadata.erase(key);
                },
                false);
        };
        CHECK(without({"checksum"}) == "is damaged: its metadata have typenet.version, but no checksum");
        CHECK(without({"checksum", "typenet.version"}) == "is damaged: its metadata have check_input, but no checksum");
        CHECK(without({"checksum", "typenet.version", "check_input"}) ==
              "is damaged: its metadata have check_output, but no checksum");
        CHECK(without({"checksum", "typenet.version", "check_input", "check_output"}).empty());
    }

    TEST_CASE("outputs that differ by more than rounding are refused") {
        const std::string stored = model_of().metadata.at("check_output");
        CHECK(with_entry("check_output", "[0.25,0.5,0.25]")
                  .starts_with("the network's output 0 for the file's check_input is "));
        const auto outputs = Net(Seed{1}).predict(Vector<float, 2>{0.0625F, 0.5F});
        std::vector<float> near(outputs.begin(), outputs.end());
        near[2] += 4e-4F;
        CHECK(with_entry("check_output", number_list(near)).empty());
        near[2] += 6e-4F;
        CHECK(with_entry("check_output", number_list(near))
                  .starts_with("the network's output 2 for the file's check_input is "));
    }

    TEST_CASE("small outputs are compared as well") {
        using Wide = Mlp<float, Input<3>, Dense<500, Softmax>>;
        StoredModel model = store_model("save", Wide(Seed{1}), {});
        model.metadata["check_output"] = store_model("save", Wide(Seed{2}), {}).metadata["check_output"];
        model.metadata["checksum"] = checksum(model);
        Wide network;
        CHECK_THROWS_AS((void)restore_model("file", model, network), FileError);
    }

    TEST_CASE("lists must be lists, of as many as there should be") {
        const std::string number = "the metadata's check_input is wrong at byte 4: a number must stand here";
        for (const char* text : {"[0,\"1\"]", "[0,null]", "[0,1e39]"}) {
            CAPTURE(text);
            CHECK(with_entry("check_input", text) == number);
        }
        for (const char* text : {"{\"a\":0,\"b\":1}", "0", ""}) {
            CAPTURE(text);
            CHECK(with_entry("check_input", text) ==
                  "the metadata's check_input is wrong at byte 1: [ must stand here");
        }
        CHECK(with_entry("check_input", "[0,0.5,1]") ==
              "the metadata's check_input is wrong at byte 8: a list of at most 2 items must end here");
        CHECK(with_entry("check_input", "[0,0.5]]") ==
              "the metadata's check_input is wrong at byte 8: nothing more must follow");
        CHECK(with_entry("check_input", "[]") == "the metadata's check_input has 0 items; the network needs 2");
        CHECK(with_entry("check_output", "[1]") == "the metadata's check_output has 1 items; the network needs 3");
        CHECK(with_entry("labels", "[\"a\",\"b\"]") == "the metadata's labels has 2 items; the network needs 3");
        CHECK(with_entry("labels", "[0,1,2]") == "the metadata's labels is wrong at byte 2: a text must stand here");
        CHECK(complaint([](StoredModel& m) { m.metadata.erase("check_input"); }) ==
              "the metadata's check_input has 0 items; the network needs 2");
    }

    TEST_CASE("a network of other columns is refused, with the first that differs") {
        using Numbers = Columns<typenet::Number<"a">, typenet::Number<"b">>;
        const StoredModel model = store_model("save", Mlp<float, Numbers, Dense<3, Softmax>>(Seed{1}), {});
        Mlp<float, Columns<typenet::Number<"a">, Missing<"b">>, Dense<3, Softmax>> other(Seed{2});
        const std::uint64_t before = parameter_hash(other);
        CHECK_THROWS_WITH_AS((void)restore_model("file", model, other),
                             "file: was trained on other columns: its column 1 is Number<\"b\">; this network's is "
                             "Missing<\"b\">",
                             FileError);
        Mlp<float, Columns<Category<"a", "x", "y">>, Dense<3, Softmax>> one;
        CHECK_THROWS_WITH_AS(
            (void)restore_model("file", model, one),
            "file: the metadata's columns is wrong at byte 18: a list of at most 1 items must end here", FileError);
        CHECK(parameter_hash(other) == before);

        Mlp<float, Numbers, Dense<3, Softmax>> same;
        Net nameless;
        CHECK(restore_model("file", model, same).metadata.empty());
        CHECK_NOTHROW((void)restore_model("file", model, nameless));
        CHECK_NOTHROW((void)restore_model("file", model_of(), same));
    }

    TEST_CASE("another architecture, or a scale that is none, is refused") {
        CHECK(with_entry("architecture", "Input<2>, Dense<3, Sigmoid>") ==
              "holds the network Input<2>, Dense<3, Sigmoid>; this one is Input<2>, Dense<3, Softmax>");
        for (const std::string text : {"", " 1", "1 ", "nan", "inf", "1e39", "1,5", "+1", "0", "-0", "1e-50"}) {
            CHECK(with_entry("input_scale", text) ==
                  "the metadata's input_scale, \"" + text + "\", is not a finite number other than 0");
        }
    }
}
