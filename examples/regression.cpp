// Regression: predicts the strength of concrete from its recipe and its age. The program generates recipes, computes
// their strength by textbook formulas with some noise, and writes them to concrete.csv, in the current folder or in the
// folder that is its argument.

#include <cmath>
#include <fstream>
#include <iostream>
#include <string>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>

using namespace typenet;

using Recipes = Dataset<4, Targets<1>>;
using Net = Mlp<float, Input<4>, Standardize, Dense<32, Tanh>, Dense<16, Tanh>, Dense<1, Identity>, Unstandardize>;

/// Writes recipes with their strength by Abrams' law and the growth over time of ACI 209, in MPa: 96.5 / 8.2^(water /
/// cement) * days / (4 + 0.85 days).
void write_recipes(const std::string& file) {
    Random random(Seed{1});
    std::ofstream out(file);
    out << "cement kg/m3,water kg/m3,aggregate kg/m3,age days,strength MPa\n";
    for (int i = 0; i < 3000; ++i) {
        const double cement = uniform(random, 150, 540);
        const double water = uniform(random, 120, 230);
        const double aggregate = uniform(random, 1500, 2100);  // has no influence
        const double days = std::round(log_uniform(random, 1, 365));
        const double strength = 96.5 / std::pow(8.2, water / cement) * days / (4 + 0.85 * days);
        out << cement << ',' << water << ',' << aggregate << ',' << days << ',' << strength + normal(random) << '\n';
    }
}

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    try {
        write_recipes(folder + "/concrete.csv");
        const Recipes data = load_csv<4, Targets<1>>(folder + "/concrete.csv", {.target_columns = {"strength MPa"}});
        const auto [rest, test] = split(data, {.fraction = 0.2});
        const auto [train, validation] = split(rest, {.fraction = 0.2});

        Net net(Seed{1});
        standardize(net, train);          // the network then takes kilograms and days as they are,
        standardize_targets(net, train);  // and answers in MPa
        fit<MeanSquaredError>(net, train, Adam{.learning_rate = 0.01},
                              {.epochs = 100, .validation = &validation, .schedule = CosineDecay{}}, ProgressBar{});
        const double explained = r2(net, test);
        std::cout << "test R2 " << explained << ", error " << std::sqrt(mean_squared_error(net, test))
                  << " MPa (root mean square), of which 1 MPa is noise\n";

        save(net, folder + "/concrete.safetensors");
        Net loaded;
        load(loaded, folder + "/concrete.safetensors");
        const Vector<float, 4> recipe{350, 175, 1800, 28};
        std::cout << "350 kg cement, 175 kg water: " << loaded.predict(recipe)(0)
                  << " MPa after 28 days (by the formula 33.9)\n";

        const bool same = predict(loaded, test) == predict(net, test);
        if (explained > 0.98 && same) return 0;
        std::cerr << (same ? "the network has not learned this\n" : "the loaded network predicts something else\n");
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
