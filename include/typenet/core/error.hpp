#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <typenet/core/text.hpp>

namespace typenet {

/// Base of every exception the library throws. `what()` is one sentence for a person: it says what is wrong and where.
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// An option is outside its range, or two options exclude each other.
class OptionError : public Error {
public:
    using Error::Error;
};

/// An array passed at run time has another shape than the network's types ask for.
class ShapeError : public Error {
public:
    using Error::Error;
};

/// Data in memory is unusable: labels beyond the network's outputs, an empty dataset, a split that leaves nothing.
class DataError : public Error {
public:
    using Error::Error;
};

/// Training produced a loss or parameters that are not finite.
class DivergenceError : public Error {
public:
    using Error::Error;
};

namespace detail {

/// Throws OptionError: "Sgd: momentum is 2; it must be at least 0 and below 1".
[[noreturn, gnu::noinline, gnu::cold]] inline void refuse_option(std::string_view owner, std::string_view option,
                                                                 double value, std::string_view rule) {
    throw OptionError(join({owner, ": ", option, " is ", number_text(value), "; ", rule}));
}

/// Calls refuse_option unless `good`.
inline void require_option(bool good, std::string_view owner, std::string_view option, double value,
                           std::string_view rule) {
    if (!good) refuse_option(owner, option, value, rule);
}

}  // namespace detail

/// A place in a file. Lines and columns count from 1; a column is a field of a CSV row. 0 means "not applicable".
struct FilePosition {
    std::size_t line = 0;
    std::size_t column = 0;
};

/// A file cannot be read or written, or its contents are wrong. `what()` reads "file:line:column: reason".
class FileError : public Error {
public:
    FileError(std::string file, const std::string& reason, FilePosition position = {})
        : Error(describe(file, reason, position)), file_(std::move(file)), position_(position) {}

    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    [[nodiscard]] std::size_t line() const noexcept { return position_.line; }
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

}  // namespace typenet
