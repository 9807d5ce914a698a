#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>

namespace TYPENET {

/// Changes the features of a row each time it is trained on, for example augment<28, 28>(Shift{.pixels = 2}). Does
/// nothing by default. It is made from any function that changes a row in place:
///
/// ```cpp
/// const auto add_noise = [](std::span<float, 4> row, Random& random) { row[0] += 0.1F * uniform(random); };
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 2, .augmentation = add_noise});
/// ```
///
/// The function must depend on its two arguments alone. Each row has its own stream of random numbers in each epoch, so
/// that the number of threads has no effect.
template <std::size_t N>
class Augmentation {
public:
    /// Makes one that changes nothing.
    Augmentation() = default;

    /// Holds a function that changes a row in place, with random numbers of its own.
    template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Augmentation> &&
             std::invocable<const F&, std::span<float, N>, Random&>) Augmentation(F function)
        : description_("a function") {
        if constexpr (requires { function.describe(); }) description_ = function.describe();
        function_ = std::move(function);
    }

    explicit operator bool() const noexcept { return static_cast<bool>(function_); }
    void operator()(std::span<float, N> row, Random& random) const { function_(row, random); }

    /// Returns the text of the function's `describe`, or "a function" if it has none.
    [[nodiscard]] const std::string& describe() const noexcept { return description_; }

private:
    std::function<void(std::span<float, N>, Random&)> function_;
    std::string description_ = "none";
};

}  // namespace TYPENET
