#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <span>
#include <string>
#include <typenet/core/error.hpp>
#include <typenet/train/schedules.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

/// A training of ten epochs of ten steps; the last step of each has a shorter batch.
const TrainingPlan plan{.epochs = 10, .rows = 95, .batch_size = 10, .classifies = true, .validates = true};

double at(const Schedule& schedule, std::size_t step) { return schedule({plan, step}); }

doctest::Approx about(double value) { return doctest::Approx(value).epsilon(1e-14); }

/// Returns the factor after epochs with these validation losses.
double after(const Schedule& schedule, std::initializer_list<double> losses) {
    std::vector<EpochRecord> history;
    for (const double loss : losses) history.push_back({.validation_loss = loss});
    return schedule({plan, 10 * history.size(), history});
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_SUITE("train/schedules") {
    TEST_CASE("a point counts steps and epochs from the schedule's first step, and knows the share that is done") {
        CHECK(plan.steps_an_epoch() == 10);
        const SchedulePoint point{plan, 47};
        CHECK(point.elapsed(Per::step) == 47);
        CHECK(point.elapsed(Per::epoch) == 4);
        CHECK(point.progress() == about(0.47));
        CHECK(point.progress(Per::epoch) == about(0.4));
        const SchedulePoint later{.plan = plan, .step = 47, .first_step = 20};
        CHECK(later.elapsed(Per::step) == 27);
        CHECK(later.elapsed(Per::epoch) == 2);
        CHECK(later.progress() == about(27.0 / 80));
        CHECK(later.progress(Per::epoch) == about(20.0 / 80));
    }

    TEST_CASE("without a schedule the factor is 1") {
        CHECK_FALSE(static_cast<bool>(Schedule{}));
        for (const std::size_t step : {0U, 1U, 99U}) CHECK(at({}, step) == 1);
        CHECK_NOTHROW(Schedule{}.check({plan}));
    }

    TEST_CASE("ConstantRate always returns its factor") {
        for (const std::size_t step : {0U, 1U, 99U}) CHECK(at(ConstantRate{0.3}, step) == 0.3);
    }

    TEST_CASE_TEMPLATE("starts at 1 and approaches `last` with the last step", S, LinearDecay, CosineDecay) {
        for (const double last : {0.0, 0.1, 1.0, 2.0}) {
            CAPTURE(last);
            CHECK(at(S{.last = last}, 0) == about(1));
            CHECK(std::abs(at(S{.last = last}, 99) - last) <= 0.0101);
            CHECK(at(S{.last = last}, 100) == about(last));
            CHECK(at(S{.last = 0.2}, 50) == about(0.6));
        }
        CHECK(std::abs(at(S{}, 100)) < 1e-15);
    }

    TEST_CASE_TEMPLATE("only falls towards a smaller `last`, and only rises towards a larger one", S, LinearDecay,
                       CosineDecay) {
        const S falling{.last = 0.1};
        const S rising{.last = 3};
        for (std::size_t step = 0; step < 99; ++step) {
            CHECK(at(falling, step + 1) < at(falling, step));
            CHECK(at(rising, step + 1) > at(rising, step));
        }
    }

    TEST_CASE_TEMPLATE("with Per::epoch the value is constant within each epoch", S, LinearDecay, CosineDecay) {
        const S schedule{.last = 0.1, .per = Per::epoch};
        for (std::size_t step = 0; step < 100; ++step) {
            CHECK(at(schedule, step) == at(schedule, step / 10 * 10));
            CHECK(at(schedule, step) == about(at(S{.last = 0.1}, step / 10 * 10)));
        }
    }

    TEST_CASE("LinearDecay is a straight line") {
        CHECK(at(LinearDecay{.last = 0.2}, 25) == about(0.8));
        CHECK(at(LinearDecay{.last = 0.2}, 75) == about(0.4));
    }

    TEST_CASE("CosineDecay is half a cosine wave") {
        // (1 + cos(pi / 3)) / 2 = 3/4 and (1 + cos(2 pi / 3)) / 2 = 1/4.
        const TrainingPlan three{.epochs = 3, .rows = 10, .batch_size = 10};
        const Schedule schedule = CosineDecay{.last = 0.2};
        CHECK(schedule({three, 1}) == about(0.8));
        CHECK(schedule({three, 2}) == about(0.4));
    }

    TEST_CASE("StepDecay falls after every N epochs or steps") {
        const Schedule by_epochs = StepDecay{.factor = 0.5, .every = 3};
        CHECK(at(by_epochs, 29) == 1);
        CHECK(at(by_epochs, 30) == 0.5);
        CHECK(at(by_epochs, 59) == 0.5);
        CHECK(at(by_epochs, 60) == 0.25);
        const Schedule by_steps = StepDecay{.factor = 0.5, .every = 3, .per = Per::step};
        CHECK(at(by_steps, 2) == 1);
        CHECK(at(by_steps, 3) == 0.5);
        CHECK(at(by_steps, 7) == 0.25);
    }

    TEST_CASE("StepDecay after every single epoch is a power of its factor") {
        const Schedule by_epochs = StepDecay{.factor = 0.9, .every = 1};
        CHECK(at(by_epochs, 9) == 1);
        CHECK(at(by_epochs, 10) == 0.9);
        CHECK(at(by_epochs, 95) == about(std::pow(0.9, 9)));
        CHECK(at(StepDecay{.factor = 0.9, .every = 1, .per = Per::step}, 2) == about(0.81));
    }

    TEST_CASE("OneCycle rises from `first` to 1 and falls to `last`") {
        const Schedule schedule = OneCycle{.rise = 0.3, .first = 0.04, .last = 0.001};
        CHECK(at(schedule, 0) == about(0.04));
        CHECK(at(schedule, 10) == about(0.04 + 0.96 * 0.25));  // a third of the rise
        CHECK(at(schedule, 30) == about(1));
        CHECK(at(schedule, 65) == about(0.5005));  // half of the fall
        CHECK(at(schedule, 100) == about(0.001));
        for (std::size_t step = 0; step < 99; ++step) {
            if (step < 30) {
                CHECK(at(schedule, step + 1) > at(schedule, step));
            } else {
                CHECK(at(schedule, step + 1) < at(schedule, step));
            }
        }
    }

    TEST_CASE("Warmup rises in a straight line to the start of the schedule that follows") {
        const Schedule alone = Warmup{.length = 4};
        for (std::size_t step = 0; step < 4; ++step) {
            CHECK(at(alone, step) == about((static_cast<double>(step) + 1) / 5));
        }
        CHECK(at(alone, 4) == 1);
        CHECK(at(alone, 99) == 1);
        const Schedule by_epochs = Warmup{.length = 1, .per = Per::epoch, .first = 0.5};
        CHECK(at(by_epochs, 0) == about(0.75));
        CHECK(at(by_epochs, 9) == about(0.75));
        CHECK(at(by_epochs, 10) == 1);
    }

    TEST_CASE("after a warm-up any schedule runs completely within the remaining steps") {
        const TrainingPlan rest{.epochs = 8, .rows = 95, .batch_size = 10};
        const auto check = [&](const Schedule& then) {
            INFO(then.describe());
            const Schedule warm = Warmup{.length = 20, .then = then};
            CHECK(warm.describe() == "Warmup(length 20, first 0) per step, then " + then.describe());
            for (std::size_t step = 0; step < 20; ++step) {
                CHECK(at(warm, step) == about(then({rest, 0}) * (static_cast<double>(step) + 1) / 21));
            }
            for (std::size_t step = 20; step < 100; ++step) CHECK(at(warm, step) == about(then({rest, step - 20})));
        };
        check({});
        check(ConstantRate{0.3});
        check(LinearDecay{.last = 0.1});
        check(CosineDecay{.per = Per::epoch});
        check(StepDecay{.every = 3});
        check(OneCycle{});
        check(ReduceOnPlateau{});
        check(Warmup{.length = 5, .then = CosineDecay{}});
        check(CosineDecay{} * StepDecay{.every = 2});
        check([](const SchedulePoint& point) { return 1 - point.progress(); });
    }

    TEST_CASE("the schedule after a warm-up doesn't see the warm-up's epochs") {
        // The warm-up has the best loss. The losses of the epochs after it are equal.
        const std::vector<EpochRecord> history{{.validation_loss = 1},
                                               {.validation_loss = 9},
                                               {.validation_loss = 3},
                                               {.validation_loss = 3},
                                               {.validation_loss = 3}};
        const auto after_epochs = [&](const Schedule& schedule, std::size_t epochs) {
            return schedule({plan, 10 * epochs, std::span(history).first(epochs)});
        };
        const Schedule plateau = ReduceOnPlateau{.factor = 0.5, .patience = 2};
        CHECK(after_epochs(plateau, 3) == 0.5);
        const Schedule warm = Warmup{.length = 2, .per = Per::epoch, .then = plateau};
        CHECK(after_epochs(warm, 1) == about(2.0 / 3));
        CHECK(after_epochs(warm, 2) == 1);
        CHECK(after_epochs(warm, 4) == 1);
        CHECK(after_epochs(warm, 5) == 0.5);
        const Schedule twice = Warmup{.length = 10, .then = Warmup{.length = 1, .per = Per::epoch, .then = plateau}};
        for (std::size_t epochs = 2; epochs <= 5; ++epochs)
            CHECK(after_epochs(twice, epochs) == after_epochs(warm, epochs));
    }

    TEST_CASE("a product multiplies two schedules, checks both, and describes both") {
        const Schedule product = Warmup{.length = 4} * StepDecay{.factor = 0.5, .every = 2, .per = Per::step};
        CHECK(at(product, 0) == about(0.2));
        CHECK(at(product, 3) == about(0.4));
        CHECK(at(product, 4) == about(0.25));
        CHECK(product.describe() ==
              "Warmup(length 4, first 0) per step, then constant * StepDecay(factor 0.5, every 2) per step");
        CHECK_THROWS_AS((Warmup{.length = 100} * CosineDecay{}).check({plan}), OptionError);
        CHECK_THROWS_AS((CosineDecay{} * Warmup{.length = 100}).check({plan}), OptionError);
    }

    TEST_CASE("ReduceOnPlateau falls after `patience` epochs without an improvement") {
        const Schedule schedule = ReduceOnPlateau{.factor = 0.5, .patience = 2};
        CHECK(after(schedule, {}) == 1);
        CHECK(after(schedule, {3}) == 1);
        CHECK(after(schedule, {3, 3}) == 1);
        CHECK(after(schedule, {3, 3, 3}) == 0.5);
        CHECK(after(schedule, {3, 3, 3, 3}) == 0.5);
        CHECK(after(schedule, {3, 3, 3, 3, 3}) == 0.25);
        CHECK(after(schedule, {3, 3, 3, 3, 2, 2}) == 0.5);  // an improvement restarts the count
        CHECK(after(schedule, {3, 4, 2, 4, 1, 4}) == 1);    // never two epochs in a row without one
        CHECK(after(schedule, {3, 1, 2, 2}) == 0.5);        // better than the epoch before, but not than the best
        CHECK(after(schedule, {3, not_a_number, not_a_number}) == 0.5);         // NaN is no improvement
        CHECK(after(schedule, {not_a_number, not_a_number, 3, 3, 3}) == 0.25);  // not even in the first epoch
    }

    TEST_CASE("ReduceOnPlateau's min_delta, cooldown, least and monitor") {
        CHECK(after(ReduceOnPlateau{.factor = 0.5, .patience = 2}, {3, 2.9, 2.8}) == 1);
        CHECK(after(ReduceOnPlateau{.factor = 0.5, .patience = 2, .min_delta = 0.3}, {3, 2.9, 2.8}) == 0.5);
        CHECK(after(ReduceOnPlateau{.factor = 0.5, .patience = 2, .min_delta = 0.3}, {3, 2.9, 2.6}) == 1);
        const ReduceOnPlateau cooling{.factor = 0.5, .patience = 1, .cooldown = 2};
        CHECK(after(cooling, {3, 3}) == 0.5);
        CHECK(after(cooling, {3, 3, 3, 3}) == 0.5);
        CHECK(after(cooling, {3, 3, 3, 3, 3}) == 0.25);
        CHECK(after(ReduceOnPlateau{.factor = 0.1, .patience = 1, .least = 0.05}, {3, 3, 3, 3}) == 0.05);
        const std::vector<EpochRecord> rising{{.accuracy = 0.5}, {.accuracy = 0.6}};
        const std::vector<EpochRecord> falling{{.accuracy = 0.6}, {.accuracy = 0.5}};
        const Schedule by_accuracy = ReduceOnPlateau{.monitor = Monitor::accuracy, .factor = 0.5, .patience = 1};
        CHECK(by_accuracy({plan, 20, rising}) == 1);
        CHECK(by_accuracy({plan, 20, falling}) == 0.5);
    }

    TEST_CASE("ReduceOnPlateau refuses a metric that the training doesn't measure") {
        TrainingPlan blind = plan;
        blind.validates = false;
        CHECK_NOTHROW(Schedule(ReduceOnPlateau{}).check({plan}));
        CHECK_THROWS_WITH_AS(Schedule(ReduceOnPlateau{}).check({blind}),
                             "ReduceOnPlateau: it watches validation_loss, and fit was given no validation data",
                             OptionError);
        CHECK_NOTHROW(Schedule(ReduceOnPlateau{.monitor = Monitor::loss}).check({blind}));
        CHECK_THROWS_AS(Schedule(Warmup{.length = 5, .then = ReduceOnPlateau{}}).check({blind}), OptionError);
    }

    TEST_CASE("a warm-up must be shorter than the training") {
        CHECK_NOTHROW(Schedule(Warmup{.length = 99}).check({plan}));
        CHECK_THROWS_WITH_AS(Schedule(Warmup{.length = 100}).check({plan}),
                             "Warmup: length is 100; it must leave steps of the training to what comes after it",
                             OptionError);
        CHECK_NOTHROW(Schedule(Warmup{.length = 49, .then = Warmup{.length = 50}}).check({plan}));
        CHECK_THROWS_AS(Schedule(Warmup{.length = 50, .then = Warmup{.length = 50}}).check({plan}), OptionError);
        CHECK_NOTHROW(Schedule(Warmup{.length = 9, .per = Per::epoch}).check({plan}));
        CHECK_THROWS_AS(Schedule(Warmup{.length = 10, .per = Per::epoch}).check({plan}), OptionError);
    }

    TEST_CASE("a schedule's constructor refuses options out of range") {
        for (const double bad : {-0.1, not_a_number, infinity}) {
            CAPTURE(bad);
            CHECK_THROWS_AS(Schedule(ConstantRate{bad}), OptionError);
            CHECK_THROWS_AS(Schedule(LinearDecay{.last = bad}), OptionError);
            CHECK_THROWS_AS(Schedule(CosineDecay{.last = bad}), OptionError);
            CHECK_THROWS_AS(Schedule(StepDecay{.factor = bad}), OptionError);
            CHECK_THROWS_AS(Schedule(OneCycle{.first = bad}), OptionError);
            CHECK_THROWS_AS(Schedule(OneCycle{.last = bad}), OptionError);
            CHECK_THROWS_AS(Schedule(Warmup{.length = 1, .first = bad}), OptionError);
            CHECK_THROWS_AS(Schedule(ReduceOnPlateau{.factor = bad}), OptionError);
            CHECK_THROWS_AS(Schedule(ReduceOnPlateau{.min_delta = bad}), OptionError);
            CHECK_THROWS_AS(Schedule(ReduceOnPlateau{.least = bad}), OptionError);
        }
        for (const double bad : {0.0, 1.0, -1.0, not_a_number})
            CHECK_THROWS_AS(Schedule(OneCycle{.rise = bad}), OptionError);
        CHECK_THROWS_AS(Schedule(ReduceOnPlateau{.factor = 1}), OptionError);
        CHECK_THROWS_WITH_AS(Schedule(StepDecay{.every = 0}), "StepDecay: every is 0; it must be at least 1",
                             OptionError);
        CHECK_THROWS_WITH_AS(Schedule(Warmup{.length = 0}), "Warmup: length is 0; it must be at least 1", OptionError);
        CHECK_THROWS_WITH_AS(Schedule(ReduceOnPlateau{.patience = 0}),
                             "ReduceOnPlateau: patience is 0; it must be at least 1", OptionError);
    }

    TEST_CASE("each option is in the description") {
        const std::vector<Schedule> all{
            {},
            ConstantRate{},
            ConstantRate{0.5},
            LinearDecay{},
            LinearDecay{.last = 0.1},
            LinearDecay{.per = Per::epoch},
            CosineDecay{},
            CosineDecay{.last = 0.1},
            CosineDecay{.per = Per::epoch},
            StepDecay{},
            StepDecay{.factor = 0.5},
            StepDecay{.every = 3},
            StepDecay{.per = Per::step},
            OneCycle{},
            OneCycle{.rise = 0.5},
            OneCycle{.first = 0.5},
            OneCycle{.last = 0.5},
            Warmup{.length = 3},
            Warmup{.length = 4},
            Warmup{.length = 3, .per = Per::epoch},
            Warmup{.length = 3, .first = 0.5},
            Warmup{.length = 3, .then = CosineDecay{}},
            ReduceOnPlateau{},
            ReduceOnPlateau{.monitor = Monitor::loss},
            ReduceOnPlateau{.factor = 0.5},
            ReduceOnPlateau{.patience = 3},
            ReduceOnPlateau{.min_delta = 0.5},
            ReduceOnPlateau{.cooldown = 3},
            ReduceOnPlateau{.least = 0.5},
            [](const SchedulePoint&) { return 1.0; },
        };
        for (std::size_t i = 0; i < all.size(); ++i) {
            for (std::size_t k = 0; k < i; ++k) CHECK(all[i].describe() != all[k].describe());
        }
        CHECK(all[0].describe() == "constant");
        CHECK(all[11].describe() == "StepDecay(factor 0.1, every 3) per epoch");
        CHECK(all.back().describe() == "a function");
    }
}
