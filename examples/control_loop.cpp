// A control loop at 1 kHz: a network, which has learned from a controller, holds up a pendulum that stands on its head.
// The program counts what the loop allocates (nothing) and the time that each answer takes.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>
#include <typenet/typenet.hpp>

using namespace typenet;

std::size_t allocations = 0;

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using Controller = Mlp<float, Input<2>, Dense<16, Tanh>, Dense<16, Tanh>, Dense<1, Identity>>;

Controller trained() {
    Random random(Seed{1});
    std::vector<std::array<double, 2>> states;
    std::vector<double> forces;
    for (int i = 0; i < 5000; ++i) {
        const double angle = uniform(random, -0.5, 0.5);
        const double speed = uniform(random, -2, 2);
        states.push_back({angle, speed});
        forces.push_back(std::clamp(-3 * angle - 0.8 * speed, -1.0, 1.0));  // in tens of newtons
    }
    Controller net(Seed{1});
    fit<MeanSquaredError>(net, make_dataset<2, 1>(states, forces), Adam{.learning_rate = 0.003},
                          {.epochs = 20, .schedule = CosineDecay{}});
    return net;
}

int main() {
    using Clock = std::chrono::steady_clock;
    const Controller net = trained();
    double angle = 0.3;
    double speed = 0;
    std::vector<Clock::duration> times(3000);
    const std::size_t allocations_before = allocations;
    auto next = Clock::now();
    for (Clock::duration& time : times) {
        next += std::chrono::milliseconds(1);
        std::this_thread::sleep_until(next);
        const auto begin = Clock::now();
        const float force = net.predict(std::array{static_cast<float>(angle), static_cast<float>(speed)})(0);
        time = Clock::now() - begin;

        speed += 0.001 * (9.81 * std::sin(angle) + 10 * static_cast<double>(force));
        angle += 0.001 * speed;
    }
    const std::size_t allocated = allocations - allocations_before;
    std::sort(times.begin(), times.end());
    using Microseconds = std::chrono::duration<double, std::micro>;
    std::printf("after 3 s the angle is %.4f; %zu allocations; an answer took %.1f us (median), at most %.1f us\n",
                angle, allocated, Microseconds(times[1500]).count(), Microseconds(times[2999]).count());
    if (allocated == 0 && std::abs(angle) < 0.01) return 0;
    std::fprintf(stderr, "the loop allocated, or the pendulum fell\n");
    return 1;
}
