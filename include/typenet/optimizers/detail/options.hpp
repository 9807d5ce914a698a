#pragma once

#include <cmath>
#include <string_view>

#include <typenet/core/error.hpp>

/// What the optimizers' options must be; each of these throws OptionError where it isn't so.
namespace typenet::detail {

inline void require_at_least_0(std::string_view owner, std::string_view option, double value) {
    require_option(std::isfinite(value) && value >= 0, owner, option, value, "it must be finite and at least 0");
}

inline void require_above_0(std::string_view owner, std::string_view option, double value) {
    require_option(std::isfinite(value) && value > 0, owner, option, value, "it must be finite and above 0");
}

/// For what stays of an average from one step to the next.
inline void require_share(std::string_view owner, std::string_view option, double value) {
    require_option(value >= 0 && value < 1, owner, option, value, "it must be at least 0 and below 1");
}

inline void require_rate(std::string_view owner, double value) { require_at_least_0(owner, "learning_rate", value); }

}  // namespace typenet::detail
