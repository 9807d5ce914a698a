// A rare class: three machines in a hundred are about to fail. The larger the weight of that class in the loss, the
// more failures are found, and the more alarms are false.

#include <cmath>
#include <cstdio>
#include <iostream>
#include <typenet/typenet.hpp>

using namespace typenet;

using Net = Mlp<float, Input<3>, Dense<16, ReLU>, Dense<1, Sigmoid>>;

/// Makes measurements of machines, of which about three in a hundred will fail soon. The first two values of these are
/// higher by 1.5 on average, so that the classes overlap.
Dataset<3> machines(std::size_t rows) {
    Random random(Seed{rows});
    std::vector<double> x;
    std::vector<int> fails;
    for (std::size_t i = 0; i < rows; ++i) {
        const int fail = uniform(random) < 0.03 ? 1 : 0;
        for (int k = 0; k < 3; ++k) x.push_back(normal(random) + (k < 2 ? 1.5 * fail : 0));
        fails.push_back(fail);
    }
    return make_dataset<3>(x, fails);
}

/// Trains and tests with a loss, and returns how well failures were found.
ClassScore train_with(const BinaryCrossEntropy& loss) {
    const auto train = machines(8000);
    const auto test = machines(10000);
    Net net(Seed{1});
    fit(net, train, loss, Adam{.learning_rate = 0.003}, {.epochs = 20, .schedule = CosineDecay{}});
    const auto confusion = confusion_matrix(net, test);
    const ClassScore failures = class_scores(confusion)[1];
    std::cout << confusion_table(confusion, std::vector<std::string>{"runs", "fails"});
    std::printf("accuracy %.3f, precision %.3f, recall %.3f, F1 %.3f\n\n", accuracy(net, test), failures.precision,
                failures.recall, failures.f1);
    return failures;
}

int main() {
    const ClassScore plain = train_with({});
    const ClassScore weighted = train_with({.class_weights = {1, 5}});
    const ClassScore balanced = train_with({.class_weights = {1, 32}});
    if (plain.recall < weighted.recall && weighted.recall < balanced.recall && weighted.f1 > 0.4) return 0;
    std::cerr << "larger weights didn't find more failures\n";
    return 1;
}
