#include <cstddef>
#include <filesystem>
#include <inspect/model.hpp>
#include <ratio>
#include <span>
#include <sstream>
#include <string>
#include <support/temporary_file.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/io/detail/npz_file.hpp>
#include <typenet/io/detail/safetensors_writer.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using support::TemporaryDirectory;

std::string inspect_file(const std::filesystem::path& path) {
    std::ostringstream out;
    inspect::inspect_model(path, out);
    return out.str();
}

/// Saves a network of this type and returns what is printed.
template <class Network>
std::string inspect_network(const ModelInfo& info = {}) {
    const TemporaryDirectory folder;
    save(Network(Seed{1}), folder / "model.safetensors", info);
    return inspect_file(folder / "model.safetensors");
}

struct Tensor {
    std::string name;
    std::vector<std::size_t> shape;
    std::string dtype = "F32";
};

/// Returns what is printed of a file with these tensors and no metadata, as other programs write them.
std::string inspect_tensors(const std::vector<Tensor>& tensors) {
    const TemporaryDirectory folder;
    const std::string zeros(100000, '\0');
    detail::StoredModel model;
    for (const Tensor& tensor : tensors) {
        std::size_t size = detail::size_of_dtype(tensor.dtype);
        for (const std::size_t n : tensor.shape) size *= n;
        model.tensors.push_back({tensor.name, tensor.dtype, tensor.shape, std::string_view(zeros).substr(0, size)});
    }
    return inspect_file(folder.write("model.safetensors", detail::write_safetensors(model)));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_SUITE("examples/inspect/model") {
    TEST_CASE("a file of the library's own is printed with its tensors, its metadata and its whole type") {
        using Net = Mlp<float, Input<3>, Dense<4, Sigmoid>, Dense<2, Softmax>>;
        const std::string printed = inspect_network<Net>({.labels = {"no", "yes"}, .metadata = {{"by", "me\n"}}});
        CHECK(has(printed, ": 4 tensors\n\n0.weight  F32  [4, 3]\n0.bias    F32  [4]\n2.weight  F32  [2, 4]\n"));
        CHECK(has(printed, "\nby = me?\n"));
        CHECK(has(printed, "\nlabels = [\"no\", \"yes\"]\n"));
        CHECK(printed.ends_with("\n\nusing Net = Mlp<float, Input<3>, Dense<4, Sigmoid>, Dense<2, Softmax>>;\n"));
    }

    TEST_CASE("every layer is printed as C++ writes it") {
        using Net = Mlp<double, Input<3>, Standardize, Dense<4, LeakyReLUWith<std::ratio<1, 5>>>,
                        Residual<LayerNorm, Residual<Dense<4, Tanh>>, Dropout<std::ratio<1, 4>>>, Dense<1, Identity>,
                        Unstandardize>;
        CHECK(has(inspect_network<Net>(),
                  "using Net = Mlp<double, Input<3>, Standardize, Dense<4, LeakyReLUWith<std::ratio<1, 5>>>, "
                  "Residual<LayerNorm, Residual<Dense<4, Tanh>>, Dropout<std::ratio<1, 4>>>, Dense<1, Identity>, "
                  "Unstandardize>;\n"));
    }

    TEST_CASE("columns are a type of their own") {
        using Row = Columns<Number<"a \"b\"">, Category<"c", "x", "y", Other>>;
        CHECK(has(inspect_network<Mlp<float, Row, Dense<1, Sigmoid>>>(),
                  "using Row = Columns<Number<\"a \\\"b\\\"\">, Category<\"c\", \"x\", \"y\", Other>>;\n"
                  "using Net = Mlp<float, Row, Dense<1, Sigmoid>>;\n"));
    }

    TEST_CASE("an .npz file is printed as well") {
        const TemporaryDirectory folder;
        save_npz(Mlp<float, Input<3>, Dense<1, Sigmoid>>(Seed{1}), folder / "model.npz");
        CHECK(has(inspect_file(folder / "model.npz"), "using Net = Mlp<float, Input<3>, Dense<1, Sigmoid>>;\n"));
    }

    TEST_CASE("of a stranger's file, activations are questions") {
        const std::string printed = inspect_tensors({{"fc1.bias", {128}},
                                                     {"fc1.weight", {128, 30}},
                                                     {"fc10.bias", {2}},
                                                     {"fc10.weight", {2, 64}},
                                                     {"fc9.bias", {64}},
                                                     {"fc9.weight", {64, 128}}});
        CHECK(has(printed,
                  "using Net = Mlp<float, Input<30>, Dense<128, /* ? */>, Dense<64, /* ? */>, "
                  "Dense<2, /* ? */>>;\n// /* ? */ stands for an activation"));
        CHECK(has(inspect_tensors({{"a.weight", {2, 3}, "F64"}, {"a.bias", {2}, "F64"}}), "Mlp<double, Input<3>, "));
    }

    TEST_CASE("modules that nn.Sequential numbers without a gap have no activation between them") {
        CHECK(
            has(inspect_tensors({{"0.mean", {3}},
                                 {"0.deviation", {3}},
                                 {"1.weight", {4, 3}},
                                 {"1.bias", {4}},
                                 {"2.weight", {4}},
                                 {"2.bias", {4}},
                                 {"3.weight", {1, 4}},
                                 {"3.bias", {1}},
                                 {"5.mean", {1}},
                                 {"5.deviation", {1}}}),
                "Mlp<float, Input<3>, Standardize, Dense<4, Identity>, LayerNorm, Dense<1, /* ? */>, Unstandardize>"));
    }

    TEST_CASE("tensors of which the library can't make a network are named") {
        const auto refuses = [](const std::vector<Tensor>& tensors, const char* reason) {
            CHECK_THROWS_WITH_AS(inspect_tensors(tensors), doctest::Contains(reason), FileError);
        };
        refuses({{"conv.weight", {2, 3, 3}}, {"conv.bias", {2}}}, "conv.weight [2, 3, 3]");
        refuses({{"a.weight", {2, 3}}}, "no layer with these tensors alone: a.weight [2, 3]");
        refuses({{"W", {2, 3}}, {"b", {2}}}, "W [2, 3], b [2]");
        refuses({{"a.weight", {2, 3}}, {"a.bias", {2}}, {"a.scale", {2}}}, "a.scale [2]");
        refuses({{"a.weight", {2}}, {"a.bias", {2}}, {"a.running_mean", {2}}}, "a.running_mean [2]");
        refuses({{"a.weight", {3, 2}}, {"a.bias", {2}}}, "the library's are [outputs, inputs]");
        refuses({{"a.weight", {2, 3}}, {"a.bias", {2}}, {"b.weight", {1, 4}}, {"b.bias", {1}}},
                "b has 4 inputs, but a before it has 2 outputs");
        refuses({}, "has no tensors");
    }

    TEST_CASE("a model file is known by its name or its first bytes") {
        const TemporaryDirectory folder;
        CHECK(inspect::is_model(folder / "no such file.safetensors"));
        CHECK(inspect::is_model(folder / "no such file.npz"));
        CHECK(inspect::is_model(folder.write("a", detail::write_safetensors({}))));
        CHECK(inspect::is_model(folder.write("b", detail::write_npz("test", {}))));
        CHECK_FALSE(inspect::is_model(folder.write("c", "a,b\n1,2\n")));
        CHECK_FALSE(inspect::is_model(folder.write("d", "12345678{")));
        CHECK_FALSE(inspect::is_model(folder.write("e", "")));
        CHECK_THROWS_AS(inspect::is_model(folder / "no such file"), FileError);
    }
}
