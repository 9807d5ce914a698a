#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <iostream>
#include <limits>
#include <ostream>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/callbacks/detail/progress_line.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/stopwatch.hpp>

namespace typenet {

/// Which scores are the better ones.
enum class Goal { minimise, maximise };

struct SearchOptions {
    std::size_t trials = 20;
    Seed seed = {};
    Goal goal = Goal::minimise;
};

/// One candidate and what it came to.
template <class Candidate>
struct Trial {
    std::size_t number = 0;  ///< from 0, in the order in which they were tried
    Candidate candidate;
    double score = 0;  ///< NaN where the training diverged
};

/// How far a search has come after a trial.
struct SearchRecord {
    std::size_t done = 0;
    std::size_t trials = 0;
    double score = 0;                                        ///< of the last trial
    double best = std::numeric_limits<double>::quiet_NaN();  ///< of the trials so far; NaN as long as none was finite
    double seconds = 0;                                      ///< since the search began
};

/// Shows how a search goes, as its observer: on a terminal one line of less than 80 columns that is redrawn after each
/// trial, elsewhere one plain line a trial.
class SearchProgress {
public:
    explicit SearchProgress(std::ostream& out = std::cout) : line_(out) {}
    /// `live` chooses between the redrawn line and plain lines, whatever the stream is.
    SearchProgress(std::ostream& out, bool live) : line_(out, live) {}

    void operator()(const SearchRecord& record) {
        const auto done = static_cast<double>(record.done);
        const auto all = static_cast<double>(record.trials);
        line_.begin();
        line_.count("trial", record.done, record.trials);
        if (line_.live()) line_.bar(done / all);
        line_.number(line_.live() ? " score %.4g" : "  score %.4g", record.score);
        if (std::isfinite(record.best)) line_.number(line_.live() ? " best %.4g" : "  best %.4g", record.best);
        if (!line_.live()) line_.number("  %.1f s", record.seconds);
        if (line_.live()) line_.number(" %.0f s left", record.seconds / done * (all - done));
        line_.live() && record.done < record.trials ? line_.pause() : line_.end();
    }

private:
    detail::ProgressLine line_;
};

/// Tries candidates drawn at random and returns all trials, the best first, equal ones in the order of their numbers.
///   draw(random)       makes a candidate, of any type, by such as uniform, log_uniform and choose; the candidate of
///                      a trial depends only on the seed and the trial's index
///   score(candidate)   its score: by default the lowest is the best
///   observer(record)   is told after each trial; SearchProgress is one
/// A score that is not finite comes last, and so does a trial whose `score` throws DivergenceError. Throws OptionError
/// where there are to be no trials, and whatever else draw, score and observer throw.
///
///     const auto trials = random_search(
///         {.trials = 20, .seed = Seed{1}},
///         [](Random& random) { return Adam{.learning_rate = log_uniform(random, 1e-4, 1e-1)}; },
///         [&](const Adam& adam) { return cross_validate<Net>(data, CrossEntropy{}, adam, {.epochs = 5}).loss.mean; },
///         SearchProgress{});
///
/// Source: Bergstra, Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012).
template <std::invocable<Random&> Draw, class Score, std::invocable<const SearchRecord&> Observer>
auto random_search(const SearchOptions& options, Draw draw, Score score, Observer&& observer) {
    using Candidate = std::remove_cvref_t<std::invoke_result_t<Draw&, Random&>>;
    static_assert(std::is_invocable_r_v<double, Score&, const Candidate&>,
                  "random_search: score must take a candidate, as draw makes it, and give a number");
    if (options.trials == 0) throw OptionError("trials is 0; it must be at least 1");
    const auto is_better = [&](double a, double b) {
        if (!std::isfinite(a) || !std::isfinite(b)) return std::isfinite(a) && !std::isfinite(b);
        return options.goal == Goal::minimise ? a < b : a > b;
    };
    const detail::Stopwatch watch;
    std::vector<Trial<Candidate>> trials;
    SearchRecord record{.trials = options.trials};
    for (std::size_t number = 0; number < options.trials; ++number) {
        Random random(options.seed, Purpose::search, number);
        trials.push_back({number, draw(random), std::numeric_limits<double>::quiet_NaN()});
        try {
            trials.back().score = score(std::as_const(trials.back().candidate));
        } catch (const DivergenceError&) {
            // The score stays NaN.
        }
        record.done = number + 1;
        record.score = trials.back().score;
        if (is_better(record.score, record.best)) record.best = record.score;
        record.seconds = watch.seconds();
        observer(std::as_const(record));
    }
    std::stable_sort(trials.begin(), trials.end(),
                     [&](const auto& a, const auto& b) { return is_better(a.score, b.score); });
    return trials;
}

template <std::invocable<Random&> Draw, class Score>
auto random_search(const SearchOptions& options, Draw draw, Score score) {
    return random_search(options, std::move(draw), std::move(score), [](const SearchRecord&) {});
}

}  // namespace typenet
