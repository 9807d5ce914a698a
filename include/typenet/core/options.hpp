#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

/// The options of an aggregate such as an optimizer, listed once: the list gives both the check of their values and
/// their text.
namespace TYPENET::detail {

/// One option, with its value as a number.
struct Option {
    /// Throws OptionError unless `value` is allowed. The rules are the `require_...` functions of core/error.hpp.
    using Rule = void (*)(std::string_view owner, std::string_view option, double value);

    template <class Value>
    requires std::is_arithmetic_v<Value>
    constexpr Option(std::string_view option, Value its_value, Rule its_rule = nullptr)
        : name(option), value(static_cast<double>(its_value)), rule(its_rule) {}

    std::string_view name;
    double value;
    Rule rule;  ///< null where any value is allowed
};

/// Converts to any type, to count how many values initialise an aggregate.
struct AnyValue {
    template <class T>
    operator T() const;
};

/// Whether the aggregate O has at least `count` fields.
template <class O, std::size_t count>
inline constexpr bool has_fields = []<std::size_t... I>(std::index_sequence<I...>) {
    return requires { O{(static_cast<void>(I), AnyValue{})...}; };
}
(std::make_index_sequence<count>{});

/// Returns owner.options(), a std::array of Option. Doesn't compile unless the list and `others`, the number of fields
/// that aren't numbers, account for all fields of O.
template <std::size_t others = 0, class O>
auto all_options(const O& owner) {
    constexpr std::size_t count = std::tuple_size_v<decltype(owner.options())> + others;
    static_assert(has_fields<O, count> && !has_fields<O, count + 1>,
                  "each field of the type named with this message must stand in its options()");
    return owner.options();
}

/// Throws OptionError where a value breaks its option's rule.
inline void validate_options(std::string_view owner, std::span<const Option> options) {
    for (const Option& option : options) {
        if (option.rule != nullptr) option.rule(owner, option.name, option.value);
    }
}

/// Returns a type's name and options: "Name(first 1, second 0.5)".
inline std::string describe_options(std::string_view name, std::span<const Option> options) {
    std::string text(name);
    const char* before = "(";
    for (const Option& option : options) {
        text += join({before, option.name, " ", exact_text(option.value)});
        before = ", ";
    }
    return text += options.empty() ? "" : ")";
}
inline std::string describe_options(std::string_view name, std::initializer_list<Option> options) {
    return describe_options(name, std::span(options.begin(), options.size()));
}

/// Checks, or describes, all options of an aggregate that has a `name` and `options()`.
template <std::size_t others = 0, class O>
void validate_options(const O& owner) {
    validate_options(O::name, all_options<others>(owner));
}
template <std::size_t others = 0, class O>
std::string describe_options(const O& owner) {
    return describe_options(O::name, all_options<others>(owner));
}

}  // namespace TYPENET::detail
