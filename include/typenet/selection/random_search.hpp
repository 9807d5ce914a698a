#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <iostream>
#include <ostream>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/callbacks/detail/progress_line.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>
#include <typenet/core/stopwatch.hpp>
#include <typenet/core/text.hpp>

/// Random search: tries random candidates, such as optimizers with random options, and ranks them by their scores.
/// random_search is the entry point; SearchProgress, given to it as the observer, prints its progress. The score
/// usually comes from cross_validate, or from `fit` and `evaluate`.
namespace TYPENET {

/// Whether the lowest or the highest score is the best.
enum class Goal { minimise, maximise };

/// The options of `random_search`.
struct SearchOptions {
    std::size_t trials = 20;     ///< how many candidates are tried; at least 1
    Seed seed = {};              ///< determines the candidates
    Goal goal = Goal::minimise;  ///< whether the lowest or the highest score is the best
};

/// One candidate and its score.
template <class Candidate>
struct Trial {
    std::size_t number = 0;  ///< index in the order in which the candidates were tried, from 0
    Candidate candidate;     ///< what was drawn
    double score = 0;        ///< NaN where the training diverged
};

/// The state of a search after a trial.
struct SearchRecord {
    std::size_t done = 0;               ///< count of finished trials
    std::size_t trials = 0;             ///< count of all trials of the search
    double score = 0;                   ///< score of the last trial
    double best = detail::nan<double>;  ///< best score so far; NaN while none was finite
    double seconds = 0;                 ///< time since the search began
};

/// An observer for random_search that prints its progress. On a terminal it redraws one line of less than 80 columns
/// after each trial; elsewhere it prints a plain line for each trial.
class SearchProgress {
public:
    /// Writes to `out`.
    explicit SearchProgress(std::ostream& out = std::cout) : line_(out) {}
    /// `live`: whether to redraw one line or to print plain lines, whatever the stream is.
    SearchProgress(std::ostream& out, bool live) : line_(out, live) {}

    void operator()(const SearchRecord& record) {
        const auto done = static_cast<double>(record.done);
        const auto all = static_cast<double>(record.trials);
        const std::string_view gap = line_.live() ? " " : "  ";
        const auto shown = [](double value) { return detail::NumberText(value, detail::significant_digits(4)); };
        line_.begin();
        line_.count("trial", record.done, record.trials);
        if (line_.live()) line_.bar(done / all);
        line_.add({gap, "score ", shown(record.score)});
        if (detail::is_finite(record.best)) line_.add({gap, "best ", shown(record.best)});
        if (line_.live()) {
            const double seconds_left = record.seconds / done * (all - done);
            line_.add({gap, detail::NumberText(seconds_left, detail::decimals(0)), " s left"});
        } else {
            line_.add({gap, detail::NumberText(record.seconds, detail::decimals(1)), " s"});
        }
        line_.live() && record.done < record.trials ? line_.pause() : line_.end();
    }

private:
    detail::ProgressLine line_;
};

/// Tries candidates that are drawn at random and returns all trials, the best first. Trials with equal scores stay in
/// the order in which they were tried.
/// ```cpp
/// const auto draw = [](Random& random) { return Adam{.learning_rate = log_uniform(random, 1e-4, 1e-1)}; };
/// const auto score = [&](const Adam& adam) {
///     return cross_validate<Net>(train, CrossEntropy{}, adam, {.epochs = 5}).loss.mean;
/// };
/// const auto trials = random_search({.trials = 20, .seed = Seed{1}}, draw, score, SearchProgress{});
/// const double best_rate = trials.front().candidate.learning_rate;
/// ```
///   draw(random)       returns a candidate of any type, drawn with uniform, log_uniform, choose and the like; it
///                      depends on the seed and the trial's index alone
///   score(candidate)   returns the candidate's score; by default the lowest is the best
///   observer(record)   is called with a SearchRecord after each trial
/// A trial whose score is not finite comes last, and so does one whose `score` throws DivergenceError. Throws
/// OptionError where options.trials is 0, and whatever else draw, score and observer throw.
///
/// Source: Bergstra, Bengio, "Random search for hyper-parameter optimization", JMLR 13 (2012).
template <std::invocable<Random&> Draw, class Score, std::invocable<const SearchRecord&> Observer>
auto random_search(const SearchOptions& options, Draw draw, Score score, Observer&& observer) {
    using Candidate = std::remove_cvref_t<std::invoke_result_t<Draw&, Random&>>;
    static_assert(std::is_invocable_r_v<double, Score&, const Candidate&>,
                  "random_search: score must take a candidate, as draw makes it, and give a number");
    if (options.trials == 0) throw OptionError("trials is 0; it must be at least 1");
    const auto is_better = [&](double a, double b) {
        if (!detail::is_finite(a) || !detail::is_finite(b)) return detail::is_finite(a) && !detail::is_finite(b);
        return options.goal == Goal::minimise ? a < b : a > b;
    };
    const detail::Stopwatch watch;
    std::vector<Trial<Candidate>> trials;
    SearchRecord record{.trials = options.trials};
    for (std::size_t number = 0; number < options.trials; ++number) {
        Random random(options.seed, Purpose::search, number);
        trials.push_back({number, draw(random), detail::nan<double>});
        try {
            trials.back().score = score(std::as_const(trials.back().candidate));
        } catch (const DivergenceError&) {
            // The score stays NaN, so that the trial comes last.
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

/// Searches without an observer.
template <std::invocable<Random&> Draw, class Score>
auto random_search(const SearchOptions& options, Draw draw, Score score) {
    return random_search(options, std::move(draw), std::move(score), [](const SearchRecord&) {});
}

}  // namespace TYPENET
