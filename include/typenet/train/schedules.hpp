#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <numbers>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/monitor.hpp>

/// Learning-rate schedules: functions from a point of the training to a factor of the optimizer's learning rate.
namespace typenet {

/// Whether a schedule moves on with each step or with each epoch.
enum class Per { step, epoch };

/// Where a training stands before a step.
struct SchedulePoint {
    const TrainingPlan& plan;
    std::size_t step = 0;                       ///< steps done
    std::span<const EpochRecord> history = {};  ///< of the epochs done that the schedule is for
    std::size_t first_step = 0;                 ///< that the schedule is for: the one after a warm-up

    /// Whole steps or epochs of the schedule that are done.
    [[nodiscard]] std::size_t done(Per per) const noexcept { return (step - first_step) / length_of(per); }

    /// The share of the schedule's steps that is done, in [0, 1).
    [[nodiscard]] double share(Per per = Per::step) const noexcept {
        return static_cast<double>(done(per) * length_of(per)) / (plan.all_steps() - static_cast<double>(first_step));
    }

    /// In steps.
    [[nodiscard]] std::size_t length_of(Per per) const noexcept { return per == Per::step ? 1 : plan.steps_an_epoch(); }
};

/// A function that serves as a schedule. Where it has them, its
///   validate()     throws OptionError when an option is out of range
///   check(begin)   throws OptionError when it doesn't fit the training from its first step, the point `begin`, on
///   describe()     is its name and options, as text: a checkpoint is resumed only with the same
template <class F>
concept ScheduleFunction = std::is_invocable_r_v<double, const F&, const SchedulePoint&>;

/// Any schedule: `fit` multiplies the optimizer's learning rate by its value before each step. Made from a
/// ScheduleFunction; 1 throughout, by default.
class Schedule {
public:
    Schedule() = default;

    /// Throws OptionError when the function's options are out of range.
    template <ScheduleFunction F>
    requires(!std::same_as<F, Schedule>) Schedule(F function) : description_("a function") {
        if constexpr (requires { function.validate(); }) function.validate();
        if constexpr (requires { function.describe(); }) description_ = function.describe();
        if constexpr (requires(const SchedulePoint& begin) { function.check(begin); }) {
            check_ = [function](const SchedulePoint& begin) { function.check(begin); };
        }
        function_ = std::move(function);
    }

    explicit operator bool() const noexcept { return static_cast<bool>(function_); }
    [[nodiscard]] double operator()(const SchedulePoint& point) const { return function_ ? function_(point) : 1; }

    void check(const SchedulePoint& begin) const {
        if (check_) check_(begin);
    }
    [[nodiscard]] const std::string& describe() const noexcept { return description_; }

private:
    std::function<double(const SchedulePoint&)> function_;
    std::function<void(const SchedulePoint&)> check_;
    std::string description_ = "constant";
};

/// The product of two schedules.
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

inline std::string_view name_of(Per per) { return per == Per::step ? "step" : "epoch"; }

/// "CosineDecay(last 0.1) per step"
inline std::string describe_schedule(std::string_view name,
                                     std::initializer_list<std::pair<std::string_view, double>> options, Per per) {
    return join({describe_options(name, options), " per ", name_of(per)});
}

/// From 1 at 0 to 0 at 1, along half a cosine wave.
inline double half_cosine(double share) { return (1 + std::cos(std::numbers::pi * share)) / 2; }

}  // namespace detail

/// The same factor throughout.
struct ConstantRate {
    double factor = 1;  ///< at least 0

    void validate() const { detail::require_not_negative("ConstantRate", "factor", factor); }
    double operator()(const SchedulePoint&) const { return factor; }
    [[nodiscard]] std::string describe() const {
        return detail::describe_options("ConstantRate", {{"factor", factor}});
    }
};

/// From 1 in a straight line to `last`.
struct LinearDecay {
    double last = 0;  ///< at least 0
    Per per = Per::step;

    void validate() const { detail::require_not_negative("LinearDecay", "last", last); }
    double operator()(const SchedulePoint& point) const { return 1 + (last - 1) * point.share(per); }
    [[nodiscard]] std::string describe() const {
        return detail::describe_schedule("LinearDecay", {{"last", last}}, per);
    }
};

/// From 1 along half a cosine wave to `last`: last + (1 - last) (1 + cos(pi share)) / 2.
/// Source: Loshchilov, Hutter, "SGDR: Stochastic gradient descent with warm restarts", ICLR 2017, without restarts.
struct CosineDecay {
    double last = 0;  ///< at least 0
    Per per = Per::step;

    void validate() const { detail::require_not_negative("CosineDecay", "last", last); }
    double operator()(const SchedulePoint& point) const {
        return last + (1 - last) * detail::half_cosine(point.share(per));
    }
    [[nodiscard]] std::string describe() const {
        return detail::describe_schedule("CosineDecay", {{"last", last}}, per);
    }
};

/// Multiplied by `factor` after each `every` steps or epochs.
struct StepDecay {
    double factor = 0.1;     ///< at least 0
    std::size_t every = 10;  ///< at least 1
    Per per = Per::epoch;

    void validate() const {
        detail::require_not_negative("StepDecay", "factor", factor);
        detail::require_count("StepDecay", "every", every);
    }
    double operator()(const SchedulePoint& point) const {
        const std::size_t times = point.done(per) / every;
        return std::pow(factor, static_cast<double>(times));
    }
    [[nodiscard]] std::string describe() const {
        return detail::describe_schedule("StepDecay", {{"factor", factor}, {"every", static_cast<double>(every)}}, per);
    }
};

/// Multiplied by `factor` after each step or epoch.
struct ExponentialDecay {
    double factor = 0.95;  ///< at least 0
    Per per = Per::epoch;

    void validate() const { detail::require_not_negative("ExponentialDecay", "factor", factor); }
    double operator()(const SchedulePoint& point) const {
        return std::pow(factor, static_cast<double>(point.done(per)));
    }
    [[nodiscard]] std::string describe() const {
        return detail::describe_schedule("ExponentialDecay", {{"factor", factor}}, per);
    }
};

/// From `first` up to 1 in the share `rise` of the steps, then down to `last`, along half a cosine wave each.
/// Source: Smith, Topin, "Super-convergence: very fast training of neural networks using large learning rates",
/// arXiv:1708.07120, with the cosines of fast.ai's and PyTorch's form; the momentum stays as it is.
struct OneCycle {
    double rise = 0.3;    ///< in (0, 1)
    double first = 0.04;  ///< at least 0, as the next
    double last = 4e-6;

    void validate() const {
        detail::require_inner_fraction("OneCycle", "rise", rise);
        detail::require_not_negative("OneCycle", "first", first);
        detail::require_not_negative("OneCycle", "last", last);
    }
    double operator()(const SchedulePoint& point) const {
        const double share = point.share();
        if (share < rise) return 1 + (first - 1) * detail::half_cosine(share / rise);
        return last + (1 - last) * detail::half_cosine((share - rise) / (1 - rise));
    }
    [[nodiscard]] std::string describe() const {
        return detail::describe_options("OneCycle", {{"rise", rise}, {"first", first}, {"last", last}});
    }
};

/// Before `then` begins, in a straight line up to the value that it begins with: at step or epoch n, from 0, that value
/// times first + (1 - first) (n + 1) / (length + 1). Source: Goyal et al., "Accurate, large minibatch SGD: training
/// ImageNet in 1 hour", arXiv:1706.02677, section 2.2.
struct Warmup {
    std::size_t length;  ///< in steps or epochs; at least 1, and less than the training has
    Per per = Per::step;
    double first = 0;  ///< at least 0
    Schedule then = {};

    void validate() const {
        detail::require_count("Warmup", "length", length);
        detail::require_not_negative("Warmup", "first", first);
    }
    void check(const SchedulePoint& begin) const {
        const double steps = static_cast<double>(length) * static_cast<double>(begin.length_of(per));
        detail::require_option(static_cast<double>(begin.first_step) + steps < begin.plan.all_steps(), "Warmup",
                               "length", static_cast<double>(length),
                               "it must leave steps of the training to what comes after it");
        then.check(after(begin));
    }
    double operator()(const SchedulePoint& point) const {
        const SchedulePoint later = after(point);
        if (point.step >= later.first_step) return then(later);
        const double share = static_cast<double>(point.done(per) + 1) / (static_cast<double>(length) + 1);
        return then(later) * (first + (1 - first) * share);
    }
    [[nodiscard]] std::string describe() const {
        return detail::join(
            {detail::describe_schedule("Warmup", {{"length", static_cast<double>(length)}, {"first", first}}, per),
             ", then ", then.describe()});
    }

private:
    /// The point that `then` is asked for: its own first one, as long as this lasts, and only the epochs since then.
    [[nodiscard]] SchedulePoint after(const SchedulePoint& point) const {
        SchedulePoint later = point;
        later.first_step += length * point.length_of(per);
        later.step = std::max(point.step, later.first_step);
        const std::size_t warm =
            later.first_step / point.plan.steps_an_epoch() - point.first_step / point.plan.steps_an_epoch();
        later.history = point.history.subspan(std::min(warm, point.history.size()));
        return later;
    }
};

/// Multiplied by `factor` when `patience` epochs in a row brought nothing better than the best before them. It hangs on
/// the history alone, without the epochs of a warm-up.
struct ReduceOnPlateau {
    Monitor monitor = Monitor::validation_loss;
    double factor = 0.1;       ///< in [0, 1)
    std::size_t patience = 5;  ///< in epochs; at least 1
    double min_delta = 0;      ///< by how much better is better; at least 0
    std::size_t cooldown = 0;  ///< epochs after a reduction that don't count as waiting
    double least = 0;          ///< the factor doesn't fall below; at least 0

    void validate() const {
        constexpr const char* owner = "ReduceOnPlateau";
        detail::require_fraction(owner, "factor", factor);
        detail::require_count(owner, "patience", patience);
        detail::require_not_negative(owner, "min_delta", min_delta);
        detail::require_not_negative(owner, "least", least);
    }
    void check(const SchedulePoint& begin) const { detail::require_monitored("ReduceOnPlateau", monitor, begin.plan); }
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
    [[nodiscard]] std::string describe() const {
        return detail::join({detail::describe_options("ReduceOnPlateau", {{"factor", factor},
                                                                          {"patience", static_cast<double>(patience)},
                                                                          {"min_delta", min_delta},
                                                                          {"cooldown", static_cast<double>(cooldown)},
                                                                          {"least", least}}),
                             " on ", name_of(monitor)});
    }
};

}  // namespace typenet
