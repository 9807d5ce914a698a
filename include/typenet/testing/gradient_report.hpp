#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>

/// What a gradient check is asked and what it answers: derivatives by the code under test against those by central
/// differences. testing/gradient_check.hpp has the checks themselves.
namespace TYPENET {

/// The options of `check_gradients`.
struct GradientCheckOptions {
    double step = 1e-4;       ///< h of the difference quotient, above 0
    double tolerance = 1e-6;  ///< largest relative error that passes
    /// A relative error is the error divided by the larger magnitude of the two derivatives, but by no less than
    /// `floor` times the largest numeric derivative of the check (0.001 where that is smaller). Without this bound, the
    /// rounding of the quotient would fail tiny derivatives.
    double floor = 1e-3;
    Seed seed = {};  ///< determines random parameters, inputs and linear functions of the outputs
};

/// The result of a gradient check.
struct GradientReport {
    std::size_t checked = 0;            ///< count of compared derivatives
    double largest_relative_error = 0;  ///< NaN where a derivative was NaN or infinite
    std::string worst = "nothing";      ///< place of the largest error: "layer 1 (Dense<10, Softmax>), weight [3, 7]"
    double analytic = 0;                ///< derivative at `worst` by the code under test
    double numeric = 0;                 ///< derivative at `worst` by the difference quotient
    double tolerance = 0;               ///< the tolerance of the options

    /// Returns whether at least one derivative was compared and all were within tolerance.
    [[nodiscard]] bool passed() const {
        return checked > 0 && detail::is_finite(largest_relative_error) && largest_relative_error <= tolerance;
    }
    explicit operator bool() const { return passed(); }
};

/// Writes the report as one sentence.
inline std::ostream& operator<<(std::ostream& out, const GradientReport& report) {
    return out << (report.passed() ? "passed" : "failed") << ": " << report.checked
               << " derivatives, largest relative error " << report.largest_relative_error << " at " << report.worst
               << " (analytic " << report.analytic << ", numeric " << report.numeric << ", tolerance "
               << report.tolerance << ")";
}

namespace detail {

/// Returns f'(0), computed from f at +-h and +-2h; the error is of order h^4.
/// Source: Abramowitz, Stegun, Handbook of Mathematical Functions, table 25.2 (five points).
template <class F>
double central_difference(F f, double h) {
    return (8 * (f(h) - f(-h)) - (f(2 * h) - f(-2 * h))) / (12 * h);
}

/// Collects pairs of analytic and numeric derivatives and reports the largest difference.
class Comparison {
public:
    void add(double analytic, double numeric, std::string place) {
        entries_.push_back({analytic, numeric, std::move(place)});
    }

    /// Adds a derivative of f() with respect to `value`: computes the numeric one by varying `value`, then restores it.
    template <class F>
    void add(double analytic, double& value, double step, F f, std::string place) {
        const double kept = value;
        const double numeric = central_difference(
            [&](double h) {
                value = kept + h;
                return f();
            },
            step);
        value = kept;
        add(analytic, numeric, std::move(place));
    }

    [[nodiscard]] GradientReport report(const GradientCheckOptions& options) const {
        GradientReport result;
        result.checked = entries_.size();
        result.tolerance = options.tolerance;
        double largest = 1e-3;
        for (const Entry& entry : entries_) largest = std::max(largest, std::abs(entry.numeric));
        bool first = true;
        for (const Entry& entry : entries_) {
            const double error = relative_error(entry, options.floor * largest);
            if (!first && !is_nan(error) && error <= result.largest_relative_error) continue;
            first = false;
            result.largest_relative_error = error;
            result.worst = entry.place;
            result.analytic = entry.analytic;
            result.numeric = entry.numeric;
            if (is_nan(error)) break;
        }
        return result;
    }

private:
    struct Entry {
        double analytic;
        double numeric;
        std::string place;
    };

    static double relative_error(const Entry& entry, double floor) {
        const double difference = std::abs(entry.analytic - entry.numeric);
        if (!is_nan(difference) && difference == 0) return 0;
        return difference / std::max({std::abs(entry.analytic), std::abs(entry.numeric), floor});
    }

    std::vector<Entry> entries_;
};

}  // namespace detail

}  // namespace TYPENET
