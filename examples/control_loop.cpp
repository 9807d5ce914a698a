// A control loop that runs a thousand times a second: a network holds a pendulum upright. Nothing in the loop touches
// the heap, which the program counts, since malloc can wait for the system at any time.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <new>
#include <thread>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

namespace {
std::size_t allocations = 0;
}
void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    ++allocations;
    const auto step = static_cast<std::size_t>(alignment);
    if (void* memory = std::aligned_alloc(step, (size + step - 1) / step * step)) return memory;
    throw std::bad_alloc();
}
// Not inlined, since g++ would warn that `free` doesn't belong to `new`.
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using Controller = Mlp<float, Input<2>, Dense<16, Tanh>, Dense<1, Identity>>;

/// The torque of a textbook controller, which the network learns to imitate.
double teacher(double angle, double speed) { return std::clamp(-30 * angle - 8 * speed, -10.0, 10.0); }

int main() {
    Random random(Seed{1});
    std::vector<std::array<double, 2>> states(5000);
    std::vector<double> torques;
    for (auto& [angle, speed] : states) {
        angle = uniform(random, -0.5, 0.5);
        speed = uniform(random, -2, 2);
        torques.push_back(teacher(angle, speed) / 10);
    }
    Controller net(Seed{1});
    fit<MeanSquaredError>(net, make_dataset<2, 1>(states, torques), Adam{.learning_rate = 0.01},
                          {.epochs = 40, .schedule = CosineDecay{}});

    double angle = 0.3;  // radians from upright
    double speed = 0;
    const std::size_t before = allocations;
    auto next = std::chrono::steady_clock::now();
    for (int tick = 0; tick < 2000; ++tick) {
        const std::array<float, 2> state{static_cast<float>(angle), static_cast<float>(speed)};
        const double torque = 10 * std::clamp(static_cast<double>(net.predict(state)(0)), -1.0, 1.0);
        speed += (9.81 * std::sin(angle) + torque) * 0.001;
        angle += speed * 0.001;
        std::this_thread::sleep_until(next += std::chrono::milliseconds(1));
    }
    const std::size_t in_loop = allocations - before;
    std::cout << "after two seconds the pendulum is " << std::abs(angle)
              << " rad from upright; allocations in the loop: " << in_loop << ", in the whole program: " << allocations
              << '\n';
    return std::abs(angle) < 0.02 && in_loop == 0 && before > 0 ? 0 : 1;
}
