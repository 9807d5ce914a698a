// `interchange_write_events FOLDER` writes what check_events.py reads: the folder `run` with the event files of a
// training that was resumed once, its history as a CSV file, and the parameters of each layer.

#include <cstddef>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <ratio>
#include <string>
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/callbacks/csv_logger.hpp>
#include <typenet/callbacks/tensorboard_logger.hpp>
#include <typenet/core/bytes.hpp>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

namespace {

using Network = Mlp<float, Input<5>, Dense<20, Tanh>, Dropout<std::ratio<1, 5>>, Dense<3, Softmax>>;

Dataset<5> make_data(Seed seed) {
    Random random(seed);
    std::vector<float> features(5 * 300);
    std::vector<int> labels(300);
    for (float& feature : features) feature = static_cast<float>(uniform(random, -1, 1));
    for (std::size_t row = 0; row < labels.size(); ++row) {
        labels[row] = features[5 * row] > 0.3F ? 2 : (features[5 * row + 1] > 0 ? 1 : 0);
    }
    return {Features<5>(features), Labels(labels)};
}

template <class Numbers>
void write_floats(const std::filesystem::path& file, const Numbers& numbers) {
    ByteWriter bytes;
    for (const float number : numbers) bytes.add(number);
    std::ofstream(file, std::ios::binary) << bytes.bytes();
}

void write_all(const std::filesystem::path& folder) {
    const auto data = make_data(Seed{1});
    const auto validation = make_data(Seed{2});
    for (const std::size_t epochs : {4U, 6U}) {
        Network net(Seed{3});
        const History history = fit<CrossEntropy>(
            net, data, Adam{.learning_rate = 0.01},
            {.epochs = epochs, .validation = &validation, .schedule = StepDecay{.every = 2}},
            Checkpoint(folder / "state", {.resume = true}), TensorBoardLogger(folder / "run", {.histograms_every = 2}));
        std::ofstream file(folder / "history.csv");
        write_csv(file, history);
        write_floats(folder / "layer_0_weight.f32", net.weights<0>());
        write_floats(folder / "layer_0_bias.f32", net.biases<0>());
        write_floats(folder / "layer_2_weight.f32", net.weights<2>());
        write_floats(folder / "layer_2_bias.f32", net.biases<2>());
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: interchange_write_events FOLDER\n";
        return 1;
    }
    try {
        std::filesystem::remove_all(argv[1]);
        std::filesystem::create_directories(argv[1]);
        write_all(argv[1]);
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}
