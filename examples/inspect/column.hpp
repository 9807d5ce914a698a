#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <typenet/data/detail/large_numbers.hpp>

namespace inspect {

/// Returns a text as C++ writes it.
std::string literal(std::string_view text, char quote = '"');

/// Returns texts as C++ writes them, in a list.
std::string literals(const std::vector<std::string>& texts);

/// A column of a CSV file. `add` takes its fields row by row; the other functions say what they are.
class Column {
public:
    explicit Column(std::string column_name) : name(std::move(column_name)) {}

    void add(const std::string& field, char decimal_point);

    [[nodiscard]] std::size_t rows() const { return known_ + missing_; }
    [[nodiscard]] bool has_values() const { return known_ > 0; }
    /// Returns whether all values are numbers.
    [[nodiscard]] bool is_number() const { return known_ > 0 && numbers_ == known_; }
    /// Returns whether all values are whole numbers that can be those of classes: few, and near each other or repeated.
    [[nodiscard]] bool holds_class_numbers() const;

    /// Returns what the column holds, such as "714 numbers from 0.42 to 80, mean 29.7; 177 missing".
    [[nodiscard]] std::string facts() const;
    /// Returns the column's type among Columns, such as Number<"Age">.
    [[nodiscard]] std::string feature_type() const;
    /// Returns why the column can't be a feature or would be of no use as one; an empty text where there is no reason.
    [[nodiscard]] std::string reason_against_feature() const;
    /// Returns the column's type where it is the answer: a Label for texts and for numbers of classes, else a Target.
    [[nodiscard]] std::string answer_type() const;
    /// Returns why the column can't be the answer; an empty text where it can.
    [[nodiscard]] std::string reason_against_answer() const;

    std::string name;

private:
    using Counts = std::map<std::string, std::size_t>;

    void add_number(double number);
    /// Returns whether load_csv takes the numbers, which become floats.
    [[nodiscard]] bool are_floats() const;
    [[nodiscard]] bool is_constant() const { return values_.size() == 1 && missing_ == 0; }
    [[nodiscard]] bool has_too_many_texts() const;
    [[nodiscard]] bool numbers_the_rows() const;
    [[nodiscard]] std::vector<std::string> sorted_values() const;

    std::size_t known_ = 0;    // rows with a value
    std::size_t missing_ = 0;  // rows without
    std::size_t numbers_ = 0;  // rows with a number
    double least_ = std::numeric_limits<double>::infinity();
    double greatest_ = -std::numeric_limits<double>::infinity();
    double sum_ = 0;
    char decimal_point_ = '.';  // of the file
    typenet::detail::LargeNumbers large_ = {};
    bool are_whole_ = true;        // whether all numbers are whole
    bool are_floats_ = true;       // whether numbers that differ in the file differ as floats
    bool is_unique_ = true;        // whether the values are texts and whole numbers, all different
    std::string first_text_ = {};  // the first value that isn't a number
    Counts values_ = {};           // the rows with each value, a number in its shortest digits; incomplete if too many
    Counts missing_texts_ = {};    // the rows with each text for a missing value
    std::unordered_set<std::string> seen_ = {};  // the values so far, while is_unique_
};

}  // namespace inspect
