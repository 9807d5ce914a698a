#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <limits>
#include <ostream>
#include <string_view>

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/platform/terminal.hpp>

namespace TYPENET::detail {

/// Writes the lines that show progress, for ProgressBar and SearchProgress: begin(), the line's pieces, then pause()
/// or end(). A live line, as on a terminal, is erased and drawn again in its place, and pieces for which the window has
/// no room are left out; otherwise each line stays, with all its pieces. Writes no colours. Allocates nothing.
class ProgressLine {
public:
    /// The line is live where `out` writes to a terminal.
    explicit ProgressLine(std::ostream& out) : ProgressLine(out, can_redraw(out)) {}
    ProgressLine(std::ostream& out, bool live) : out_(&out), live_(live) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    /// Ends a line that an exception left unfinished.
    ~ProgressLine() {
        if (open_) end();
    }

    [[nodiscard]] bool live() const noexcept { return live_; }
    [[nodiscard]] std::ostream& out() const noexcept { return *out_; }

    /// Begins a line, in the place of an unfinished one. Asks for the window's width, which may have changed.
    void begin() {
        if (open_) *out_ << "\r\x1b[2K";
        open_ = false;
        used_ = 0;
        columns_ = live_ ? terminal_width(*out_) : std::numeric_limits<std::size_t>::max();
    }
    /// Erases an unfinished line.
    void erase() {
        begin();
        out_->flush();
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

    /// Writes a piece, given as texts, if it leaves the window's last column free, where the cursor stands after it.
    /// Cuts off the first piece of a line instead.
    void add(std::initializer_list<std::string_view> texts) {
        std::size_t size = 0;
        for (const std::string_view text : texts) size += text.size();
        const std::size_t room = columns_ - 1 - used_;
        if (size > room && used_ > 0) return;
        for (std::string_view text : texts) {
            text = text.substr(0, columns_ - 1 - used_);
            *out_ << text;
            used_ += text.size();
        }
    }
    /// Writes "epoch  3/12", as wide as "epoch 12/12".
    void count(std::string_view what, std::size_t done, std::size_t all) {
        constexpr std::string_view spaces = "                    ";  // as many as a number has digits at most
        const TextPart some(done);
        const TextPart total(all);
        const std::size_t missing = total.view().size() - std::min(some.view().size(), total.view().size());
        add({what, " ", spaces.substr(0, missing), some.view(), "/", total.view()});
    }
    /// Writes " [======>     ]" for a fraction from 0 to 1, with more cells in a window of more than 80 columns, and
    /// nothing in one of less than 60.
    void bar(double fraction) {
        constexpr std::size_t most = 60;
        std::size_t cells = 12;
        if (live_ && columns_ < 60) return;
        if (live_ && columns_ > 80) cells = std::min(most, cells + columns_ - 80);
        const auto full = static_cast<std::size_t>(fraction * static_cast<double>(cells));
        std::array<char, most + 3> text;
        text.fill(' ');
        text[1] = '[';
        std::fill_n(text.begin() + 2, full, '=');
        if (full < cells) text[2 + full] = '>';
        text[2 + cells] = ']';
        add({std::string_view(text.data(), cells + 3)});
    }

private:
    std::ostream* out_;
    bool live_;
    bool open_ = false;         // whether the cursor stands in an unfinished line
    std::size_t columns_ = 80;  // of the window when the line was begun
    std::size_t used_ = 0;      // columns of the line's pieces
};

}  // namespace TYPENET::detail
