#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fuzz/fuzz.hpp>
#include <fuzz/model.hpp>
#include <string>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/io/detail/safetensors_reader.hpp>
#include <typenet/io/quantized.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/quantized.hpp>
#include <vector>

/// `load` of quantized networks. Either it throws FileError and leaves the network as it was, or the network's
/// parameters are finite, and saving and loading them again gives the same outputs.
///
/// An input: a byte for the options, then a file. By the options the target writes the checksum into the header.
namespace {

using namespace typenet;

using Network = Mlp<float, Input<2>, Dense<3, Sigmoid>, Dense<2, Identity>>;
using Small = Quantized<Network>;

constexpr std::size_t repaired_checksum = 1;  // bits of the options

/// Returns a network with its first layers in 8 bits, as many as `count` says.
Small quantized(std::size_t count) {
    const Network network(Seed{1});
    Small::Int8Layers layers;
    const float* const first = network.layer_parameters<0>();
    const float* const second = network.layer_parameters<1>();
    if (count > 0) std::get<0>(layers).emplace(round_to_int8(first, first + 6, 2, 3, {-1, 0.01F}));
    if (count > 1) std::get<1>(layers).emplace(round_to_int8(second, second + 6, 3, 2, {0, 1.0F / 255}));
    return {network, layers};
}

/// Returns outputs for some rows.
std::vector<float> outputs_of(const Small& network) {
    std::vector<float> outputs;
    for (const float x : {-1.0F, 0.25F, 30.0F}) {
        const auto y = network.predict(std::array{x, 0.5F});
        outputs.insert(outputs.end(), y.begin(), y.end());
    }
    return outputs;
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i] != b[i] && !(std::isnan(a[i]) && std::isnan(b[i]))) return false;
    }
    return a.size() == b.size();
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
    std::vector<std::string> seeds;
    for (const std::size_t count : {0U, 1U, 2U}) {
        const std::filesystem::path path = file("seed", "");
        save(quantized(count), path, {.input_scale = 0.5F, .labels = {"no", "yes"}});
        seeds.push_back("\1" + support::bytes_of(path));
    }
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t options = input.byte();
    std::string bytes(input.rest());
    if ((options & repaired_checksum) != 0) fuzz::repair_checksum(bytes, detail::read_safetensors);
    static const std::vector<float> before = outputs_of(quantized(2));
    Small network = quantized(2);
    ModelInfo info;
    try {
        info = load(network, fuzz::file("model", bytes));
    } catch (const FileError&) {
        fuzz::require(same(outputs_of(network), before), "a network stays as it was when a file is refused");
        return 0;
    }
    fuzz::require(network.all_finite(), "what was loaded is finite");
    const std::filesystem::path saved = fuzz::file("saved", "");
    save(network, saved, info);
    Small again;
    load(again, saved);
    fuzz::require(same(outputs_of(network), outputs_of(again)), "saved parameters are loaded again");
    return 0;
}
