#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/compiler.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/core/text.hpp>
#include <typenet/data/dataset.hpp>
#include <typenet/data/detail/find_value.hpp>

/// The columns of a table as a type. `Columns` says which columns of a file are the features and how they become
/// numbers; it stands in a network where `Input<N>` stands. `Label` and `Target` say which column is to be predicted.
///
/// ```cpp
/// using Passenger = Columns<Optional<Number<"Age">>, Number<"Fare">, Category<"Sex", "male", "female">,
///                           Category<"Embarked", "S", "C", "Q", Other>>;
/// using Survival = Label<"Survived", "no", "yes">;
/// const auto train = load_csv<Passenger, Survival>("passengers.csv");
/// Mlp<float, Passenger, Standardize, Dense<16, ReLU>, Dense<1, Sigmoid>> network;
/// const auto chance = network.predict(Passenger::row(34, 7.25, "male", "S"));
/// ```
///
/// Each column type gives the compiler its name and width, and `Columns` a list of ColumnRule, from which load_csv
/// works at run time.
namespace TYPENET {

/// In the values of a Category: any other value. It comes last.
struct OtherValues {};
/// All values of a category that aren't listed; it stands last.
inline constexpr OtherValues Other{};

namespace detail {

/// A string literal, or `Other`, as a template argument.
template <std::size_t N>
struct Name {
    char text[N]{};
    bool is_other = false;

    constexpr Name(const char (&from)[N]) { std::copy_n(from, N, text); }
    constexpr Name(OtherValues) : is_other(true) {}
    [[nodiscard]] constexpr std::string_view view() const noexcept { return {text, N - 1}; }
};
template <std::size_t N>
Name(const char (&)[N]) -> Name<N>;
Name(OtherValues)->Name<1>;

/// Returns a name as C++ writes it.
inline std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result += '"';
}

inline std::string quoted_list(std::span<const std::string_view> texts) {
    std::vector<std::string> list;
    for (const std::string_view text : texts) list.push_back(quoted(text));
    return join_list(list);
}

/// Whether one of the first `count` texts comes twice.
template <std::size_t N>
constexpr bool has_repeated(std::array<std::string_view, N> texts, std::size_t count = N) {
    const auto end = texts.begin() + static_cast<std::ptrdiff_t>(count);
    std::sort(texts.begin(), end);
    return std::adjacent_find(texts.begin(), end) != end;
}

/// Whether a value can be given for a Number: any arithmetic type but bool and the types of characters.
template <class V>
concept NumberValue = std::floating_point<V> ||
    (std::integral<V> && !std::same_as<V, bool> && !std::same_as<V, char> && !std::same_as<V, char8_t> &&
     !std::same_as<V, char16_t> && !std::same_as<V, char32_t> && !std::same_as<V, wchar_t>);

template <class V>
inline constexpr bool is_optional_number = false;
template <NumberValue V>
inline constexpr bool is_optional_number<std::optional<V>> = true;

/// How a column of a table becomes features, at run time.
struct ColumnRule {
    enum class Kind { number, category, missing };
    std::string_view name;
    Kind kind = Kind::number;
    std::size_t first = 0;                          ///< the index of its first feature
    bool optional = false;                          ///< a number: whether it may be missing
    std::span<const std::string_view> values = {};  ///< a category: its values, with an empty text for Other
    bool has_other = false;                         ///< a category: whether the last of its values is Other
};

}  // namespace detail

/// A column of numbers, each a feature. Every row has a finite number there.
template <detail::Name ColumnName>
struct Number {
    static constexpr std::string_view name = ColumnName.view();
    static constexpr std::size_t width = 1;  ///< features
    static constexpr detail::ColumnRule rule{.name = name};

    static std::string describe() { return detail::join({"Number<", detail::quoted(name), ">"}); }

    /// Whether a value of type V can stand in this column.
    template <class V>
    static constexpr bool takes = detail::NumberValue<V>;

    /// Throws DataError for a number that isn't finite as a float.
    template <class V>
    static void write(const V& value, float* features) {
        *features = static_cast<float>(value);
        if (!detail::is_finite(*features)) {
            throw DataError(detail::join({"row: the value of the column ", describe(), " isn't finite as a float"}));
        }
    }
};

/// A column of texts, each among the given values; a value that is a number, such as "1", also stands for the same
/// number in other digits, such as "1.0" or "1e+00", but not "01". It becomes a feature for each value: 1 for the row's
/// own value, 0 for the others. With `Other` last, a text that isn't among the values counts as that; without it, it is
/// an error.
template <detail::Name ColumnName, detail::Name... Values>
struct Category {
    static constexpr std::string_view name = ColumnName.view();
    static constexpr std::size_t width = sizeof...(Values);  ///< features
    static_assert(width > 0, "Category: the column's name must be followed by its values");
    /// The values as they stand in a file; `Other` is empty.
    static constexpr std::array<std::string_view, width> values{Values.view()...};
    /// Whether each value is `Other`.
    static constexpr std::array<bool, width> is_other{Values.is_other...};
    /// Whether the last value is `Other`.
    static constexpr bool has_other = is_other[width - 1];
    static_assert(std::count(is_other.begin(), is_other.end(), true) == (has_other ? 1 : 0),
                  "Category: Other can only be the last of the values");
    static_assert(!detail::has_repeated(values, width - has_other), "Category: a value comes twice");
    static constexpr detail::ColumnRule rule{
        .name = name, .kind = detail::ColumnRule::Kind::category, .values = values, .has_other = has_other};

    static std::string describe() {
        return detail::join({"Category<", detail::quoted(name), ", ",
                             detail::quoted_list({values.data(), width - has_other}), has_other ? ", Other>" : ">"});
    }

    template <class V>
    static constexpr bool takes = std::convertible_to<const V&, std::string_view> && !std::same_as<V, std::nullptr_t>;

    /// Throws DataError for a text that isn't among the values, and for a null pointer.
    template <class V>
    static void write(const V& value, float* features) {
        if constexpr (std::is_pointer_v<V>) {
            if (value == nullptr) throw DataError(detail::join({"row: no text for the column ", describe()}));
        }
        const std::string_view text = value;
        const std::size_t found = detail::find_value({values.data(), width - has_other}, text);
        if (found == width) {
            throw DataError(detail::join(
                {"row: ", detail::quoted(detail::shown(text, 40)), " isn't a value of the column ", describe()}));
        }
        std::fill_n(features, width, 0.0F);
        features[found] = 1;
    }
};

/// A Number that may be missing. A missing value is NaN; `Standardize`, the first layer of a network with such a
/// column, puts the mean in its place.
template <class Column>
struct Optional;

/// A number that may be missing: NaN.
template <detail::Name ColumnName>
struct Optional<Number<ColumnName>> {
    static constexpr std::string_view name = ColumnName.view();
    static constexpr std::size_t width = 1;  ///< features
    static constexpr detail::ColumnRule rule{.name = name, .optional = true};

    static std::string describe() { return detail::join({"Optional<", Number<ColumnName>::describe(), ">"}); }

    template <class V>
    static constexpr bool takes =
        detail::NumberValue<V> || detail::is_optional_number<V> || std::same_as<V, std::nullopt_t>;

    /// Writes NaN for a missing value: std::nullopt, an empty std::optional or NaN. Throws DataError for infinity.
    template <class V>
    static void write(const V& value, float* features) {
        if constexpr (detail::NumberValue<V>) {
            *features = static_cast<float>(value);
            if (!detail::is_nan(*features)) Number<ColumnName>::write(value, features);
        } else {
            *features = detail::nan<float>;
            if constexpr (!std::same_as<V, std::nullopt_t>) {
                if (value) write(*value, features);
            }
        }
    }
};

/// Whether a column's value is missing: a feature that is 1 where it is, else 0. Beside an Optional of the same name it
/// needs no argument of `row`; alone it takes a bool.
template <detail::Name ColumnName>
struct Missing {
    static constexpr std::string_view name = ColumnName.view();
    static constexpr std::size_t width = 1;  ///< features
    static constexpr detail::ColumnRule rule{.name = name, .kind = detail::ColumnRule::Kind::missing};

    static std::string describe() { return detail::join({"Missing<", detail::quoted(name), ">"}); }

    template <class V>
    static constexpr bool takes = std::same_as<V, bool>;

    /// Writes 1 or 0.
    static void write(bool value, float* features) { *features = value ? 1.0F : 0.0F; }
};

namespace detail {

template <class C>
inline constexpr bool is_missing_flag = false;
template <Name ColumnName>
inline constexpr bool is_missing_flag<Missing<ColumnName>> = true;

template <class C>
concept TableColumn = requires {
    { C::rule } -> std::convertible_to<ColumnRule>;
    { C::width } -> std::convertible_to<std::size_t>;
    { C::describe() } -> std::same_as<std::string>;
};

}  // namespace detail

/// The columns of a table that are a network's features, in this order. They stand in `Mlp` where Input<N> stands.
/// ```cpp
/// using Passenger = Columns<Number<"age">, Category<"sex", "female", "male">, Optional<Number<"fare">>>;
/// using Survival = Label<"survived", "no", "yes">;
/// const auto passengers = load_csv<Passenger, Survival>("titanic.csv");
/// Mlp<float, Passenger, Standardize, Dense<16, ReLU>, Dense<2, Softmax>> network;
/// standardize(network, passengers);
/// fit<CrossEntropy>(network, passengers, Adam{}, {.epochs = 20});
/// const auto probabilities = network.predict(Passenger::row(22, "male", std::nullopt));
/// ```
template <class... Cs>
struct Columns {
    static_assert(sizeof...(Cs) > 0, "Columns: there must be at least one column");
    // Arrays, since clang takes no fold of more than 256 types.
    /// Whether each of Cs is a column.
    static constexpr std::array<bool, sizeof...(Cs)> are_columns = {detail::TableColumn<Cs>...};
    /// How many features each column gives.
    static constexpr std::array<std::size_t, sizeof...(Cs)> widths = {Cs::width...};
    static_assert(
        std::count(are_columns.begin(), are_columns.end(), false) == 0,
        "Columns: each must be a Number, a Category (with Other, if texts are missing), an Optional<Number<...>> or "
        "a Missing");

    /// How many features a row has.
    static constexpr std::size_t width = std::accumulate(widths.begin(), widths.end(), std::size_t{0});
    /// How many columns there are.
    static constexpr std::size_t count = sizeof...(Cs);

    /// The rule of each column.
    static constexpr std::array<detail::ColumnRule, count> rules = [] {
        std::array<detail::ColumnRule, count> all{Cs::rule...};
        for (std::size_t i = 1; i < count; ++i) all[i].first = all[i - 1].first + widths[i - 1];
        return all;
    }();
    /// Whether a row's value may be missing. A network with such columns begins with Standardize.
    static constexpr bool has_optional =
        std::any_of(rules.begin(), rules.end(), [](const detail::ColumnRule& rule) { return rule.optional; });

    /// Stands for a column that isn't there.
    static constexpr std::size_t no_column = static_cast<std::size_t>(-1);

    /// Returns the index of the Optional of which a Missing tells whether it is there; `no_column` for any other
    /// column.
    static constexpr std::size_t optional_of(std::size_t missing) {
        if (rules[missing].kind != detail::ColumnRule::Kind::missing) return no_column;
        for (std::size_t i = 0; i < count; ++i) {
            if (i != missing && rules[i].optional && rules[i].name == rules[missing].name) return i;
        }
        return no_column;
    }

    /// For each column, the index of the argument of `row` that tells its value.
    static constexpr std::array<std::size_t, count> arguments_of = [] {
        std::array<std::size_t, count> all{};
        std::size_t next = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (optional_of(i) == no_column) all[i] = next++;
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (optional_of(i) != no_column) all[i] = all[optional_of(i)];
        }
        return all;
    }();
    /// How many values make a row.
    static constexpr std::size_t argument_count = 1 + *std::max_element(arguments_of.begin(), arguments_of.end());

    /// Returns the type as C++ writes it.
    static std::string describe() { return detail::join({"Columns<", detail::join_list(column_texts()), ">"}); }

    /// Returns each column as C++ writes it.
    static std::vector<std::string> column_texts() { return {Cs::describe()...}; }

    /// Returns a row of features, as `predict` takes it. Each column needs an argument, in their order: a number for
    /// Number; a text for Category; a number, std::nullopt or a std::optional for Optional; a bool for Missing, unless
    /// the same column is also an Optional, which tells. Throws DataError for a number that isn't finite, and for a
    /// text that isn't among the values.
    template <class... Values>
    [[nodiscard]] static RowArray<float, width> row(const Values&... values) {
        static_assert(sizeof...(Values) == argument_count,
                      "row: there must be one argument for each column, in their order, but none for a Missing beside "
                      "an Optional of the same name");
        auto features = detail::make_row_array<float, width>();
        if constexpr (sizeof...(Values) == argument_count) {
            const auto arguments = std::tie(values...);
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                (..., write<I>(std::get<arguments_of[I]>(arguments), features.data()));
            }
            (std::make_index_sequence<count>{});
        }
        return features;
    }

private:
    static constexpr bool names_differ = [] {
        auto sorted = rules;
        std::sort(sorted.begin(), sorted.end(), [](const detail::ColumnRule& a, const detail::ColumnRule& b) {
            return a.name != b.name ? a.name < b.name : a.kind < b.kind;
        });
        return std::adjacent_find(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
                   const bool tells_of_a = a.optional && b.kind == detail::ColumnRule::Kind::missing;
                   return a.name == b.name && !tells_of_a;
               }) == sorted.end();
    }();
    static_assert(names_differ, "Columns: two columns have the same name");

    template <std::size_t I, class V>
    static void write(const V& value, float* features) {
        using Column = std::tuple_element_t<I, std::tuple<Cs...>>;
        if constexpr (optional_of(I) != no_column) {
            using Number = std::tuple_element_t<optional_of(I), std::tuple<Cs...>>;
            float number = 0;
            if constexpr (Number::template takes<V>) Number::write(value, &number);
            Column::write(detail::is_nan(number), features + rules[I].first);
        } else {
            static_assert(Column::template takes<V>,
                          "row: an argument is of the wrong kind: numbers for Number and Optional (or std::nullopt), "
                          "texts for Category, bool for Missing");
            if constexpr (Column::template takes<V>) Column::write(value, features + rules[I].first);
        }
    }
};

/// The column of the classes, and their names in the file: the label of a row is the index of its name.
/// ```cpp
/// using Species = Label<"species", "setosa", "versicolor", "virginica">;
/// const auto flowers = load_csv<Columns<Number<"petal length">, Number<"petal width">>, Species>("iris.csv");
/// const std::string_view first = Species::class_names[static_cast<std::size_t>(flowers.target(0))];
/// ```
/// Names that are numbers, such as "1" and "-1", also stand for the same number in other digits, such as "1.0".
template <detail::Name ColumnName, detail::Name... Names>
struct Label {
    /// The column's name.
    static constexpr std::array<std::string_view, 1> columns{ColumnName.view()};
    static_assert(sizeof...(Names) > 1, "Label: the column's name must be followed by those of at least two classes");
    /// The classes' names, by label.
    static constexpr std::array<std::string_view, sizeof...(Names)> class_names{Names.view()...};
    static_assert(!(... || Names.is_other), "Label: Other isn't a class");
    static_assert(!detail::has_repeated(class_names), "Label: two classes have the same name");

    using Stored = Labels;  ///< what a dataset keeps
};

/// The columns of the numbers to be predicted, in their own units.
template <detail::Name... ColumnNames>
struct Target {
    static_assert(sizeof...(ColumnNames) > 0, "Target: there must be at least one column");
    /// The columns' names.
    static constexpr std::array<std::string_view, sizeof...(ColumnNames)> columns{ColumnNames.view()...};
    static_assert(!detail::has_repeated(columns), "Target: two columns have the same name");

    using Stored = Targets<sizeof...(ColumnNames)>;  ///< what a dataset keeps
};

namespace detail {

template <class T>
inline constexpr bool is_columns = false;
template <class... Cs>
inline constexpr bool is_columns<Columns<Cs...>> = true;

template <class T>
inline constexpr bool is_label_column = false;
template <Name ColumnName, Name... Names>
inline constexpr bool is_label_column<Label<ColumnName, Names...>> = true;

template <class T>
inline constexpr bool is_target_columns = false;
template <Name... ColumnNames>
inline constexpr bool is_target_columns<Target<ColumnNames...>> = true;

}  // namespace detail

}  // namespace TYPENET
