// A model from PyTorch: loads weights that PyTorch wrote, predicts, and compares with PyTorch's outputs for the same
// rows. examples/python/from_pytorch.py trains the network and writes both files, to the current folder or to the
// folder that is its argument; this program reads them there:
//     python3 examples/python/from_pytorch.py FOLDER && from_pytorch FOLDER

#include <cmath>
#include <iostream>
#include <string>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>

using namespace typenet;

// nn.Sequential(Standardize(x), nn.Linear(3, 16), nn.ReLU(), nn.Dropout(0.1), nn.LayerNorm(16), nn.Linear(16, 8),
//               nn.GELU(), nn.Linear(8, 3)); PyTorch's cross_entropy has the softmax.
using Net = Mlp<float, Input<3>, Standardize, Dense<16, ReLU>, Dropout<std::ratio<1, 10>>, LayerNorm, Dense<8, GELU>,
                Dense<3, Softmax>>;

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    try {
        Net net;
        const std::string model = folder + "/materials.safetensors";
        const ModelInfo info = load(net, model);
        if (info.labels.empty()) throw FileError(model, "has no labels, the names of the materials");
        // The targets are the probabilities that PyTorch computed.
        const auto rows =
            load_csv<3, Targets<3>>(folder + "/materials.csv", {.target_columns = {"ash", "aluminium", "glass"}});

        double worst = 0;
        for (std::size_t row = 0; row < rows.size(); ++row) {
            const auto y = net.predict(rows.row(row));
            for (std::size_t k = 0; k < 3; ++k) {
                const double difference = std::abs(static_cast<double>(y(k) - rows.target(row)[k]));
                if (difference > worst || std::isnan(difference)) worst = difference;  // a NaN stays
            }
        }
        std::cout << rows.size() << " rows: largest difference of a probability " << worst << '\n';
        const Vector<float, 3> measured{2400, 600, 0.8F};
        std::cout << "2400 kg/m3, 600 HV, 0.8 W/(m K): "
                  << info.labels[static_cast<std::size_t>(net.classify(measured))] << '\n';
        if (worst < 1e-4) return 0;
        std::cerr << "the network predicts something else than PyTorch\n";
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
