// The C++ side of the tests that exchange files with other programs. `models write FOLDER` writes networks with every
// kind of layer, in every format, with their predictions. `models compare FOLDER` reads what check_models.py made in
// the same folder.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <mnist/data.hpp>
#include <mnist/network.hpp>
#include <optional>
#include <ratio>
#include <span>
#include <string>
#include <string_view>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/io/header.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/platform/file_reader.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;
using std::filesystem::path;

namespace {

using Images = Input<784>;
template <class A>
using With = Mlp<float, Images, Dense<12, A>, Dense<10, Softmax>>;
using Logits = Mlp<float, Images, Dense<128, Sigmoid>, Dense<64, Sigmoid>, Dense<10, Identity>>;
using Residuals = Mlp<float, Images, Dense<16, Tanh>, Residual<Dense<16, SiLU>, Dropout<std::ratio<1, 5>>>,
                      Dense<10, Identity>, Unstandardize>;
using Normalized = Mlp<float, Images, Standardize, Dense<16, Tanh>, Dropout<std::ratio<1, 5>>,
                       Residual<LayerNorm, Dense<16, ReLU>, Residual<Dense<16, Identity>>>, Dense<10, Softmax>>;
// Networks for headers in whole numbers: features that are not bytes, values of several layers that are added, outputs
// in units.
using Raw = Mlp<float, Images, Standardize, Dense<16, Tanh>, Dropout<std::ratio<1, 5>>, Dense<10, Softmax>>;
using WholeValues = Mlp<float, Images, Dense<16, Tanh>, Residual<Dense<16, SiLU>, Residual<Dense<16, Identity>>>,
                        Dense<10, Identity>, Unstandardize>;
using WholeYesOrNo = Mlp<float, Images, Dense<8, Sigmoid>, Dense<1, Sigmoid>>;
using YesOrNo = Mlp<float, Images, Dense<8, Tanh>, Dense<1, Sigmoid>>;
using Doubles = Mlp<double, Images, Standardize, Dense<8, GELU>, Dense<8, ELU>, Dense<8, LeakyReLU>, LayerNorm,
                    Dense<8, Softplus>, Dense<8, SiLU>, Dense<3, Softmax>>;
using ExclusiveOr = Mlp<float, Input<2>, Dense<2, Sigmoid>, Dense<1, Sigmoid>>;

// Each kind of column, and names that can't all be those of arguments.
using Passenger =
    Columns<Missing<"Age">, Optional<Number<"Age">>, Number<"Fare (GBP)">, Category<"Sex", "male", "female">,
            Category<"class", "1st", "2\"nd", "3rd", Other>, Missing<"Cabin">>;
using Passengers = Mlp<float, Passenger, Standardize, Dense<6, Tanh>, Dense<3, Softmax>>;

template <class Number>
void write_numbers(const path& file, std::span<const Number> numbers) {
    replace_file(file, std::as_bytes(numbers));
}

template <class Number>
std::vector<Number> read_numbers(const path& file) {
    const std::string bytes = read_file(file);
    std::vector<Number> numbers(bytes.size() / sizeof(Number));
    copy_bytes(bytes, std::span(numbers));
    return numbers;
}

/// Returns the outputs for raw pixels, row by row, as floats.
template <class Network, class Pixel>
std::vector<float> outputs_of(const Network& net, std::span<const Pixel> pixels) {
    using T = typename Network::Scalar;
    std::vector<float> outputs;
    Vector<T, 784> x;
    for (std::size_t row = 0; row < pixels.size() / 784; ++row) {
        for (std::size_t i = 0; i < 784; ++i) {
            x(i) = static_cast<T>(static_cast<float>(pixels[row * 784 + i]) * mnist::pixel_scale);
        }
        for (const T y : net.predict(x)) outputs.push_back(static_cast<float>(y));
    }
    return outputs;
}

/// Returns a network in which no parameter is 0 or special in any other way.
template <class Network>
Network unusual() {
    Network net(Seed{5});
    std::size_t i = 0;
    for (auto& parameter : net.parameters()) {
        parameter += static_cast<typename Network::Scalar>(0.1 * std::sin(static_cast<double>(i++)));
    }
    return net;
}

class Writer {
public:
    Writer(const path& folder, std::span<const std::uint8_t> pixels, std::span<const float> missing)
        : folder_(folder), pixels_(pixels), missing_(missing) {}

    template <class Network>
    void write(const std::string& name, const Network& net, std::size_t rows = 1000) {
        const ModelInfo info{.input_scale = mnist::pixel_scale, .metadata = {{"name", name}}};
        save(net, folder_ / (name + ".safetensors"), info);
        save_npz(net, folder_ / (name + ".npz"), info);
        export_onnx(net, folder_ / (name + ".onnx"), info);
        export_header(net, folder_ / (name + ".hpp"), {.name = name}, info);
        const std::vector<float> outputs = outputs_of<Network, std::uint8_t>(net, pixels_.first(rows * 784));
        write_numbers<float>(folder_ / (name + ".outputs"), outputs);
        if constexpr (Network::template Layer<0>::takes_missing) {
            write_numbers<float>(folder_ / (name + ".missing.outputs"), outputs_of<Network, float>(net, missing_));
        }
    }

private:
    path folder_;
    std::span<const std::uint8_t> pixels_;
    std::span<const float> missing_;
};

/// Returns the first 1000 images, with NaN in the place of some pixels.
std::vector<float> with_missing(std::span<const std::uint8_t> pixels) {
    std::vector<float> numbers(pixels.begin(), pixels.begin() + 1000 * 784);
    for (std::size_t i = 0; i < numbers.size(); i += 1 + i % 13) numbers[i] = std::numeric_limits<float>::quiet_NaN();
    return numbers;
}

/// Writes the header in whole numbers of an unusual network, and the outputs that its quantized network has for the
/// first 1000 images.
template <class Network>
void write_whole(const std::string& name, const path& folder, const Dataset<784>& images) {
    const auto quantized = quantize(unusual<Network>(), images, {.most_disagreement = 1, .most_error = 1});
    export_header(quantized, folder / (name + "_whole.hpp"), {.name = name + "_whole", .whole_numbers = true},
                  {.input_scale = mnist::pixel_scale});
    const auto& pixels = std::get<std::vector<std::uint8_t>>(images.features().storage());
    write_numbers<float>(
        folder / (name + "_whole.outputs"),
        outputs_of<Quantized<Network>, std::uint8_t>(quantized, std::span(pixels).first(std::size_t{1000} * 784)));
}

void write_all(const path& folder) {
    const mnist::Source source = mnist::find_digits("");
    const Dataset<784> testing = mnist::load_digits(source, mnist::Part::test);
    const auto& pixels = std::get<std::vector<std::uint8_t>>(testing.features().storage());
    write_numbers<std::uint8_t>(folder / "pixels", pixels);
    const std::vector<float> missing = with_missing(pixels);
    write_numbers<float>(folder / "missing", missing);

    mnist::Digits digits(Seed{1});
    fit<CrossEntropy>(digits, mnist::load_digits(source, mnist::Part::train),
                      Sgd{.learning_rate = 0.5, .momentum = 0.9}, {.epochs = 1, .batch_size = 64});
    Writer writer(folder, pixels, missing);
    writer.write("digits", digits, testing.size());
    const ModelInfo info{.input_scale = mnist::pixel_scale};
    const auto small = quantize(digits, mnist::load_digits(source, mnist::Part::train));
    export_header(small, folder / "digits_int8.hpp", {.name = "digits_int8"}, info);
    write_numbers<float>(folder / "digits_int8.outputs",
                         outputs_of<Quantized<mnist::Digits>, std::uint8_t>(small, pixels));
    const QuantizationCost cost = quantization_cost(digits, small, testing);
    std::cout << source.describe() << ": test accuracy " << *cost.accuracy_before << ", in 8 bits "
              << *cost.accuracy_after << '\n';
    const auto whole = quantize(digits, mnist::load_digits(source, mnist::Part::train), {.most_disagreement = 1});
    export_header(whole, folder / "digits_whole.hpp", {.name = "digits_whole", .whole_numbers = true}, info);
    write_numbers<float>(folder / "digits_whole.outputs",
                         outputs_of<Quantized<mnist::Digits>, std::uint8_t>(whole, pixels));
    write_whole<Raw>("raw", folder, testing);
    write_whole<WholeValues>("values", folder, testing);
    write_whole<WholeYesOrNo>("yes_or_no", folder, testing);
    write_whole<With<ReLU>>("relu", folder, testing);
    write_whole<With<LeakyReLUWith<std::ratio<1, 5>>>>("leaky_relu", folder, testing);
    write_whole<With<Tanh>>("tanh", folder, testing);
    write_whole<With<ELU>>("elu", folder, testing);
    write_whole<With<GELU>>("gelu", folder, testing);
    write_whole<With<SiLU>>("silu", folder, testing);
    write_whole<With<Softplus>>("softplus", folder, testing);

    Logits logits;
    std::copy(digits.parameters().begin(), digits.parameters().end(), logits.parameters().begin());
    writer.write("logits", logits);

    writer.write("with_relu", unusual<With<ReLU>>());
    writer.write("with_leaky_relu", unusual<With<LeakyReLUWith<std::ratio<1, 5>>>>());
    writer.write("with_tanh", unusual<With<Tanh>>());
    writer.write("with_elu", unusual<With<ELU>>());
    writer.write("with_gelu", unusual<With<GELU>>());
    writer.write("with_silu", unusual<With<SiLU>>());
    writer.write("with_softplus", unusual<With<Softplus>>());
    writer.write("residuals", unusual<Residuals>());
    writer.write("normalized", unusual<Normalized>());
    writer.write("yes_or_no", unusual<YesOrNo>());
    writer.write("doubles", unusual<Doubles>());

    ExclusiveOr exclusive_or;
    const std::array<float, 9> parameters{20, -20, 20, -20, -10, 30, 20, 20, -30};
    std::copy(parameters.begin(), parameters.end(), exclusive_or.parameters().begin());
    export_header(exclusive_or, folder / "exclusive_or.hpp", {.name = "tiny::exclusive_or"});
    const Dataset<2> switches(Features<2>(std::vector<std::uint8_t>{0, 0, 1, 0, 0, 1, 1, 1}), Labels({0, 1, 1, 0}));
    export_header(quantize(exclusive_or, switches, {.most_disagreement = 1}), folder / "exclusive_or_whole.hpp",
                  {.name = "exclusive_or_whole", .whole_numbers = true});

    export_header(unusual<Mlp<float, Columns<Number<"width">>, Dense<3, Softmax>>>(), folder / "one_number.hpp",
                  {.name = "one_number"});

    const auto passengers = unusual<Passengers>();
    export_header(passengers, folder / "passengers.hpp", {.name = "passengers"});
    std::vector<float> outputs;
    for (const auto& row :
         {Passenger::row(34, 7.25, "male", "1st", true), Passenger::row(2, 0, "female", "2\"nd", false),
          Passenger::row(std::nullopt, 80, "female", "4th", false), Passenger::row(1e-3, -3, "male", "", true)}) {
        for (const float y : passengers.predict(row)) outputs.push_back(y);
    }
    write_numbers<float>(folder / "passengers.outputs", outputs);
}

/// Compares a network's outputs with those in a file. Saves the network again and compares its tensors with those of
/// the file from which it was read.
class Comparison {
public:
    explicit Comparison(const path& folder) : folder_(folder), pixels_(read_numbers<std::uint8_t>(folder / "pixels")) {}

    template <class Read>
    void compare(const std::string& name, Read read) {
        Logits net(Seed{9});
        read(net, folder_ / name);
        const std::vector<float> expected = read_numbers<float>(folder_ / (name + ".outputs"));
        const std::vector<float> outputs =
            outputs_of<Logits, std::uint8_t>(net, std::span(pixels_).first(expected.size() / 10 * 784));
        double worst = 0;
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const double scale = std::max(1.0, std::abs(static_cast<double>(expected[i])));
            const double difference = std::abs(static_cast<double>(outputs[i] - expected[i])) / scale;
            if (difference > worst || std::isnan(difference)) worst = difference;  // a NaN stays
        }
        report(name + ": largest difference of " + std::to_string(outputs.size()) + " logits " +
                   detail::number_text(worst),
               outputs.size() == 10'000 && worst < 1e-5);
    }

    void compare_tensors(const std::string& name) {
        Logits net;
        (void)load(net, folder_ / name);
        const path again = folder_ / "again.safetensors";
        save(net, again);
        const std::string file = read_file(folder_ / name);
        const std::string file_again = read_file(again);
        const detail::StoredModel model = detail::read_safetensors("1", file);
        const detail::StoredModel model_again = detail::read_safetensors("2", file_again);
        bool same = model.tensors.size() == model_again.tensors.size();
        for (std::size_t i = 0; same && i < model.tensors.size(); ++i) {
            same = model.tensors[i].name == model_again.tensors[i].name &&
                   model.tensors[i].bytes == model_again.tensors[i].bytes;
        }
        report(name + ": saved again, its tensors are " + (same ? "" : "NOT ") + "the same bytes", same);
    }

    [[nodiscard]] bool all_well() const { return all_well_; }

private:
    void report(const std::string& text, bool is_well) {
        std::cout << text << (is_well ? "\n" : "  FAILED\n");
        all_well_ = all_well_ && is_well;
    }

    path folder_;
    std::vector<std::uint8_t> pixels_;
    bool all_well_ = true;
};

int compare_all(const path& folder) {
    if (!std::filesystem::exists(folder / "numpy.npz")) {
        std::cout << "skipped: check_models.py has made no files\n";
        return 0;
    }
    Comparison comparison(folder);
    const auto read = [](Logits& net, const path& file) { (void)load(net, file); };
    comparison.compare("torch_f32.safetensors", read);
    comparison.compare("torch_f64.safetensors", read);
    comparison.compare("torch_f16.safetensors", read);
    comparison.compare("torch_bf16.safetensors", read);
    comparison.compare("numpy.safetensors", read);
    comparison.compare("numpy.npz", [](Logits& net, const path& file) { (void)load_npz(net, file); });
    comparison.compare_tensors("torch_f32.safetensors");
    return comparison.all_well() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> arguments(argv, argv + argc);
    try {
        if (arguments.size() == 3 && arguments[1] == "write") {
            std::filesystem::remove_all(arguments[2]);
            std::filesystem::create_directories(arguments[2]);
            write_all(arguments[2]);
            return 0;
        }
        if (arguments.size() == 3 && arguments[1] == "compare") return compare_all(arguments[2]);
        std::cerr << "usage: models write|compare FOLDER\n";
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
