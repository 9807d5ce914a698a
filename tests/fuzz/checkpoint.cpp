#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fuzz/fuzz.hpp>
#include <span>
#include <string>
#include <string_view>
#include <typenet/activations.hpp>
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/callbacks/early_stopping.hpp>
#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/train/fit.hpp>
#include <typenet/train/history.hpp>
#include <vector>

/// Checkpoint's `resume` and load_checkpoint. Both throw FileError, and then the network is as it was, or read the
/// parameters that the file holds, if it has the right length and hash. A training that goes on from there may also
/// diverge.
///
/// An input: a byte for the options, then a file, or, by the options, its contents, which the target seals with a hash.
namespace {

using namespace typenet;

using Network = Mlp<float, Input<1>, Dense<1, Sigmoid>>;
using Data = Dataset<1>;

constexpr std::size_t sealed = 1, one_more_epoch = 2, only_parameters = 4;  // bits of the options

History train(Network& network, const std::filesystem::path& folder, std::size_t epochs) {
    static const Data rows{Features<1>(std::vector<float>{1.0F, 0.5F}), Labels({0, 1})};
    return fit<BinaryCrossEntropy>(network, rows, Adam{}, {.epochs = epochs, .validation = &rows}, EarlyStopping{},
                                   Checkpoint(folder, {.resume = true}));
}

/// Returns the file with its magic, version, length and hash as they should be.
std::string reseal(std::string_view file) {
    const std::size_t around_contents = detail::seal_checkpoint("").size();
    if (file.size() < around_contents) return {};
    return detail::seal_checkpoint(file.substr(detail::checkpoint_header, file.size() - around_contents));
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
    const support::TemporaryDirectory folder;
    Network network(Seed{1});
    train(network, folder.path(), 1);
    const std::string file = support::bytes_of(folder / "checkpoint.typenet");
    const std::string contents(detail::open_checkpoint("seed", file));
    std::vector<std::string> seeds{std::string(1, '\0') + file};
    for (const char options : {'\1', '\3', '\5'}) seeds.push_back(std::string(1, options) + contents);
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t options = input.byte();
    std::string file(input.rest());
    if ((options & sealed) != 0) file = detail::seal_checkpoint(file);
    const bool is_sealed = file == reseal(file);
    const std::filesystem::path path = fuzz::file("checkpoint.typenet", file);

    Network network(Seed{2});
    try {
        if ((options & only_parameters) != 0) {
            load_checkpoint(network, path);
        } else {
            train(network, path.parent_path(), (options & one_more_epoch) != 0 ? 2 : 1);
        }
        fuzz::require(is_sealed, "a file with a wrong length or hash is refused");
        if ((options & (only_parameters | one_more_epoch)) == one_more_epoch) return 0;
    } catch (const FileError&) {
        fuzz::require(parameter_hash(network) == parameter_hash(Network(Seed{2})),
                      "a network stays as it was when a checkpoint is refused");
        return 0;
    } catch (const DivergenceError&) {
        fuzz::require((options & one_more_epoch) != 0, "a training that is done doesn't diverge");
        return 0;
    }
    const std::span<const float> parameters = network.parameters();
    const std::string_view bytes(reinterpret_cast<const char*>(parameters.data()), parameters.size_bytes());
    fuzz::require(file.find(bytes) != std::string::npos, "the parameters are those of the file");
    return 0;
}
