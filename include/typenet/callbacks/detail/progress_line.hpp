#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>
#include <ostream>
#include <string_view>

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/platform/terminal.hpp>

namespace TYPENET::detail {

/// Writes the lines that show progress, for ProgressBar and SearchProgress: begin(), the line's pieces, then pause()
/// or end(). A live line, as on a terminal, is erased and drawn again in its place, and never longer than the terminal
/// is wide at that moment; otherwise each line stays. Allocates nothing.
class ProgressLine {
public:
    /// The line is live where `out` can draw it again.
    explicit ProgressLine(std::ostream& out) : ProgressLine(out, can_redraw(out)) {}
    ProgressLine(std::ostream& out, bool live) : out_(&out), live_(live) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    /// Ends a line that an exception left unfinished.
    ~ProgressLine() {
        if (open_) *out_ << std::endl;
    }

    [[nodiscard]] bool live() const noexcept { return live_; }

    /// Begins a line, in the place of an unfinished one.
    void begin() {
        size_ = 0;
        if (live_) columns_ = terminal_columns(*out_);
    }
    /// Shows the line as far as it fits, and leaves it unfinished: the next one takes its place.
    void pause() {
        show(std::min(size_, columns_ - 1));  // a full line would move the cursor to the next one
        out_->flush();
        open_ = true;
    }
    /// Shows the line and ends it.
    void end() {
        show(size_);
        *out_ << '\n';
        out_->flush();
        open_ = false;
    }

    /// Adds a number in a format of printf's, in at most 63 characters: number(" loss %.2f", 0.25).
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
        add(text.data());
    }
    /// Adds "epoch  3/12", as wide as "epoch 12/12".
    void count(const char* what, std::size_t done, std::size_t all) {
        std::array<char, 64> text;
        const int width = std::snprintf(text.data(), text.size(), "%zu", all);
        std::snprintf(text.data(), text.size(), "%s %*zu/%zu", what, width, done, all);
        add(text.data());
    }
    /// Adds " [======>     ]" for a fraction from 0 to 1: of 12 cells in 80 columns, more in wider terminals, and none
    /// in those that are too narrow.
    void bar(double fraction) {
        const std::size_t cells = columns_ < 80 ? columns_ - std::min<std::size_t>(columns_, 68)
                                                : std::min<std::size_t>(12 + (columns_ - 80) / 2, 40);
        if (cells == 0) return;
        const auto full = static_cast<std::size_t>(fraction * static_cast<double>(cells));
        add(" [");
        for (std::size_t i = 0; i < cells; ++i) add(i < full ? "=" : (i == full ? ">" : " "));
        add("]");
    }

private:
    /// Adds a text; what the buffer has no room for is left out.
    void add(std::string_view text) {
        const std::size_t count = std::min(text.size(), text_.size() - size_);
        std::copy_n(text.begin(), count, text_.begin() + static_cast<std::ptrdiff_t>(size_));
        size_ += count;
    }

    /// Writes the first characters of the line, in the place of an unfinished one.
    void show(std::size_t count) {
        if (open_) *out_ << "\r\x1b[2K";
        *out_ << std::string_view(text_.data(), count);
    }

    std::ostream* out_;
    bool live_;
    bool open_ = false;  // whether the cursor stands in an unfinished line
    std::size_t columns_ = 80;
    std::size_t size_ = 0;
    std::array<char, 256> text_;
};

}  // namespace TYPENET::detail
