#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

namespace TYPENET {

/// Base of all exceptions of the library; the only other exception that the library throws is std::bad_alloc. `what()`
/// is a sentence for a person that says what is wrong and where.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An option is outside its range, or two options exclude each other.
class OptionError : public Error {
public:
    using Error::Error;
};

/// An array given at run time has another shape than the network's type requires.
class ShapeError : public Error {
public:
    using Error::Error;
};

/// Data in memory can't be used: a label above the network's outputs, an empty dataset, a split that leaves no rows.
class DataError : public Error {
public:
    using Error::Error;
};

/// Training produced a loss, a gradient or parameters that are not finite.
class DivergenceError : public Error {
public:
    using Error::Error;
};

namespace detail {

// Each `require_...` throws OptionError unless the value keeps the rule. `owner` is the type or function that has the
// option, such as "Sgd"; it may be empty.

/// Throws OptionError: "Sgd: momentum is 2; it must be at least 0 and below 1".
[[noreturn, gnu::noinline, gnu::cold]] inline void refuse_option(std::string_view owner, std::string_view option,
                                                                 double value, std::string_view rule) {
    throw OptionError(join({owner, owner.empty() ? "" : ": ", option, " is ", value, "; ", rule}));
}

/// Throws unless `good`; `rule` says in words what is required.
inline void require_option(bool good, std::string_view owner, std::string_view option, double value,
                           std::string_view rule) {
    if (!good) refuse_option(owner, option, value, rule);
}

// Networks compute in float or double, so an option that float can't hold is refused as well: 1e-60 would be 0, 1e60
// infinite, and 1 - 1e-9 would be 1.

/// Returns whether a number is finite as a float.
inline bool is_finite_as_float(double value) noexcept {
    return is_finite(value) && std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max());
}

/// Requires a finite number of at least 0, such as a learning rate.
inline void require_not_negative(std::string_view owner, std::string_view option, double value) {
    require_option(is_finite_as_float(value) && value >= 0, owner, option, value,
                   "it must be at least 0 and finite, as a float too");
}

/// Requires a finite number above 0, such as a limit.
inline void require_positive(std::string_view owner, std::string_view option, double value) {
    require_option(is_finite_as_float(value) && value >= static_cast<double>(std::numeric_limits<float>::min()), owner,
                   option, value, "it must be above 0 and finite, as a float too");
}

/// Requires a number in [0, 1), such as the decay of a moving average.
inline void require_fraction(std::string_view owner, std::string_view option, double value) {
    require_option(is_finite(value) && value >= 0 && static_cast<float>(value) < 1, owner, option, value,
                   "it must be at least 0 and below 1, as a float too");
}

/// Requires a number in (0, 1), such as the fraction of rows that a split takes.
inline void require_inner_fraction(std::string_view owner, std::string_view option, double value) {
    require_option(is_finite(value) && value > 0 && value < 1, owner, option, value, "it must be above 0 and below 1");
}

/// Returns whether a factor can be divided out again, as the scale of features must be.
inline bool is_scale(double value) noexcept {
    return is_finite_as_float(value) && std::abs(value) >= static_cast<double>(std::numeric_limits<float>::min());
}

/// Requires a factor that can be divided out again, such as the scale of features.
inline void require_scale(std::string_view owner, std::string_view option, double value) {
    require_option(is_scale(value), owner, option, value, "it must be finite and not 0, as a float too");
}

/// Requires at least 1, for an option that counts something, such as a batch size.
inline void require_count(std::string_view owner, std::string_view option, auto count) {
    require_option(count > 0, owner, option, 0, "it must be at least 1");
}

}  // namespace detail

/// A place in a file.
struct FilePosition {
    std::size_t line = 0;    ///< from 1; 0 where the error has no line
    std::size_t column = 0;  ///< index of a CSV field, from 1; 0 where the error has no column
};

/// A file cannot be read or written, or its contents are wrong. `what()` reads "file:line:column: reason".
class FileError : public Error {
public:
    /// Names the file, the reason and, where it is known, the position.
    FileError(std::string file, const std::string& reason, FilePosition position = {})
        : Error(describe(file, reason, position)), file_(std::move(file)), position_(position) {}

    /// Returns the file's name.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    /// Returns the line, from 1 on; 0 where it isn't known.
    [[nodiscard]] std::size_t line() const noexcept { return position_.line; }
    /// Returns the column, from 1 on; 0 where it isn't known.
    [[nodiscard]] std::size_t column() const noexcept { return position_.column; }

private:
    static std::string describe(const std::string& file, const std::string& reason, FilePosition position) {
        if (position.line == 0) return detail::join({file, ": ", reason});
        if (position.column == 0) return detail::join({file, ":", position.line, ": ", reason});
        return detail::join({file, ":", position.line, ":", position.column, ": ", reason});
    }

    std::string file_;
    FilePosition position_;
};

}  // namespace TYPENET
