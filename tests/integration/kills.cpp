#include <support/banded_images.hpp>
#include <support/temporary_file.hpp>
#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>

#include <doctest/doctest.h>

#if __has_include(<sys/wait.h>)
#    include <sys/wait.h>
#    include <unistd.h>
#    include <csignal>
#    include <cstddef>
#    include <cstdint>
#    include <filesystem>
#    include <string>

using namespace typenet;

namespace {

using Network = Mlp<float, Input<64>, Dense<40, Tanh>, Dropout<std::ratio<1, 5>>, Dense<3, Softmax>>;

const Dataset<64> data = support::banded_images<8, 3>(1, 500);

template <class... Callbacks>
void train(Network& net, std::size_t threads, Callbacks&&... callbacks) {
    fit<CrossEntropy>(net, data, Adam{},
                      {.epochs = 40, .batch_size = 32, .schedule = CosineDecay{}, .clip_norm = 1, .threads = threads},
                      std::forward<Callbacks>(callbacks)...);
}

/// Runs `work` in a process of its own, which gets the signal after so many microseconds. Returns how it ended.
template <class Work>
int status_of(Work work, ::useconds_t microseconds, int signal) {
    const ::pid_t child = ::fork();
    if (child == 0) {
        for (const int fatal : {SIGTERM, SIGINT}) std::signal(fatal, SIG_DFL);  // doctest's handlers print
        work();
        ::_exit(0);
    }
    if (signal != 0) {
        ::usleep(microseconds);
        ::kill(child, signal);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

bool has_temporary_file(const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().native().ends_with(detail::temporary_ending)) return true;
    }
    return false;
}

}  // namespace

TEST_SUITE("integration/kills") {
    TEST_CASE("a training that is killed at random moments ends with the bits of one that never was: 50 kills") {
        Network wanted(Seed{1});
        train(wanted, 1);
        Random random(Seed{2});
        std::size_t kills = 0;
        std::size_t lives = 0;
        while (kills < 50) {
            const support::TemporaryDirectory directory;
            const std::filesystem::path file = directory / "checkpoint.typenet";
            for (bool killed = true; killed && kills < 50; ++lives) {  // a slow process may never reach its end
                REQUIRE(lives < 1000);
                const auto life = [&] {
                    Network net(Seed{1});
                    train(net, 1 + kills % 3, Checkpoint(directory.path(), {.resume = true}));
                };
                const int signal = lives % 5 == 3 ? SIGTERM : lives % 5 == 4 ? SIGINT : SIGKILL;
                killed = WIFSIGNALED(status_of(life, static_cast<::useconds_t>(uniform(random, 500, 30'000)), signal));
                if (killed) ++kills;
                Network stored;
                if (std::filesystem::exists(file)) CHECK_NOTHROW(load_checkpoint(stored, file));
            }
            Network net(Seed{1});
            train(net, 2, Checkpoint(directory.path(), {.resume = true}));
            CHECK(parameter_hash(net) == parameter_hash(wanted));
            CHECK_FALSE(has_temporary_file(directory.path()));
        }
    }

    TEST_CASE("a file is whole whenever the process that saves it is killed, and the next save removes what is left") {
        const support::TemporaryDirectory directory;
        const std::filesystem::path file = directory / "net.safetensors";
        const Network one(Seed{1});
        const Network other(Seed{2});
        save(one, file);
        Random random(Seed{3});
        for (int life = 0; life < 10; ++life) {
            const auto work = [&] {
                for (;;) {
                    save(one, file);
                    save(other, file);
                }
            };
            CHECK(WIFSIGNALED(status_of(work, static_cast<::useconds_t>(uniform(random, 500, 8'000)), SIGKILL)));
            Network read;
            CHECK_NOTHROW(load(read, file));
            CHECK((parameter_hash(read) == parameter_hash(one) || parameter_hash(read) == parameter_hash(other)));
        }
        save(one, file);
        CHECK_FALSE(has_temporary_file(directory.path()));
    }
}
#endif
