#include "column.hpp"

#include <algorithm>
#include <cmath>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/detail/csv_number.hpp>
#include <typenet/data/detail/find_value.hpp>

#include "csv_format.hpp"

namespace inspect {

using typenet::detail::exact_text;
using typenet::detail::join;
using typenet::detail::join_list;
using typenet::detail::parse_number;
using typenet::detail::shown;

namespace {

constexpr std::size_t most_texts = 50;    // different ones of a category or a label
constexpr std::size_t most_numbers = 20;  // different ones of a label, or of a category beside texts
constexpr std::size_t short_file = 10;    // rows; in so few, numbers may count by chance

/// Returns a number as a file may have it: all digits of a whole one, else the fewest that read back as the same.
std::string digits_of(double number) {
    if (number == std::floor(number) && std::abs(number) < 1e15) return join({static_cast<long long>(number)});
    return exact_text(number);
}

}  // namespace

std::string literal(std::string_view text, char quote) {
    std::string result(1, quote);
    for (const char c : text) {
        const bool is_control = c >= 0 && c < ' ';
        if (is_control || c == quote || c == '\\') result += '\\';
        if (c == '\t' || c == '\n') {
            result += c == '\t' ? 't' : 'n';
        } else if (is_control) {
            for (const int shift : {6, 3, 0}) result += static_cast<char>('0' + (c >> shift & 7));
        } else {
            result += c;
        }
    }
    return result += quote;
}

std::string literals(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += join({list.empty() ? "" : ", ", literal(text)});
    return list;
}

void Column::add(const std::string& field, char decimal_point) {
    if (is_missing(field)) {
        ++missing_;
        ++missing_texts_[field];
        return;
    }
    ++known_;
    decimal_point_ = decimal_point;
    const auto number = parse_number(field, decimal_point);
    const bool is_finite = number && std::isfinite(*number);
    if (is_finite) add_number(*number);
    if (!is_finite && first_text_.empty()) first_text_ = field;
    if (!is_unique_ && values_.size() > most_texts) return;
    // load_csv takes 01 for a text, where it is to be a category or a class.
    const bool is_name = !typenet::detail::exact_decimal(field, decimal_point);
    const std::string value = is_finite && !is_name ? digits_of(*number) : field;
    if (values_.size() <= most_texts) ++values_[value];
    is_unique_ = is_unique_ && are_whole_ && seen_.insert(value).second;
    if (!is_unique_) seen_.clear();
}

void Column::add_number(double number) {
    ++numbers_;
    sum_ += number;
    least_ = std::min(least_, number);
    greatest_ = std::max(greatest_, number);
    are_whole_ = are_whole_ && number == std::floor(number);
    if (std::abs(number) < typenet::detail::exact_floats) return;
    are_floats_ = are_floats_ && typenet::detail::is_finite_as_float(number) && !large_.meets_its_like(number, {});
}

bool Column::are_floats() const {
    return are_floats_ && !(large_.inexact() != 0 && typenet::detail::are_few_floats(least_, greatest_));
}

bool Column::has_too_many_texts() const { return values_.size() > (numbers_ == 0 ? most_texts : most_numbers); }

bool Column::holds_class_numbers() const {
    const std::size_t count = values_.size();
    return is_number() && are_whole_ && count <= most_numbers &&
           (greatest_ - least_ < 2 * most_numbers || known_ >= 2 * count);
}

bool Column::numbers_the_rows() const {
    if (!is_number() || !is_unique_ || missing_ != 0) return false;
    const bool is_id = name == "id" || name.ends_with("Id") || name.ends_with("ID") || name.ends_with("_id");
    return is_id || (known_ > short_file && greatest_ - least_ == static_cast<double>(known_ - 1));
}

std::vector<std::string> Column::sorted_values() const {
    std::vector<std::string> values;
    for (const auto& [value, count] : values_) values.push_back(value);
    if (is_number()) {
        std::sort(values.begin(), values.end(),
                  [](const auto& a, const auto& b) { return *parse_number(a) < *parse_number(b); });
    }
    return values;
}

std::string Column::facts() const {
    std::vector<std::string> facts;
    if (is_number()) {
        facts.push_back(join({known_, are_whole_ ? " whole numbers from " : " numbers from ", digits_of(least_), " to ",
                              digits_of(greatest_), ", mean ", sum_ / static_cast<double>(known_)}));
    } else if (numbers_ > 0) {
        facts.push_back(join({numbers_, " numbers, ", known_ - numbers_, " texts, such as ", shown(first_text_, 40)}));
    } else if (known_ > 0) {
        facts.push_back(join({known_, " texts"}));
    }
    if (is_number() ? holds_class_numbers() && !is_unique_ : !has_too_many_texts() && !is_unique_) {
        std::vector<std::string> counts;
        for (const std::string& value : sorted_values()) {
            counts.push_back(join({shown(value, 40), " (", values_.at(value), ")"}));
        }
        facts.push_back(join_list(counts));
    }
    if (!is_number() && values_.size() > most_texts) facts.push_back(join({"more than ", most_texts, " different"}));
    if (missing_ > 0) facts.push_back(join({missing_, " missing"}));
    if (is_constant()) facts.emplace_back("constant");
    if (is_unique_ && known_ > 1) facts.emplace_back("unique");
    std::string text;
    for (const std::string& fact : facts) text += join({text.empty() ? "" : "; ", fact});
    return text;
}

std::string Column::feature_type() const {
    if (is_number())
        return join({missing_ > 0 ? "Optional<Number<" : "Number<", literal(name), missing_ > 0 ? ">>" : ">"});
    return join({"Category<", literal(name), ", ", literals(sorted_values()), missing_ > 0 ? ", Other>" : ">"});
}

std::string Column::reason_against_feature() const {
    if (!has_values()) return "has no values";
    if (is_constant()) return "is constant";
    if (numbers_the_rows()) return "numbers the rows";
    if (is_number())
        return are_floats() ? "" : "has numbers that are too large, or too close to each other, for floats";
    const std::string remedy = typenet::detail::number_remedy(first_text_, decimal_point_, '\0');
    if (!remedy.empty()) return join({"has texts that are nearly numbers, such as ", literal(first_text_), remedy});
    if (is_unique_ && known_ > 2) return "has another text in each row";
    if (!has_too_many_texts()) return "";
    if (numbers_ == 0) return join({"has more than ", most_texts, " different texts"});
    return join({"has texts among its numbers, such as ", literal(first_text_),
                 ". If that means a missing value, list it in the option missing"});
}

std::string Column::answer_type() const {
    if (is_number() && !holds_class_numbers()) return join({"Target<", literal(name), ">"});
    std::vector<std::string> classes = sorted_values();
    for (const auto& [text, count] : missing_texts_) classes.push_back(text);
    return join({"Label<", literal(name), ", ", literals(classes), ">"});
}

std::string Column::reason_against_answer() const {
    // Among texts, "none" and its like may name a class.
    const auto empty = missing_texts_.find("");
    const std::size_t missing = is_number() ? missing_ : empty == missing_texts_.end() ? 0 : empty->second;
    if (missing > 0) return join({"it is missing in ", missing, " of ", rows(), " rows"});
    if (values_.size() + missing_texts_.size() < 2) return "it is the same in all rows";
    if (is_number() && !holds_class_numbers() && !are_floats())
        return "it has numbers that are too large, or too close to each other, for floats";
    if (!is_number() && has_too_many_texts()) return "it has too many different texts";
    return "";
}

}  // namespace inspect
