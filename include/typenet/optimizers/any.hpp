#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/optimizers/adagrad.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/optimizers/adamw.hpp>
#include <typenet/optimizers/lion.hpp>
#include <typenet/optimizers/nadam.hpp>
#include <typenet/optimizers/rmsprop.hpp>
#include <typenet/optimizers/sgd.hpp>

namespace TYPENET {

namespace detail {

/// The types that AnyOptimizer can hold.
template <Optimizer... O>
struct OptimizerList {
    using Variant = std::variant<O...>;
    template <class T>
    static constexpr bool contains = (std::same_as<T, O> || ...);
    static constexpr std::size_t most_state_numbers = std::max({state_numbers<O>...});

    /// Calls f(name, O{}) for each optimizer O, where `name` is the optimizer's name in lower case.
    template <class F>
    static void for_each(F f) {
        (f(lower_case(O::name), O{}), ...);
    }

private:
    static std::string lower_case(std::string_view text) {
        std::string lower(text);
        for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        return lower;
    }
};

using AllOptimizers = OptimizerList<Sgd, Adagrad, RmsProp, Adam, AdamW, Nadam, Lion>;

template <class O>
concept HeldOptimizer = AllOptimizers::contains<O>;

}  // namespace detail

/// Holds one of the library's optimizers, chosen at run time. Training with it gives bit-identical results to training
/// with the held optimizer itself.
/// ```cpp
/// AnyOptimizer optimizer = find_optimizer("adam");
/// optimizer.learning_rate = 0.003;
/// fit<CrossEntropy>(net, train, optimizer, {.epochs = 5});
/// ```
class AnyOptimizer {
public:
    static constexpr std::size_t state_numbers = detail::AllOptimizers::most_state_numbers;

    double learning_rate;  ///< initially the held optimizer's; replaces it in training; finite, at least 0

    /// Holds any of the library's optimizers, or one of your own.
    template <detail::HeldOptimizer O>
    AnyOptimizer(O optimizer) : learning_rate(optimizer.learning_rate), held_(std::move(optimizer)) {}

    /// Returns f(optimizer) for a copy of the held optimizer that has this object's `learning_rate`.
    template <class F>
    [[nodiscard]] decltype(auto) visit(F f) const {
        return std::visit(
            [&](auto optimizer) -> decltype(auto) {
                optimizer.learning_rate = learning_rate;
                return f(std::as_const(optimizer));
            },
            held_);
    }

    [[nodiscard]] std::size_t state_vectors() const {
        return visit([](const auto& optimizer) { return optimizer.state_vectors(); });
    }

    void validate() const {
        visit([](const auto& optimizer) { optimizer.validate(); });
    }

    [[nodiscard]] std::string describe() const {
        return visit([](const auto& optimizer) { return optimizer.describe(); });
    }

    void begin_step(std::span<double> numbers) const {
        std::visit(
            [&](const auto& optimizer) {
                if constexpr (requires { optimizer.begin_step(numbers); }) optimizer.begin_step(numbers);
            },
            held_);
    }

    template <Real T>
    void update(std::span<T> w, std::span<const T> d_w, OptimizerState<T> state, double rate) const {
        std::visit([&](const auto& optimizer) { optimizer.update(w, d_w, state, rate); }, held_);
    }

private:
    detail::AllOptimizers::Variant held_;
};

/// Returns the names that find_optimizer accepts.
inline std::vector<std::string> optimizer_names() {
    std::vector<std::string> names;
    detail::AllOptimizers::for_each([&](const std::string& name, const auto&) { names.push_back(name); });
    return names;
}

/// Returns the named optimizer with its default options. `name` is sgd, adagrad, rmsprop, adam, adamw, nadam or lion,
/// in lower case. Throws OptionError for any other name.
inline AnyOptimizer find_optimizer(std::string_view name) {
    std::optional<AnyOptimizer> found;
    detail::AllOptimizers::for_each([&](const std::string& its_name, const auto& optimizer) {
        if (its_name == name) found = optimizer;
    });
    if (found) return *found;
    throw OptionError(
        detail::join({"there is no optimizer \"", name, "\"; choose one of ", detail::join_list(optimizer_names())}));
}

}  // namespace TYPENET
