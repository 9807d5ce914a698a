#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/options.hpp>
#include <typenet/core/text.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/monitor.hpp>

/// Learning-rate schedules. A schedule is a function that returns, for a point of a training, a factor of the
/// optimizer's learning rate. It keeps nothing from one step to the next: the factor of step 1000 can be computed
/// without those of the steps before it, so that a resumed training has the same learning rates as one that wasn't
/// stopped.
///
/// `Schedule` holds any of them and is what `FitOptions` takes; before each step `TrainingRun` calls it with a
/// `SchedulePoint`. Below it stand the library's schedules, each an aggregate of options with its formula; `Warmup`
/// precedes another schedule, and a * b is the product of two.
///     fit<CrossEntropy>(net, train, Sgd{.learning_rate = 0.1}, {.epochs = 20, .schedule = CosineDecay{}});
/// LinearDecay, CosineDecay, StepDecay and Warmup change with each step or with each epoch, OneCycle changes with each
/// step, ReduceOnPlateau only after some epochs.
namespace TYPENET {

/// Whether a schedule changes with each step or with each epoch.
enum class Per { step, epoch };

/// A step of a training, for which a schedule computes its factor. A schedule behind a warm-up covers only the steps
/// after it: it begins at `first_step`.
struct SchedulePoint {
    const TrainingPlan& plan;                   ///< the training's length
    std::size_t step = 0;                       ///< index of the step; the training's first has 0
    std::span<const EpochRecord> history = {};  ///< the finished epochs that the schedule covers
    std::size_t first_step = 0;                 ///< index of the schedule's own first step

    /// Returns how many steps a unit of the schedule has: one, or those of an epoch.
    [[nodiscard]] std::size_t steps_per(Per per) const noexcept { return per == Per::step ? 1 : plan.steps_an_epoch(); }

    /// Returns how many whole steps or epochs of the schedule have passed.
    [[nodiscard]] std::size_t elapsed(Per per) const noexcept { return (step - first_step) / steps_per(per); }

    /// Returns the fraction of the schedule's steps that those elapsed() steps or epochs are, in [0, 1).
    [[nodiscard]] double progress(Per per = Per::step) const noexcept {
        const std::size_t steps = elapsed(per) * steps_per(per);
        return static_cast<double>(steps) / (plan.all_steps() - static_cast<double>(first_step));
    }
};

/// A function that serves as a schedule. It may have:
///   validate()     throws OptionError when an option is out of range
///   check(begin)   throws OptionError when the schedule doesn't fit a training; `begin` is the schedule's first point
///   describe()     returns its name and options, as text; a checkpoint is resumed only by a run with the same text
template <class F>
concept ScheduleFunction = std::is_invocable_r_v<double, const F&, const SchedulePoint&>;

/// Any schedule. `fit` multiplies the optimizer's learning rate by its value before each step. The default is the
/// constant 1.
/// ```cpp
/// const Schedule slower = [](const SchedulePoint& point) { return 1 / (1.0 + 10 * point.progress()); };
/// fit<CrossEntropy>(net, train, Sgd{.learning_rate = 0.1}, {.epochs = 20, .schedule = slower});
/// ```
class Schedule {
public:
    /// Makes the constant 1.
    Schedule() = default;

    /// Holds a function. Throws OptionError when its options are out of range.
    template <ScheduleFunction F>
    requires(!std::same_as<F, Schedule>) Schedule(F function) : description_(unknown) {
        if constexpr (requires { function.validate(); }) function.validate();
        if constexpr (requires { function.describe(); }) description_ = function.describe();
        if constexpr (requires(const SchedulePoint& begin) { function.check(begin); }) {
            check_ = [function](const SchedulePoint& begin) { function.check(begin); };
        }
        function_ = std::move(function);
    }

    explicit operator bool() const noexcept { return static_cast<bool>(function_); }
    [[nodiscard]] double operator()(const SchedulePoint& point) const { return function_ ? function_(point) : 1; }

    /// Throws OptionError when the schedule doesn't fit the training that has `begin` as its first point.
    void check(const SchedulePoint& begin) const {
        if (check_) check_(begin);
    }
    [[nodiscard]] const std::string& describe() const noexcept { return description_; }
    /// Returns whether the schedule, and each that it is made of, has a describe(). Any other might look at anything,
    /// such as the network.
    [[nodiscard]] bool is_known() const noexcept { return description_.find(unknown) == std::string::npos; }

private:
    static constexpr std::string_view unknown = "a function";

    std::function<double(const SchedulePoint&)> function_;
    std::function<void(const SchedulePoint&)> check_;
    std::string description_ = "constant";
};

/// Returns the product of two schedules.
/// ```cpp
/// const Schedule both = CosineDecay{} * StepDecay{.factor = 0.5, .every = 5};
/// ```
[[nodiscard]] inline Schedule operator*(Schedule a, Schedule b) {
    struct Product {
        Schedule a;
        Schedule b;
        double operator()(const SchedulePoint& point) const { return a(point) * b(point); }
        void check(const SchedulePoint& begin) const {
            a.check(begin);
            b.check(begin);
        }
        [[nodiscard]] std::string describe() const { return a.describe() + " * " + b.describe(); }
    };
    return Product{std::move(a), std::move(b)};
}

namespace detail {

/// Returns "CosineDecay(last 0.1) per step" for a schedule with the field `per`. `others` counts its fields that are
/// neither in its options() nor `per`.
template <std::size_t others = 0, class S>
std::string describe_schedule(const S& schedule) {
    const char* const unit = schedule.per == Per::step ? "step" : "epoch";
    return join({describe_options<others + 1>(schedule), " per ", unit});
}

/// Returns (1 + cos(pi d)) / 2: half a cosine wave, from 1 at d = 0 to 0 at d = 1.
inline double half_cosine(double d) { return (1 + std::cos(std::numbers::pi * d)) / 2; }

}  // namespace detail

/// The same factor in all steps.
struct ConstantRate {
    static constexpr std::string_view name = "ConstantRate";

    double factor = 1;  ///< finite, at least 0

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"factor", factor, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_options(*this); }

    double operator()(const SchedulePoint&) const { return factor; }
};

/// Falls from 1 in a straight line towards `last`: 1 + (last - 1) d, with the progress d in [0, 1).
/// ```cpp
/// fit<CrossEntropy>(net, train, Sgd{.learning_rate = 0.1}, {.epochs = 20, .schedule = LinearDecay{.last = 0.01}});
/// ```
struct LinearDecay {
    static constexpr std::string_view name = "LinearDecay";

    double last = 0;      ///< factor at the end, which is approached and not reached; finite, at least 0
    Per per = Per::step;  ///< whether the factor changes with each step or each epoch

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"last", last, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options<1>(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_schedule(*this); }

    double operator()(const SchedulePoint& point) const { return 1 + (last - 1) * point.progress(per); }
};

/// Falls from 1 along half a cosine wave towards `last`: last + (1 - last) (1 + cos(pi d)) / 2, with the progress d in
/// [0, 1).
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20, .schedule = CosineDecay{.last = 0.01}});
/// ```
/// Source: Loshchilov, Hutter, "SGDR: Stochastic gradient descent with warm restarts", ICLR 2017, without restarts.
struct CosineDecay {
    static constexpr std::string_view name = "CosineDecay";

    double last = 0;      ///< factor at the end, which is approached and not reached; finite, at least 0
    Per per = Per::step;  ///< whether the factor changes with each step or each epoch

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"last", last, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options<1>(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_schedule(*this); }

    double operator()(const SchedulePoint& point) const {
        return last + (1 - last) * detail::half_cosine(point.progress(per));
    }
};

/// Is multiplied by `factor` after each `every` steps or epochs: factor^floor(n / every), with n of them elapsed. With
/// every = 1 it decays exponentially.
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20, .schedule = StepDecay{.factor = 0.5, .every = 5}});
/// ```
struct StepDecay {
    static constexpr std::string_view name = "StepDecay";

    double factor = 0.1;     ///< finite, at least 0
    std::size_t every = 10;  ///< in steps or epochs; at least 1
    Per per = Per::epoch;    ///< whether `every` counts steps or epochs

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>(
            {{"factor", factor, detail::require_not_negative}, {"every", every, detail::require_count}});
    }
    void validate() const { detail::validate_options<1>(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_schedule(*this); }

    double operator()(const SchedulePoint& point) const {
        const std::size_t times = point.elapsed(per) / every;
        return std::pow(factor, static_cast<double>(times));
    }
};

/// Rises from `first` to 1, then falls towards `last`, each time along half a cosine wave. It changes with each step.
/// With c(d) = (1 + cos(pi d)) / 2 and the progress d: 1 + (first - 1) c(d / rise) while d < rise, then
/// last + (1 - last) c((d - rise) / (1 - rise)).
/// ```cpp
/// fit<CrossEntropy>(net, train, Sgd{.learning_rate = 0.5}, {.epochs = 20, .schedule = OneCycle{.rise = 0.2}});
/// ```
/// Source: Smith, Topin, "Super-convergence: very fast training of neural networks using large learning rates",
/// arXiv:1708.07120, with the cosines of fast.ai and PyTorch, and without a cycle of the momentum.
struct OneCycle {
    static constexpr std::string_view name = "OneCycle";

    double rise = 0.3;    ///< fraction of the steps in which the factor rises; in (0, 1)
    double first = 0.04;  ///< factor of the first step; finite, at least 0
    double last = 4e-6;   ///< factor at the end, which is approached and not reached; finite, at least 0

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"rise", rise, detail::require_inner_fraction},
                                              {"first", first, detail::require_not_negative},
                                              {"last", last, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options(*this); }
    [[nodiscard]] std::string describe() const { return detail::describe_options(*this); }

    double operator()(const SchedulePoint& point) const {
        const double d = point.progress();
        if (d < rise) return 1 + (first - 1) * detail::half_cosine(d / rise);
        return last + (1 - last) * detail::half_cosine((d - rise) / (1 - rise));
    }
};

/// Rises in a straight line to the first value of another schedule, `then`, which covers the steps after it: that value
/// times first + (1 - first) (n + 1) / (length + 1) in step or epoch n = 0, 1, ..., length - 1.
/// ```cpp
/// const Schedule warm = Warmup{.length = 100, .then = CosineDecay{}};
/// ```
/// Source: Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", arXiv:1706.02677, section 2.2.
struct Warmup {
    static constexpr std::string_view name = "Warmup";

    std::size_t length;   ///< in steps or epochs; at least 1, and less than the training has
    Per per = Per::step;  ///< whether `length` counts steps or epochs
    double first = 0;     ///< finite, at least 0
    Schedule then = {};   ///< follows the warm-up; the default is the constant 1

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>(
            {{"length", length, detail::require_count}, {"first", first, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options<2>(*this); }
    void check(const SchedulePoint& begin) const {
        const double steps = static_cast<double>(length) * static_cast<double>(begin.steps_per(per));
        detail::require_option(static_cast<double>(begin.first_step) + steps < begin.plan.all_steps(), name, "length",
                               static_cast<double>(length),
                               "it must leave steps of the training to what comes after it");
        then.check(after(begin));
    }
    [[nodiscard]] std::string describe() const {
        return detail::join({detail::describe_schedule<1>(*this), ", then ", then.describe()});
    }

    double operator()(const SchedulePoint& point) const {
        const SchedulePoint later = after(point);
        if (point.step >= later.first_step) return then(later);
        const double rise = static_cast<double>(point.elapsed(per) + 1) / (static_cast<double>(length) + 1);
        return then(later) * (first + (1 - first) * rise);
    }

private:
    /// Returns the point for `then`: its first point during the warm-up, with only the epochs after the warm-up.
    [[nodiscard]] SchedulePoint after(const SchedulePoint& point) const {
        SchedulePoint later = point;
        later.first_step += length * point.steps_per(per);
        later.step = std::max(point.step, later.first_step);
        const std::size_t warm =
            later.first_step / point.plan.steps_an_epoch() - point.first_step / point.plan.steps_an_epoch();
        later.history = point.history.subspan(std::min(warm, point.history.size()));
        return later;
    }
};

/// Is multiplied by `factor` after each `patience` epochs in a row without a new best value of `monitor`. It changes
/// between epochs and computes its factor from the history. The epochs of a warm-up don't count.
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 50, .validation = &validation, .schedule = ReduceOnPlateau{}});
/// ```
struct ReduceOnPlateau {
    static constexpr std::string_view name = "ReduceOnPlateau";

    Monitor monitor = Monitor::validation_loss;  ///< what should improve
    double factor = 0.1;                         ///< in [0, 1)
    std::size_t patience = 5;                    ///< in epochs; at least 1
    double min_delta = 0;      ///< a value must be better than the best by more than this; finite, at least 0
    std::size_t cooldown = 0;  ///< epochs after a reduction that don't count towards `patience`
    double least = 0;          ///< the result's lower bound; finite, at least 0

    [[nodiscard]] auto options() const {
        return std::to_array<detail::Option>({{"factor", factor, detail::require_fraction},
                                              {"patience", patience, detail::require_count},
                                              {"min_delta", min_delta, detail::require_not_negative},
                                              {"cooldown", cooldown},
                                              {"least", least, detail::require_not_negative}});
    }
    void validate() const { detail::validate_options<1>(*this); }
    void check(const SchedulePoint& begin) const { detail::require_monitored(name, monitor, begin.plan); }
    [[nodiscard]] std::string describe() const {
        return detail::join({detail::describe_options<1>(*this), " on ", name_of(monitor)});
    }

    double operator()(const SchedulePoint& point) const {
        double now = 1;
        detail::BestEpoch best{monitor, min_delta};
        std::size_t cooling = 0;
        for (const EpochRecord& epoch : point.history) {
            best.add(epoch);
            if (cooling > 0) {
                --cooling;
                best.waited = 0;
            }
            if (best.waited < patience) continue;
            now = std::max(now * factor, least);
            best.waited = 0;
            cooling = cooldown;
        }
        return now;
    }
};

}  // namespace TYPENET
