#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <numbers>
#include <span>
#include <tuple>
#include <utility>

#include <typenet/core/bit_cast.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/fma.hpp>
#include <typenet/core/namespace.hpp>

/// Random numbers that are the same with every compiler, standard library and processor. `Random` is a stream of random
/// words; the functions below it turn words into what programs need:
///   uniform, normal, log_uniform   real numbers
///   uniform_index, choose, shuffle   an index, one of several values, a random order
/// `random_words` computes many words at once, for layers and augmentation. Parameters, the order of rows, dropout and
/// others have streams of their own (`Purpose`), so that a change of one leaves the others as they are. All of them
/// start from one Seed.
namespace TYPENET {

/// The start of all random streams of a program.
struct Seed {
    std::uint64_t value = 0;  ///< any number
};

namespace detail {

/// Returns the high and the low word of the product of two words.
constexpr std::pair<std::uint32_t, std::uint32_t> multiply_wide(std::uint32_t a, std::uint32_t b) noexcept {
    const std::uint64_t product = std::uint64_t{a} * b;
    return {static_cast<std::uint32_t>(product >> 32), static_cast<std::uint32_t>(product)};
}

}  // namespace detail

/// Returns one block of Philox4x32-10: 128 random bits that depend only on `counter` and `key`.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                              std::array<std::uint32_t, 2> key) noexcept {
    for (int round = 0; round < 10; ++round) {
        const auto [high0, low0] = detail::multiply_wide(0xD2511F53U, counter[0]);
        const auto [high1, low1] = detail::multiply_wide(0xCD9E8D57U, counter[2]);
        counter = {high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0};
        key[0] += 0x9E3779B9U;
        key[1] += 0xBB67AE85U;
    }
    return counter;
}

/// What a stream of random numbers is for. Streams for different purposes, or with different indices, are independent.
enum class Purpose : std::uint16_t { anything, parameters, row_order, split, dropout, augmentation, folds, search };

/// A stream of random words from Philox4x32-10. Streams with different seeds, purposes or indices are independent. It
/// meets std::uniform_random_bit_generator, but the results of the standard distributions differ between standard
/// libraries; the functions below are the same everywhere.
class Random {
public:
    /// The type of a random word.
    using result_type = std::uint32_t;

    /// `index` is below 2^48.
    explicit constexpr Random(Seed seed, std::uint64_t index = 0) noexcept : Random(seed, Purpose::anything, index) {}
    /// `position` is the block of four words to begin with.
    constexpr Random(Seed seed, Purpose purpose, std::uint64_t index = 0, std::uint64_t position = 0) noexcept
        : seed_(seed.value),
          stream_(std::uint64_t{static_cast<std::uint16_t>(purpose)} << 48 | index),
          position_(position) {}

    /// The smallest word.
    static constexpr result_type min() noexcept { return 0; }
    /// The largest word.
    static constexpr result_type max() noexcept { return 0xFFFFFFFFU; }

    /// Returns the next 32 random bits.
    constexpr result_type operator()() noexcept {
        if (used_ == block_.size()) {
            block_ = philox({low(position_), high(position_), low(stream_), high(stream_)}, {low(seed_), high(seed_)});
            ++position_;
            used_ = 0;
        }
        return block_[used_++];
    }

private:
    static constexpr std::uint32_t low(std::uint64_t x) noexcept { return static_cast<std::uint32_t>(x); }
    static constexpr std::uint32_t high(std::uint64_t x) noexcept { return static_cast<std::uint32_t>(x >> 32); }

    std::uint64_t seed_;
    std::uint64_t stream_;
    std::uint64_t position_;
    std::array<std::uint32_t, 4> block_{};
    std::size_t used_ = 4;
};

/// Fills `out` with random words that depend only on the arguments: word i is from block `position + i / 4` of the
/// stream. Several blocks are computed at once.
inline void random_words(Seed seed, Purpose purpose, std::uint64_t index, std::uint64_t position,
                         std::span<std::uint32_t> out) noexcept {
    constexpr std::size_t lanes = 32;  // g++ would unroll loops over fewer lanes, and then not vectorise them
    const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
    const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
    const std::uint64_t stream = std::uint64_t{static_cast<std::uint16_t>(purpose)} << 48 | index;
    for (std::size_t done = 0; done < out.size(); done += 4 * lanes) {
        std::array<std::array<std::uint32_t, lanes>, 4> c;
        for (std::size_t i = 0; i < lanes; ++i) {
            c[0][i] = low(position + i);
            c[1][i] = high(position + i);
            c[2][i] = low(stream);
            c[3][i] = high(stream);
        }
        std::uint32_t key0 = low(seed.value);
        std::uint32_t key1 = high(seed.value);
        for (int round = 0; round < 10; ++round) {
            for (std::size_t i = 0; i < lanes; ++i) {
                const std::uint64_t product0 = std::uint64_t{0xD2511F53U} * c[0][i];
                const std::uint64_t product1 = std::uint64_t{0xCD9E8D57U} * c[2][i];
                c[0][i] = high(product1) ^ c[1][i] ^ key0;
                c[2][i] = high(product0) ^ c[3][i] ^ key1;
                c[1][i] = low(product1);
                c[3][i] = low(product0);
            }
            key0 += 0x9E3779B9U;
            key1 += 0xBB67AE85U;
        }
        std::array<std::uint32_t, 4 * lanes> words;
        for (std::size_t i = 0; i < lanes; ++i) {
            for (std::size_t word = 0; word < 4; ++word) words[4 * i + word] = c[word][i];
        }
        std::copy_n(words.data(), std::min(out.size() - done, words.size()), out.data() + done);
        position += lanes;
    }
}

/// Returns a number that is uniform on [0, 1), a multiple of 2^-53.
constexpr double uniform(Random& random) noexcept {
    const std::uint64_t high = random() >> 5;
    const std::uint64_t low = random() >> 6;
    return static_cast<double>(high << 26 | low) * 0x1p-53;
}

/// Returns a number that is uniform from low to high; rounding may give `high` itself.
inline double uniform(Random& random, double low, double high) noexcept {
    return detail::portable_fma(high - low, uniform(random), low);
}

/// Returns one of the integers 0 ... bound - 1, each with the same probability; `bound` must not be 0.
/// Source: Lemire, "Fast random integer generation in an interval", ACM TOMACS 29 (2019).
constexpr std::uint32_t uniform_index(Random& random, std::uint32_t bound) noexcept {
    auto [index, remainder] = detail::multiply_wide(random(), bound);
    if (remainder < bound) {
        const std::uint32_t threshold = (0U - bound) % bound;
        while (remainder < threshold) std::tie(index, remainder) = detail::multiply_wide(random(), bound);
    }
    return index;
}

namespace detail {

/// Returns ln x for a normal x > 0, to within 3 ulp, from arithmetic alone: std::log differs between C libraries.
/// x = m 2^e with m in [sqrt(1/2), sqrt(2)); ln m = 2 atanh t = 2 (t + t^3/3 + t^5/5 + ...), t = (m - 1) / (m + 1).
inline double portable_log(double x) noexcept {
    const auto bits = bit_cast<std::uint64_t>(x);
    auto exponent = static_cast<double>(bits >> 52) - 1022;
    auto m = bit_cast<double>((bits & 0x000FFFFFFFFFFFFFU) | 0x3FE0000000000000U);
    if (m < std::numbers::sqrt2 / 2) {
        m *= 2;
        exponent -= 1;
    }
    const double t = (m - 1) / (m + 1);
    double series = 0;
    for (int power = 23; power >= 1; power -= 2) series = portable_fma(series, t * t, 1.0 / power);
    return portable_fma(exponent, std::numbers::ln2, 2 * t * series);
}

/// Returns e^x for |x| < 700, to within 2 ulp, from arithmetic alone.
/// x = n ln 2 + r with |r| <= ln 2 / 2; e^x = 2^n e^r, e^r = 1 + r (1 + r/2 (1 + r/3 ...)).
inline double portable_exp(double x) noexcept {
    constexpr double rest_of_ln2 = 2.3190468138462996e-17;  // ln 2 minus the nearest double
    const double n = std::round(x / std::numbers::ln2);
    const double r = portable_fma(-n, rest_of_ln2, portable_fma(-n, std::numbers::ln2, x));
    double series = 1;
    for (int power = 14; power >= 1; --power) series = portable_fma(r / power, series, 1);
    return std::ldexp(series, static_cast<int>(n));
}

}  // namespace detail

/// Returns a number from low to high whose logarithm is uniform, so that each decade is equally probable: for learning
/// rates and the like. Throws OptionError unless 0 < low <= high.
inline double log_uniform(Random& random, double low, double high) {
    const auto check = [](const char* option, double value, bool good) {
        detail::require_option(good, "log_uniform", option, value, "it must be 0 < low <= high");
    };
    check("low", low, detail::is_finite(low) && low >= std::numeric_limits<double>::min());
    check("high", high, detail::is_finite(high) && high >= low);
    const double log = uniform(random, detail::portable_log(low), detail::portable_log(high));
    return std::clamp(detail::portable_exp(log), low, high);
}

/// Returns one of the values, each with the same probability. Throws OptionError where there are none.
template <class T>
T choose(Random& random, std::initializer_list<T> values) {
    if (values.size() == 0) throw OptionError("choose: the list of values is empty");
    return values.begin()[uniform_index(random, static_cast<std::uint32_t>(values.size()))];
}

/// Returns a normal number with mean 0 and standard deviation 1.
/// Source: Marsaglia's polar method, Knuth, The Art of Computer Programming, volume 2, section 3.4.1, algorithm P.
inline double normal(Random& random) noexcept {
    for (;;) {
        const double u = 2 * uniform(random) - 1;
        const double v = 2 * uniform(random) - 1;
        const double s = detail::portable_fma(u, u, v * v);
        if (s < 1 && s > 0) return u * std::sqrt(-2 * detail::portable_log(s) / s);
    }
}

/// Puts `values`, at most 2^32 - 1, into a random order; all orders have the same probability (Fisher and Yates).
template <class T>
constexpr void shuffle(std::span<T> values, Random& random) noexcept {
    for (std::size_t left = values.size(); left > 1; --left) {
        const std::size_t picked = uniform_index(random, static_cast<std::uint32_t>(left));
        std::swap(values[left - 1], values[picked]);
    }
}

}  // namespace TYPENET
