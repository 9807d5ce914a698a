// Uses exported headers as a program for a device without a standard library does. Nothing here may need more than
// memcpy and memset.
#include HEADER

namespace network = NAME;

#if defined(IS_WHOLE)
using number = std::int32_t;
using feature = std::int64_t;
[[maybe_unused]] constexpr number output_unit = network::output_unit;
#else
using number = float;
using feature = float;
[[maybe_unused]] constexpr number output_unit = 1;
#endif

#if defined(IS_EXCLUSIVE_OR)
constexpr feature both_off[] = {0, 0};
constexpr feature first_on[] = {1, 0};
constexpr feature second_on[] = {0, 1};
constexpr feature both_on[] = {1, 1};
static_assert(network::classify(both_off) == 0);
static_assert(network::classify(first_on) == 1);
static_assert(network::classify(second_on) == 1);
static_assert(network::classify(both_on) == 0);
static_assert(network::predict(first_on)[0] > output_unit - output_unit / 10000);
#endif
#if defined(IS_PASSENGERS)
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr bool is_known(float age, float fare, const char* sex, const char* deck) {
    const bool has_class = network::classify(age, fare, sex, deck, false) != network::no_class;
    const float output = network::predict(age, fare, sex, deck, false)[2];
    return has_class && output == output;
}
static_assert(is_known(34, 7.25f, "male", "1st"));
static_assert(is_known(not_a_number, 7.25f, "male", "1st"));
static_assert(is_known(34, 7.25f, "male", "any"));
static_assert(!is_known(infinite, 7.25f, "male", "1st"));
static_assert(!is_known(34, not_a_number, "male", "1st"));
static_assert(!is_known(34, -infinite, "male", "1st"));
static_assert(!is_known(34, 7.25f, "mal", "1st"));
static_assert(!is_known(34, 7.25f, "males", "1st"));
static_assert(!is_known(34, 7.25f, "", "1st"));
#elif defined(IS_ONE_NUMBER)
// One argument that is a number of any type isn't taken for an array of features.
constexpr float features_of_half[] = {0.5f};
constexpr float features_of_two[] = {2};
static_assert(network::predict(0.5f)[0] == network::predict(features_of_half)[0]);
static_assert(network::predict(0.5)[0] == network::predict(features_of_half)[0]);
static_assert(network::predict(2)[0] == network::predict(features_of_two)[0]);
static_assert(network::classify(0.5) == network::classify(features_of_half));
static_assert(network::classify(2) == network::classify(features_of_two));
#endif

static_assert(sizeof(network::Outputs) == network::output_count * sizeof(number));

extern "C" void evaluate(const unsigned char* features, number* outputs) {
    const network::Outputs found = network::predict(features);
    for (std::size_t k = 0; k < network::output_count; ++k) outputs[k] = found[k];
}

// Features of a type whose own namespace has a predict.
namespace other {
struct Features {
    const feature* numbers;
    constexpr feature operator[](std::size_t i) const { return numbers[i]; }
};
template <class T>
constexpr int predict(const T&) {
    return 0;
}
}  // namespace other

extern "C" std::size_t decide_other(const feature* features) { return network::classify(other::Features{features}); }

extern "C" std::size_t decide(const feature* features) { return network::classify(features); }
