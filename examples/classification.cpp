// Classification of the rows of a table with names, categories and missing values: which pumps will fail within a
// month? Fewer than one in ten does, so that "no" would be right most of the time. The program writes its files,
// pumps.csv first, to the current folder or to the folder that is its argument.

#include <iostream>
#include <optional>
#include <string>
#include <typenet/io/header.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>

#include "write_pumps.hpp"

using namespace typenet;

using Pump = Columns<Number<"temperature C">, Number<"pressure kPa">, Optional<Number<"vibration mm/s">>,
                     Number<"hours since service">, Category<"maker", "Alder", "Brook", Other>>;
using Failed = Label<"failed", "no", "yes">;
using Net = Mlp<float, Pump, Standardize, Dense<16, ReLU>, Dense<8, ReLU>, Dense<1, Sigmoid>>;

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    try {
        write_pumps(folder + "/pumps.csv");
        const auto data = load_csv<Pump, Failed>(folder + "/pumps.csv");  // the column "pump" is left out
        const auto [rest, test] = split(data, {.fraction = 0.2});  // both datasets have the same share of failures
        const auto [train, validation] = split(rest, {.fraction = 0.2});

        Net net(Seed{1});
        standardize(net, train);  // the network then takes readings in their own units
        // A missed failure costs more than a needless inspection.
        const BinaryCrossEntropy loss{.class_weights = {1, 4}};
        fit(net, train, loss, Adam{.learning_rate = 0.01},
            {.epochs = 30, .validation = &validation, .schedule = CosineDecay{}}, ProgressBar{});

        const auto confusion = confusion_matrix(net, test);
        const auto failures = class_scores(confusion)[1];
        std::cout << confusion_table(confusion, test.class_names()) << "failures: precision " << failures.precision
                  << ", recall " << failures.recall << ", F1 " << failures.f1 << '\n';

        save(net, folder + "/pumps.safetensors", {.labels = data.class_names()});
        export_header(net, folder + "/pumps.hpp", {.name = "pumps"}, {.labels = data.class_names()});
        Net loaded;
        load(loaded, folder + "/pumps.safetensors");
        std::cout << "A hot pump whose sensor of vibration is broken fails with probability "
                  << loaded.predict(Pump::row(85, 420, std::nullopt, 3000, "Alder"))(0) << '\n';
        write_csv(folder + "/predictions.csv", "pump", load_csv_texts(folder + "/pumps.csv", "pump"), "failure",
                  loaded.predict(load_csv_features<Pump>(folder + "/pumps.csv")));

        if (failures.f1 > 0.75 && failures.recall > 0.8 && predict(loaded, test) == predict(net, test)) return 0;
        std::cerr << "the network has learned too little, or the loaded network predicts something else\n";
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
    }
    return 1;
}
