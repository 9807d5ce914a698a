#pragma once

#include <array>
#include <cstddef>
#include <cstdio>
#include <ostream>

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/platform/terminal.hpp>

namespace TYPENET::detail {

/// Writes the lines that show progress, for ProgressBar and SearchProgress: begin(), the line's pieces, then pause()
/// or end(). A live line, as on a terminal, is erased and drawn again in its place; otherwise each line stays.
/// Allocates nothing.
class ProgressLine {
public:
    /// The line is live where `out` writes to a terminal.
    explicit ProgressLine(std::ostream& out) : ProgressLine(out, is_terminal(out)) {}
    ProgressLine(std::ostream& out, bool live) : out_(&out), live_(live) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    /// Ends a line that an exception left unfinished.
    ~ProgressLine() {
        if (open_) end();
    }

    [[nodiscard]] bool live() const noexcept { return live_; }

    /// Begins a line, in the place of an unfinished one.
    void begin() {
        if (open_) *out_ << "\r\x1b[2K";
        open_ = false;
    }
    /// Shows the line and leaves it unfinished: the next begin() erases it.
    void pause() {
        out_->flush();
        open_ = true;
    }
    /// Shows the line and ends it.
    void end() {
        *out_ << '\n';
        out_->flush();
        open_ = false;
    }

    /// Writes a number in a format of printf's, in at most 63 characters: number(" loss %.2f", 0.25).
    void number(const char* format, double value) {
        std::array<char, 64> text;
#if defined(__GNUC__)
#    pragma GCC diagnostic push
#    pragma GCC diagnostic ignored "-Wformat-nonliteral"
#endif
        std::snprintf(text.data(), text.size(), format, value);
#if defined(__GNUC__)
#    pragma GCC diagnostic pop
#endif
        *out_ << text.data();
    }
    /// Writes "epoch  3/12", as wide as "epoch 12/12".
    void count(const char* what, std::size_t done, std::size_t all) {
        std::array<char, 64> text;
        const int width = std::snprintf(text.data(), text.size(), "%zu", all);
        std::snprintf(text.data(), text.size(), "%s %*zu/%zu", what, width, done, all);
        *out_ << text.data();
    }
    /// Writes " [======>     ]" for a fraction from 0 to 1.
    void bar(double fraction) {
        constexpr std::size_t cells = 12;
        const auto full = static_cast<std::size_t>(fraction * cells);
        *out_ << " [";
        for (std::size_t i = 0; i < cells; ++i) *out_ << (i < full ? '=' : (i == full ? '>' : ' '));
        *out_ << ']';
    }

private:
    std::ostream* out_;
    bool live_;
    bool open_ = false;  // whether the cursor stands in an unfinished line
};

}  // namespace TYPENET::detail
