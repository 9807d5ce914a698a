#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/compiler.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/platform/terminal.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/monitor.hpp>

/// A history as a table for people: `write_table`. ProgressBar calls it when a training ends.
namespace TYPENET {

namespace detail {

/// A column of a table: two lines of heading, and a text for each row.
struct HistoryColumn {
    std::string_view upper;
    std::string_view lower;
    std::size_t rank;  ///< the column of the highest rank is left out first when the window is narrow
    std::vector<std::string> cells = {};

    [[nodiscard]] std::size_t width() const {
        std::size_t most = std::max(upper.size(), lower.size());
        for (const std::string& cell : cells) most = std::max(most, cell.size());
        return most;
    }
};

/// Returns the lines of a table, all shorter than `limit`; nothing where no two columns fit.
inline std::string table_text(std::vector<HistoryColumn> columns, std::size_t limit) {
    const auto line_width = [&] {
        std::size_t sum = 0;
        for (const HistoryColumn& column : columns) sum += column.width() + 2;
        return sum - 2;
    };
    while (columns.size() > 1 && line_width() >= limit) {
        columns.erase(std::max_element(columns.begin(), columns.end(),
                                       [](const HistoryColumn& a, const HistoryColumn& b) { return a.rank < b.rank; }));
    }
    if (columns.size() < 2) return {};
    std::string text;
    const auto add_line = [&](auto cell_of) {
        std::string line;
        for (const HistoryColumn& column : columns) {
            const std::string_view cell = cell_of(column);
            if (&column != &columns.front()) line += "  ";
            line.append(column.width() - cell.size(), ' ').append(cell);
        }
        line.erase(line.find_last_not_of(' ') + 1);
        if (!line.empty()) text.append(line).append("\n");
    };
    add_line([](const HistoryColumn& column) { return column.upper; });
    add_line([](const HistoryColumn& column) { return column.lower; });
    for (std::size_t row = 0; row < columns.front().cells.size(); ++row) {
        add_line([row](const HistoryColumn& column) -> std::string_view { return column.cells[row]; });
    }
    return text;
}

/// Returns a number in a format; "-" where there is none.
inline std::string cell_text(const std::optional<double>& value, NumberFormat format) {
    return value ? number_text(*value, format) : "-";
}

/// Returns the one format with which all these losses have three digits or more that tell them from 0.
inline NumberFormat loss_format(const std::vector<std::optional<double>>& losses) {
    double smallest = 1;
    double largest = 1;
    for (const std::optional<double>& loss : losses) {
        if (!loss || !is_finite(*loss) || *loss == 0) continue;
        const double size = *loss < 0 ? -*loss : *loss;
        smallest = std::min(smallest, size);
        largest = std::max(largest, size);
    }
    if (smallest < 1e-4 || largest >= 1e6) return with_exponent(3);
    return decimals(smallest < 1e-2 ? 6 : 4);
}

/// Returns which of `count` epochs are shown, as indices: all of them, up to 12; of more the first, the last, the best
/// and each 2nd, 5th, 10th, 20th, ...
inline std::vector<std::size_t> shown_epochs(std::size_t count, std::size_t best) {
    std::size_t step = 1;
    for (std::size_t i = 0; count / step > (step == 1 ? 12 : 9); ++i) step = i % 3 == 1 ? step / 2 * 5 : step * 2;
    std::vector<std::size_t> shown;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == 0 || i == best || i + 1 == count || (i + 1) % step == 0) shown.push_back(i);
    }
    return shown;
}

/// Returns what write_table writes, with lines shorter than `limit`.
inline std::string history_table(const History& history, std::size_t limit) {
    const std::vector<EpochRecord>& epochs = history.epochs;
    const bool validates = std::any_of(epochs.begin(), epochs.end(),
                                       [](const EpochRecord& epoch) { return epoch.validation_loss.has_value(); });
    BestEpoch search{validates ? Monitor::validation_loss : Monitor::loss};
    std::size_t best = epochs.size();
    for (std::size_t i = 0; i < epochs.size(); ++i) {
        if (search.add(epochs[i])) best = i;
    }
    const std::vector<std::size_t> shown = shown_epochs(epochs.size(), best);

    std::vector<HistoryColumn> columns;
    const auto add = [&](HistoryColumn column, auto text_of) {
        for (const std::size_t i : shown) column.cells.push_back(text_of(epochs[i]));
        columns.push_back(std::move(column));
    };
    const auto add_loss = [&](const HistoryColumn& column, auto loss_of) {
        std::vector<std::optional<double>> losses;
        losses.reserve(shown.size());
        for (const std::size_t i : shown) losses.push_back(loss_of(epochs[i]));
        const NumberFormat format = loss_format(losses);
        add(column, [&](const EpochRecord& epoch) { return cell_text(loss_of(epoch), format); });
    };
    const auto add_accuracy = [&](const HistoryColumn& column, std::optional<double> EpochRecord::*accuracy) {
        if (std::none_of(epochs.begin(), epochs.end(),
                         [&](const auto& epoch) { return (epoch.*accuracy).has_value(); }))
            return;
        add(column, [&](const EpochRecord& epoch) {
            const std::optional<double>& share = epoch.*accuracy;
            return share ? number_text(100 * *share, decimals(2)) + " %" : "-";
        });
    };
    add({"", "epoch", 0}, [](const EpochRecord& epoch) { return std::to_string(epoch.epoch); });
    add_loss({"", "loss", validates ? std::size_t{3} : std::size_t{1}},
             [](const EpochRecord& epoch) { return std::optional(epoch.loss); });
    add_accuracy({"", "accuracy", 5}, &EpochRecord::accuracy);
    if (validates) {
        add_loss({"validation", "loss", 1}, [](const EpochRecord& epoch) { return epoch.validation_loss; });
        add_accuracy({"validation", "accuracy", 4}, &EpochRecord::validation_accuracy);
    }
    add({"learning", "rate", 6},
        [](const EpochRecord& epoch) { return number_text(epoch.learning_rate, significant_digits(3)); });
    add({"", "seconds", 7}, [](const EpochRecord& epoch) { return number_text(epoch.seconds, decimals(2)); });
    if (best < epochs.size()) {
        add({"", "", 2}, [&](const EpochRecord& epoch) { return &epoch == &epochs[best] ? "best" : ""; });
    }
    return table_text(std::move(columns), limit);
}

}  // namespace detail

/// Writes a history as a table, one line an epoch, or, of more than 12 epochs, a choice of them with the first, the
/// last and the best. The best one, marked so, has the lowest validation loss, or the lowest loss where there are no
/// validation rows. Where `out` writes to a terminal, columns for which the window has no room are left out. The text
/// is ASCII without colours. An empty history gives nothing.
/// ```cpp
/// const History history = fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20, .validation = &validation});
/// write_table(std::cout, history);
/// ```
inline void write_table(std::ostream& out, const History& history) {
    constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
    if (history.epochs.empty()) return;
    out << detail::history_table(history, detail::is_terminal(out) ? detail::terminal_width(out) : unlimited);
}

}  // namespace TYPENET
