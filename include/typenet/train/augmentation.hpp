#pragma once

#include <concepts>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>

#include <typenet/core/random.hpp>

namespace typenet {

/// What is done to a row's features each time they are trained on, such as augment<28, 28>(Shift{.pixels = 2});
/// nothing, by default. Made from any function of (std::span<float, N> row, Random& random) that changes the row in
/// place and hangs on nothing but the two: each row has a stream of random numbers of its own in each epoch, so that
/// threads change nothing.
template <std::size_t N>
class Augmentation {
public:
    Augmentation() = default;

    template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Augmentation> &&
             std::invocable<const F&, std::span<float, N>, Random&>) Augmentation(F function)
        : description_("a function") {
        if constexpr (requires { function.describe(); }) description_ = function.describe();
        function_ = std::move(function);
    }

    explicit operator bool() const noexcept { return static_cast<bool>(function_); }
    void operator()(std::span<float, N> row, Random& random) const { function_(row, random); }

    /// Its name and options where the function has a `describe`.
    [[nodiscard]] const std::string& describe() const noexcept { return description_; }

private:
    std::function<void(std::span<float, N>, Random&)> function_;
    std::string description_ = "none";
};

}  // namespace typenet
