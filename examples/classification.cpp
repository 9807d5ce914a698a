// Classification: which pumps will fail within a month? One in twelve does, so the answer "none" would be right most of
// the time. The program generates the readings and writes them to pumps.csv, in the current folder or in the folder
// that is its argument.

#include <cmath>
#include <fstream>
#include <iostream>
#include <string>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>

using namespace typenet;

using Net = Mlp<float, Input<5>, Standardize, Dense<16, ReLU>, Dense<8, ReLU>, Dense<1, Sigmoid>>;

/// Writes readings in which a pump fails if it runs hot and shakes, or if it has run long under high pressure without
/// service.
void write_readings(const std::string& file) {
    Random random(Seed{1});
    std::ofstream out(file);
    out << "temperature C,pressure kPa,vibration mm/s,hours since service,speed rpm,failed\n";
    for (int i = 0; i < 6000; ++i) {
        const double temperature = 60 + 10 * normal(random);
        const double pressure = 400 + 80 * normal(random);
        const double vibration = log_uniform(random, 0.5, 10);
        const double hours = uniform(random, 0, 8000);
        const double speed = uniform(random, 900, 3000);  // has no influence
        const double heat = (temperature - 60) / 10 + std::log(vibration / 2.5);
        const double wear = (pressure - 400) / 80 * hours / 4000;
        const bool failed = std::max(heat, wear) + 0.2 * normal(random) > 2.25;
        out << temperature << ',' << pressure << ',' << vibration << ',' << hours << ',' << speed << ',' << failed
            << '\n';
    }
}

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    try {
        write_readings(folder + "/pumps.csv");
        const auto data = load_csv<5>(folder + "/pumps.csv", {.label_column = "failed", .classes = 2});
        const auto [rest, test] = split(data, {.fraction = 0.2});  // both datasets have the same share of failures
        const auto [train, validation] = split(rest, {.fraction = 0.2});

        Net net(Seed{1});
        standardize(net, train);  // the network then takes readings in their own units
        // A missed failure costs more than a needless inspection.
        const BinaryCrossEntropy loss{.class_weights = {1, 4}};
        fit(net, train, loss, Adam{.learning_rate = 0.01},
            {.epochs = 30, .validation = &validation, .schedule = CosineDecay{}}, ProgressBar{});

        const auto scores = class_scores(confusion_matrix(net, test));
        const double always_no = static_cast<double>(scores[0].support) / static_cast<double>(test.size());
        std::cout << "test accuracy " << accuracy(net, test) << " (always \"no\": " << always_no << ")\n"
                  << "failures: precision " << scores[1].precision << ", recall " << scores[1].recall << ", F1 "
                  << scores[1].f1 << '\n';

        save(net, folder + "/pumps.safetensors");
        Net loaded;
        load(loaded, folder + "/pumps.safetensors");
        const Vector<float, 5> reading{85, 420, 6.5f, 3000, 1500};
        std::cout << "85 C and 6.5 mm/s: fails with probability " << loaded.predict(reading)(0) << '\n';

        const bool same = predict(loaded, test) == predict(net, test);
        if (scores[1].f1 > 0.75 && scores[1].recall > 0.8 && same) return 0;
        std::cerr << (same ? "the network has not learned this\n" : "the loaded network predicts something else\n");
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
