// Data that never ends: readings of a sensor arrive in pieces of 500, are learned from once, and are forgotten. Halfway
// the sensor is moved, and the network follows. `Trainer::partial_fit` goes over a piece once and keeps the optimizer's
// state for the next.

#include <array>
#include <cmath>
#include <iostream>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

using Piece = Dataset<3, Targets<1>>;
using Net = Mlp<float, Input<3>, Dense<32, Tanh>, Dense<1, Identity>>;

/// Returns the next 500 readings: three values of a sensor, and the temperature that they stand for.
Piece next_piece(Random& random, bool moved) {
    std::vector<std::array<double, 3>> readings(500);
    std::vector<double> temperatures;
    for (auto& [a, b, c] : readings) {
        a = uniform(random, -1, 1);
        b = uniform(random, -1, 1);
        c = uniform(random, -1, 1);
        const double clean = moved ? a * c - 0.5 * b : a * b + 0.5 * c;
        temperatures.push_back(clean + 0.02 * normal(random));
    }
    return make_dataset<3, 1>(readings, temperatures);
}

int main() {
    Random random(Seed{1});
    Net net(Seed{1});
    Trainer trainer(net, MeanSquaredError{}, Adam{.learning_rate = 0.005}, {.batch_size = 20});

    std::vector<double> errors;  // on each piece, before it is learned from
    for (int piece = 0; piece < 200; ++piece) {
        const Piece data = next_piece(random, piece >= 100);
        errors.push_back(std::sqrt(mean_squared_error(net, data)));
        trainer.partial_fit(data);
        if (piece % 20 == 0 || piece == 100) std::cout << "piece " << piece << ": error " << errors.back() << '\n';
    }
    std::cout << "before the move " << errors[99] << ", just after it " << errors[100] << ", in the end " << errors[199]
              << " (0.02 is noise)\n";
    return errors[99] < 0.06 && errors[100] > 0.2 && errors[199] < 0.06 ? 0 : 1;
}
