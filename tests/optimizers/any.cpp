#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <support/optimizers.hpp>
#include <typenet/optimizers/any.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// Checks that three steps with a changing learning rate give the same bits with AnyOptimizer as with the optimizer
/// that it holds.
template <class T, class O>
void check_same_bits(const O& optimizer) {
    INFO(optimizer.describe());
    const std::vector<T> start(19, T(0.7));
    support::OptimizerRun<T, O> plain(optimizer, start);
    support::OptimizerRun<T, AnyOptimizer> any(optimizer, start);
    for (std::size_t step = 0; step < 3; ++step) {
        std::vector<T> d_w(start.size());
        for (std::size_t i = 0; i < d_w.size(); ++i) d_w[i] = static_cast<T>(support::golden_gradient(i, step));
        plain.learning_rate /= 2;
        any.learning_rate /= 2;
        plain.step(d_w);
        any.step(d_w);
        CHECK(plain.w == any.w);
        CHECK(plain.state == any.state);
        CHECK(plain.w != start);
    }
}

}  // namespace

TEST_SUITE("optimizers/any") {
    TEST_CASE("it models Optimizer, and the library's optimizers convert to it") {
        static_assert(Optimizer<AnyOptimizer>);
        static_assert(std::convertible_to<Sgd, AnyOptimizer>);
        static_assert(std::convertible_to<Lion, AnyOptimizer>);
        static_assert(!std::convertible_to<double, AnyOptimizer>);
        const AnyOptimizer any = Adam{.learning_rate = 0.5};
        CHECK(any.learning_rate == 0.5);
    }

    TEST_CASE_TEMPLATE("parameters change by the same bits as with the held optimizer", T, float, double) {
        check_same_bits<T>(Sgd{.momentum = 0.9});
        check_same_bits<T>(Adagrad{.learning_rate_decay = 0.5});
        check_same_bits<T>(RmsProp{.centered = true});
        check_same_bits<T>(Adam{.weight_decay = 0.1});
        check_same_bits<T>(AdamW{.weight_decay = 0.1});
        check_same_bits<T>(Nadam{});
        check_same_bits<T>(Lion{});
    }

    TEST_CASE_TEMPLATE("without gradients the state decays to 0 and is never subnormal", T, float, double) {
        const std::vector<AnyOptimizer> forgetful{Sgd{.momentum = 0.5},
                                                  Sgd{.momentum = 0.5, .nesterov = true},
                                                  RmsProp{.decay = 0.5},
                                                  RmsProp{.decay = 0.5, .momentum = 0.5, .centered = true},
                                                  Adam{.beta1 = 0.5, .beta2 = 0.5},
                                                  AdamW{.beta1 = 0.5, .beta2 = 0.5},
                                                  Nadam{.beta1 = 0.5, .beta2 = 0.5},
                                                  Lion{.beta2 = 0.5}};
        for (const AnyOptimizer& optimizer : forgetful) {
            INFO(optimizer.describe());
            support::OptimizerRun<T, AnyOptimizer> run(optimizer, std::vector<T>(19, T(0.7)));
            run.step(std::vector<T>(19, T(1)));
            std::size_t subnormal = 0;
            for (int step = 0; step < 1200; ++step) {
                run.step(std::vector<T>(19));
                for (const T number : run.state) subnormal += std::size_t{std::fpclassify(number) == FP_SUBNORMAL};
            }
            CHECK(subnormal == 0);
            CHECK(run.state == std::vector<T>(run.state.size()));
        }
    }

    TEST_CASE("optimizer_names lists the names that find_optimizer accepts") {
        CHECK(optimizer_names() ==
              std::vector<std::string>{"sgd", "adagrad", "rmsprop", "adam", "adamw", "nadam", "lion"});
        for (const std::string& name : optimizer_names()) CHECK_NOTHROW((void)find_optimizer(name));
    }

    TEST_CASE("it has the held optimizer's count of state vectors, and the largest state_numbers of all") {
        CHECK(AnyOptimizer(Sgd{}).state_vectors() == 0);
        CHECK(AnyOptimizer(RmsProp{.momentum = 0.9, .centered = true}).state_vectors() == 3);
        CHECK(AnyOptimizer::state_numbers == Nadam::state_numbers);
    }

    TEST_CASE("describe and validate act on the held optimizer with this object's learning rate") {
        AnyOptimizer any = Lion{.beta1 = 0.8};
        CHECK(any.describe() == Lion{.beta1 = 0.8}.describe());
        any.learning_rate = 0.25;
        CHECK(any.describe() == Lion{.learning_rate = 0.25, .beta1 = 0.8}.describe());
        CHECK_NOTHROW(any.validate());
        any.learning_rate = -1;
        CHECK_THROWS_WITH_AS(
            any.validate(), "Lion: learning_rate is -1; it must be at least 0 and finite, as a float too", OptionError);
        CHECK_THROWS_WITH_AS(AnyOptimizer(Adam{.beta1 = 2}).validate(),
                             "Adam: beta1 is 2; it must be at least 0 and below 1, as a float too", OptionError);
    }

    TEST_CASE("visit passes the held optimizer with this object's learning rate") {
        AnyOptimizer any = Sgd{.momentum = 0.9};
        any.learning_rate = 0.5;
        const bool seen = any.visit([](const auto& optimizer) {
            if constexpr (requires { optimizer.nesterov; })
                return optimizer.momentum == 0.9 && optimizer.learning_rate == 0.5;
            return false;
        });
        CHECK(seen);
    }

    TEST_CASE("find_optimizer returns each optimizer with its default options") {
        CHECK(find_optimizer("sgd").describe() == Sgd{}.describe());
        CHECK(find_optimizer("adagrad").describe() == Adagrad{}.describe());
        CHECK(find_optimizer("rmsprop").describe() == RmsProp{}.describe());
        CHECK(find_optimizer("adam").describe() == Adam{}.describe());
        CHECK(find_optimizer("adamw").describe() == AdamW{}.describe());
        CHECK(find_optimizer("nadam").describe() == Nadam{}.describe());
        CHECK(find_optimizer("lion").describe() == Lion{}.describe());
        CHECK(find_optimizer("lion").learning_rate == Lion{}.learning_rate);
    }

    TEST_CASE("find_optimizer refuses other names and lists the valid ones") {
        CHECK_THROWS_WITH_AS(
            static_cast<void>(find_optimizer("adamax")),
            R"(there is no optimizer "adamax"; choose one of sgd, adagrad, rmsprop, adam, adamw, nadam, lion)",
            OptionError);
        CHECK_THROWS_AS(static_cast<void>(find_optimizer("Adam")), OptionError);
        CHECK_THROWS_AS(static_cast<void>(find_optimizer("")), OptionError);
    }
}
