// Three classes from a CSV file with names: which tree is a leaf from? The program makes up the measurements, writes
// them to leaves.csv, in the current folder or in the folder that is its argument, and reads them as a user's file:
// with named columns in any order, classes as text, and the names in the tables that it prints.

#include <array>
#include <fstream>
#include <iostream>
#include <string>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>

using namespace typenet;

using Leaf = Columns<Number<"length mm">, Number<"width mm">, Number<"teeth">>;
using Tree = Label<"tree", "beech", "birch", "lime">;
using Net = Mlp<float, Leaf, Standardize, Dense<12, ReLU>, Dense<3, Softmax>>;

void write_leaves(const std::string& file) {
    struct Kind {
        const char* name;
        double length;
        double width;
        double teeth;
    };
    constexpr std::array<Kind, 3> kinds{{{"beech", 80, 50, 4}, {"birch", 55, 40, 22}, {"lime", 75, 70, 30}}};
    Random random(Seed{1});
    std::ofstream out(file);
    out << "tree,teeth,width mm,length mm\n";
    for (int i = 0; i < 600; ++i) {
        const Kind& kind = kinds[uniform_index(random, kinds.size())];
        const double size = 1 + 0.15 * normal(random);  // large leaves are long and wide
        out << kind.name << ',' << static_cast<int>(kind.teeth + uniform(random, 0, 8)) << ','
            << kind.width * size + 4 * normal(random) << ',' << kind.length * size + 5 * normal(random) << '\n';
    }
}

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    try {
        write_leaves(folder + "/leaves.csv");
        const auto data = load_csv<Leaf, Tree>(folder + "/leaves.csv");
        const auto [train, test] = split(data, {.fraction = 0.3});

        Net net(Seed{1});
        standardize(net, train);
        fit<CrossEntropy>(net, train, Adam{.learning_rate = 0.01}, {.epochs = 60, .schedule = CosineDecay{}});
        std::cout << confusion_table(confusion_matrix(net, test), test.class_names());

        const auto probabilities = net.predict(Leaf::row(68, 66, 33));
        for (std::size_t k = 0; k < 3; ++k) std::cout << test.class_names()[k] << ": " << probabilities(k) << '\n';
        save(net, folder + "/leaves.safetensors", {.labels = test.class_names()});  // the file has the names, too
        return accuracy(net, test) > 0.95 && net.classify(Leaf::row(68, 66, 33)) == 2 ? 0 : 1;
    } catch (const Error& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
