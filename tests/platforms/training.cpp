// A training and its files, for a comparison between platforms (run.sh):
//   training write FOLDER   trains, prints what others compare, and writes files of every kind
//   training read FOLDER    reads such files, which another platform may have written; fails where they differ
// A line of the output is a name and a value.

// The library comes first, so that its headers miss what they don't include themselves.
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/core/stopwatch.hpp>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/io/quantized.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/typenet.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace typenet;

namespace {

using Net = Mlp<float, Input<37>, Dense<48, Tanh>, Dense<33, ReLU, HeNormal>, Dense<3, Softmax>>;
using DoubleNet = Mlp<double, Input<37>, Dense<19, Sigmoid>, Dense<3, Softmax>>;
using Small = Quantized<Net>;
using std::filesystem::path;

constexpr std::size_t rows = 600;

void require(bool holds, std::string_view what) {
    if (!holds) throw std::runtime_error("differs: " + std::string(what));
}

/// Returns rows whose class is the place of the largest of three sums of their features.
Dataset<37> make_data() {
    Random random(Seed{7});
    std::vector<float> features;
    std::vector<std::int32_t> labels;
    for (std::size_t row = 0; row < rows; ++row) {
        std::array<float, 3> sums{};
        for (std::size_t i = 0; i < 37; ++i) {
            features.push_back(static_cast<float>(uniform_index(random, 256)) / 256);
            if (i < 36) sums[i % 3] += features.back();
        }
        labels.push_back(static_cast<std::int32_t>(std::max_element(sums.begin(), sums.end()) - sums.begin()));
    }
    return {Features<37>(std::move(features)), Labels(std::move(labels))};
}

template <class Network>
History train(Network& net, const Dataset<37>& data, const path& folder, std::size_t epochs) {
    return fit<CrossEntropy>(net, data, Adam{.learning_rate = 0.003},
                             {.epochs = epochs, .batch_size = 50, .seed = Seed{3}},
                             Checkpoint(folder, {.resume = true}));
}

std::string bytes_of(const path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Writes the numbers and their extents as an IDX file of bytes.
void write_idx(const path& file, std::vector<std::uint32_t> extents, std::span<const std::uint8_t> values) {
    std::ofstream out(file, std::ios::binary);
    const auto put = [&](std::uint32_t byte) { out.put(static_cast<char>(byte)); };
    for (const std::size_t byte : {std::size_t{0}, std::size_t{0}, std::size_t{8}, extents.size()}) {
        put(static_cast<std::uint32_t>(byte));
    }
    for (const std::uint32_t extent : extents) {
        for (const int shift : {24, 16, 8, 0}) put(extent >> shift & 255U);
    }
    for (const std::uint8_t value : values) put(value);
}

std::string hex(std::uint64_t value) {
    char text[17];
    std::snprintf(text, sizeof text, "%08lx%08lx", static_cast<unsigned long>(value >> 32),
                  static_cast<unsigned long>(value & 0xFFFFFFFFU));
    return text;
}

void write(const path& folder) {
    std::filesystem::create_directories(folder);
    const Dataset<37> data = make_data();
    Net net(Seed{42});
    std::printf("width %zu\n", simd::width<float>);
    std::printf("initial %s\n", hex(parameter_hash(net)).c_str());
    std::printf("initial_double %s\n", hex(parameter_hash(DoubleNet(Seed{42}))).c_str());
    save_npz(net, folder / "initial.npz");

    const detail::Stopwatch watch;
    train(net, data, folder / "checkpoint", 30);
    std::printf("seconds %.2f\n", watch.seconds());
    const double accuracy = *evaluate<CrossEntropy>(net, data).accuracy;
    std::printf("accuracy %.3f\n", accuracy);
    std::printf("trained %s\n", hex(parameter_hash(net)).c_str());
    require(accuracy > 0.9, "the accuracy of a training");

    DoubleNet wide(Seed{42});
    train(wide, data, folder / "checkpoint_double", 30);
    require(*evaluate<CrossEntropy>(wide, data).accuracy > 0.9, "the accuracy of a training in double");

    save(net, folder / "model.safetensors");
    save_npz(net, folder / "model.npz");
    save(wide, folder / "double.safetensors");
    export_onnx(net, folder / "model.onnx");
    save(quantize(net, data), folder / "int8.safetensors");
    std::ofstream csv(folder / "rows.csv");
    csv.precision(9);
    for (std::size_t row = 0; row < rows; ++row) {
        csv << data.target(row);
        for (const float value : data.row(row)) csv << ',' << value;
        csv << '\n';
    }
    const std::array<std::uint8_t, 8> pixels{0, 255, 3, 128, 77, 1, 0, 200};
    write_idx(folder / "images", {2, 2, 2}, pixels);
    write_idx(folder / "labels", {2}, std::array<std::uint8_t, 2>{1, 9});
    std::ofstream(folder / "hash.txt") << hex(parameter_hash(net));
}

void read(const path& folder) {
    const std::string hash = bytes_of(folder / "hash.txt");
    const Dataset<37> data = make_data();

    Net initial;
    load_npz(initial, folder / "initial.npz");
    require(parameter_hash(initial) == parameter_hash(Net(Seed{42})), "the initial network");
    Net net;
    load(net, folder / "model.safetensors");
    require(hex(parameter_hash(net)) == hash, "model.safetensors");
    Net from_npz;
    load_npz(from_npz, folder / "model.npz");
    require(hex(parameter_hash(from_npz)) == hash, "model.npz");
    Net from_checkpoint;
    load_checkpoint(from_checkpoint, folder / "checkpoint" / "checkpoint.typenet");
    require(hex(parameter_hash(from_checkpoint)) == hash, "the checkpoint");
    DoubleNet wide;
    load(wide, folder / "double.safetensors");

    // A network that is read and written again is the same file: numbers have one byte order.
    const path copy = folder / "copy.onnx";
    export_onnx(net, copy);
    require(bytes_of(copy) == bytes_of(folder / "model.onnx"), "model.onnx");
    std::filesystem::remove(copy);

    Small small;
    load(small, folder / "int8.safetensors");
    const auto cost = quantization_cost(net, small, data);
    require(*cost.accuracy_after > 0.9, "the accuracy of a network in 8 bits");

    const auto rows_read = load_csv<37>(folder / "rows.csv", {.label_column = 0, .header = CsvHeader::absent});
    require(rows_read.size() == rows, "rows.csv");
    for (std::size_t row = 0; row < rows; ++row) {
        require(rows_read.target(row) == data.target(row) && rows_read.row(row) == data.row(row), "rows.csv");
    }
    const auto images = load_idx<4>(folder / "images", folder / "labels");
    require(images.size() == 2 && images.target(1) == 9 && images.row(1)[3] == 200, "the IDX files");

    // The training of the checkpoint goes on.
    path resumed = folder / "resumed";
    std::filesystem::create_directories(resumed);
    std::filesystem::copy_file(folder / "checkpoint" / "checkpoint.typenet", resumed / "checkpoint.typenet",
                               std::filesystem::copy_options::overwrite_existing);
    Net more(Seed{42});
    const History history = train(more, data, resumed, 31);
    require(history.epochs.size() == 31, "the history of a resumed training");
    require(*evaluate<CrossEntropy>(more, data).accuracy > 0.9, "the accuracy of a resumed training");
    std::filesystem::remove_all(resumed);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const std::span arguments(argv, static_cast<std::size_t>(argc));
        if (arguments.size() != 3) throw std::runtime_error("training write|read FOLDER");
        // A name of several scripts, of which no Windows code page has all.
        const path folder = path(arguments[2]) / path(u8"Größe 日本語");
        if (std::string_view(arguments[1]) == "write") {
            write(folder);
        } else {
            read(folder);
        }
        std::puts("done yes");
        return 0;
    } catch (const std::exception& error) {
        std::printf("error %s\n", error.what());
        return 1;
    }
}
