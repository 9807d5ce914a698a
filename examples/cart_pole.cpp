// Reinforcement learning: a network learns to balance a pole on a cart by trial and error. Each of its decisions
// becomes a row whose target says which way it pushed and how much better than usual that went; the loss below makes
// good decisions more likely (REINFORCE). Sources: Barto, Sutton, Anderson, "Neuronlike adaptive elements that can
// solve difficult learning control problems", 1983, for the cart; Williams, "Simple statistical gradient-following
// algorithms for connectionist reinforcement learning", 1992, for the rule.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <span>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

using Policy = Mlp<float, Input<4>, Dense<32, Tanh>, Dense<2, Softmax>>;
using State = std::array<double, 4>;  // the cart's place and speed, the pole's angle and speed

/// L = -sum_k t_k ln p_k for a target t = advantage * one-hot action, whose sum may be negative:
///     d_z_k = p_k sum_j t_j - t_k
struct PolicyGradient {
    static constexpr std::string_view name = "PolicyGradient";
    using FusedActivation = Softmax;

    template <class T, std::size_t N>
    T operator()(std::span<const T, N> z, std::span<const float, N> target, std::span<T, N> d_z) const {
        Softmax::forward(z, d_z);
        T loss = 0;
        T sum = 0;
        for (const float t : target) sum += static_cast<T>(t);
        for (std::size_t k = 0; k < N; ++k) {
            const T t = static_cast<T>(target[k]);
            if (t != 0) loss -= t * std::log(std::max(d_z[k], T(1e-30)));
            d_z[k] = d_z[k] * sum - t;
        }
        return loss;
    }
};

/// Moves the cart for 0.02 s, pushed to the right or to the left; returns whether it is still on the track and the pole
/// within 12 degrees.
bool move(State& state, bool right) {
    auto& [x, v, angle, turn] = state;
    const double push = (right ? 10.0 : -10.0) + 0.05 * turn * turn * std::sin(angle);
    const double pull = (9.8 * std::sin(angle) - std::cos(angle) * push / 1.1) /
                        (0.5 * (4.0 / 3 - 0.1 * std::cos(angle) * std::cos(angle) / 1.1));
    const double acceleration = (push - 0.05 * pull * std::cos(angle)) / 1.1;
    x += 0.02 * v;
    v += 0.02 * acceleration;
    angle += 0.02 * turn;
    turn += 0.02 * pull;
    return std::abs(x) < 2.4 && std::abs(angle) < 0.2095;
}

int main() {
    Random random(Seed{1});
    Policy policy(Seed{1});
    Trainer trainer(policy, PolicyGradient{}, Adam{.learning_rate = 0.01}, {.batch_size = 5000});
    double average = 0;
    for (int round = 1; round <= 200 && average < 490; ++round) {
        std::vector<State> states;
        std::vector<int> actions;
        std::vector<double> gains;  // how many steps followed, discounted
        constexpr int episodes = 10;
        for (int episode = 0; episode < episodes; ++episode) {
            State state;
            for (double& value : state) value = uniform(random, -0.05, 0.05);
            const std::size_t first = states.size();
            for (bool stands = true; stands && states.size() - first < 500;) {
                states.push_back(state);
                actions.push_back(uniform(random, 0, 1) < static_cast<double>(policy.predict(state)(1)) ? 1 : 0);
                stands = move(state, actions.back() == 1);
            }
            double gain = 0;
            gains.resize(states.size());
            for (std::size_t i = states.size(); i-- > first;) gains[i] = gain = 1 + 0.99 * gain;
        }
        average = static_cast<double>(states.size()) / episodes;
        if (round % 10 == 0) std::cout << "round " << round << ": " << average << " steps\n";

        double mean = 0;
        for (const double gain : gains) mean += gain / static_cast<double>(gains.size());
        double square = 0;
        for (const double gain : gains) square += (gain - mean) * (gain - mean) / static_cast<double>(gains.size());
        std::vector<std::array<double, 2>> targets(states.size());
        for (std::size_t i = 0; i < states.size(); ++i) {
            targets[i][static_cast<std::size_t>(actions[i])] = (gains[i] - mean) / (std::sqrt(square) + 1e-6);
        }
        trainer.step(make_dataset<4, 2>(states, targets));
    }
    std::cout << "the pole stands for " << average << " of 500 steps on average\n";
    return average >= 490 ? 0 : 1;
}
