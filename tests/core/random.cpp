#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <span>
#include <string>
#include <support/larger_or_nan.hpp>
#include <utility>
#include <vector>

#include <typenet/core/random.hpp>

using namespace typenet;

namespace {

using Block = std::array<std::uint32_t, 4>;

static_assert(std::uniform_random_bit_generator<Random>);

template <std::size_t N>
std::array<std::uint32_t, N> first_words(Random random) {
    std::array<std::uint32_t, N> words{};
    for (std::uint32_t& word : words) word = random();
    return words;
}

/// The means of the first four powers of some numbers.
struct Moments {
    std::array<double, 4> of{};
};

template <class Draw>
Moments moments(int count, Draw draw) {
    Moments moments;
    for (int i = 0; i < count; ++i) {
        const double x = draw();
        double power = 1;
        for (double& moment : moments.of) moment += (power *= x) / count;
    }
    return moments;
}

/// Returns the sum of (seen - expected)^2 / expected for equally likely outcomes; its mean is their count minus one.
double chi_square(std::span<const int> seen) {
    double total = 0;
    for (const int count : seen) total += count;
    const double expected = total / static_cast<double>(seen.size());
    double sum = 0;
    for (const int count : seen) sum += (count - expected) * (count - expected) / expected;
    return sum;
}

/// Returns the largest distance between the numbers' distribution and `distribution`, times the square root of their
/// count (Kolmogorov and Smirnov). It exceeds 1.95 in one of a thousand samples.
template <class Distribution>
double kolmogorov_smirnov(std::vector<double> numbers, Distribution distribution) {
    std::sort(numbers.begin(), numbers.end());
    const auto count = static_cast<double>(numbers.size());
    double distance = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const double p = distribution(numbers[i]);
        const auto rank = static_cast<double>(i);
        distance = std::max({distance, p - rank / count, (rank + 1) / count - p});
    }
    return distance * std::sqrt(count);
}

/// Returns the error of `x` in units in the last place.
double ulps(double x, double exact) {
    const double next = std::nextafter(std::abs(exact), std::numeric_limits<double>::infinity());
    return std::abs(x - exact) / (next - std::abs(exact));
}

}  // namespace

TEST_SUITE("core/random") {
    TEST_CASE("random_words returns the words of the stream, from any block on") {
        const Seed seed{0x123456789ABCDEF0U};
        for (const std::size_t count : {0U, 1U, 5U, 64U, 65U, 200U}) {
            for (const std::uint64_t position : {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{0xFFFFFFFFU}}) {
                std::vector<std::uint32_t> words(count + 1, 7);
                random_words(seed, Purpose::split, 11, position, std::span(words).first(count));
                for (std::size_t i = 0; i < count; ++i) {
                    const std::uint64_t block = position + i / 4;
                    const auto wanted =
                        philox({static_cast<std::uint32_t>(block), static_cast<std::uint32_t>(block >> 32), 11,
                                static_cast<std::uint32_t>(Purpose::split) << 16},
                               {0x9ABCDEF0U, 0x12345678U});
                    CHECK(words[i] == wanted[i % 4]);
                }
                CHECK(words[count] == 7);
            }
        }
        Random random(seed, Purpose::split, 11);
        std::array<std::uint32_t, 9> first{};
        random_words(seed, Purpose::split, 11, 0, first);
        for (const std::uint32_t word : first) CHECK(word == random());
    }

    TEST_CASE("philox returns the published test vectors") {
        // Random123, kat_vectors, philox4x32 with 10 rounds.
        constexpr std::uint32_t ones = 0xFFFFFFFFU;
        CHECK(philox({0, 0, 0, 0}, {0, 0}) == Block{0x6627E8D5U, 0xE169C58DU, 0xBC57AC4CU, 0x9B00DBD8U});
        CHECK(philox({ones, ones, ones, ones}, {ones, ones}) ==
              Block{0x408F276DU, 0x41C83B0EU, 0xA20BC7C6U, 0x6D5451FDU});
        CHECK(philox({0x243F6A88U, 0x85A308D3U, 0x13198A2EU, 0x03707344U}, {0xA4093822U, 0x299F31D0U}) ==
              Block{0xD16CFE09U, 0x94FDCCEBU, 0x5001E420U, 0x24126EA1U});
    }

    TEST_CASE("words, uniform numbers, indices and orders can be computed at compile time") {
        static_assert(philox({0, 0, 0, 0}, {0, 0})[0] == 0x6627E8D5U);
        constexpr std::uint32_t word = [] {
            Random random(Seed{42});
            return random();
        }();
        CHECK(word == Random(Seed{42})());
        constexpr double number = [] {
            Random random(Seed{42});
            return uniform(random);
        }();
        CHECK(number == 0x1.39d5e09dfd524p-1);
        constexpr std::uint32_t index = [] {
            Random random(Seed{42});
            return uniform_index(random, 1000);
        }();
        CHECK(index == 612);
        constexpr std::array<int, 8> order = [] {
            Random random(Seed{42});
            std::array<int, 8> values{0, 1, 2, 3, 4, 5, 6, 7};
            shuffle(std::span<int>(values), random);
            return values;
        }();
        CHECK(order == std::array{2, 7, 5, 6, 1, 0, 3, 4});
    }

    TEST_CASE("the first words never change") {
        CHECK(first_words<6>(Random(Seed{42})) ==
              std::array{0x9CEAF053U, 0x77F5493BU, 0x12BF50ADU, 0x5742B3D7U, 0xFCDB2127U, 0x53BA6CFDU});
        CHECK(first_words<4>(Random(Seed{42}, 7)) == Block{0x67EE6F2CU, 0xE55410CCU, 0x6C7ECA35U, 0x557398D3U});
    }

    TEST_CASE("all 64 bits of the seed and of the stream change the words") {
        CHECK(first_words<4>(Random(Seed{0x123456789ABCDEF0U}, 0xFEDCBA9876543210U)) ==
              Block{0x90AAFDC4U, 0x2D4A0D93U, 0x13F86EDCU, 0x98B4EF2AU});
    }

    TEST_CASE("the first uniform numbers never change") {
        Random random(Seed{42});
        for (const double expected :
             {0x1.39d5e09dfd524p-1, 0x1.2bf50aae85678p-4, 0x1.f9b64254ee9b3p-1, 0x1.071eb4dd1381bp-1}) {
            CHECK(uniform(random) == expected);
        }
    }

    TEST_CASE("the first indices never change") {
        Random random(Seed{42});
        for (const std::uint32_t expected : {612U, 468U, 73U, 340U, 987U}) {
            CHECK(uniform_index(random, 1000) == expected);
        }
    }

    TEST_CASE("the first normal numbers never change") {
        Random random(Seed{42});
        for (const double expected :
             {0x1.71d1e8f071c34p-3, 0x1.4030def3a9be4p-2, 0x1.2d4ced07e9afbp+0, 0x1.945c05cfcabeap+0}) {
            CHECK(normal(random) == expected);
        }
    }

    TEST_CASE("the same seed and stream give the same numbers") {
        CHECK(first_words<100>(Random(Seed{5}, 3)) == first_words<100>(Random(Seed{5}, 3)));
    }

    TEST_CASE("the default stream is 0") {
        CHECK(first_words<8>(Random(Seed{5})) == first_words<8>(Random(Seed{5}, 0)));
    }

    TEST_CASE("no two of many seeds and streams begin with the same numbers") {
        std::map<Block, int> seen;
        for (std::uint64_t seed = 0; seed < 100; ++seed) {
            for (std::uint64_t stream = 0; stream < 100; ++stream) ++seen[first_words<4>(Random(Seed{seed}, stream))];
        }
        CHECK(seen.size() == 10'000);
    }

    TEST_CASE("streams of one seed are not correlated") {
        Random first(Seed{6}, 0);
        Random second(Seed{6}, 1);
        const Moments product = moments(100'000, [&] { return (uniform(first) - 0.5) * (uniform(second) - 0.5); });
        CHECK(std::abs(product.of[0]) < 5 * (1.0 / 12) / std::sqrt(100'000.0));
    }

    TEST_CASE("a block of four words is not repeated") {
        const auto words = first_words<4000>(Random(Seed{7}));
        std::map<Block, int> seen;
        for (std::size_t i = 0; i < words.size(); i += 4) {
            ++seen[{words[i], words[i + 1], words[i + 2], words[i + 3]}];
        }
        CHECK(seen.size() == 1000);
    }

    TEST_CASE("each of a word's bits is set half the time") {
        Random random(Seed{8});
        std::array<int, 32> set{};
        constexpr int count = 20'000;
        for (int i = 0; i < count; ++i) {
            const std::uint32_t word = random();
            for (std::size_t bit = 0; bit < set.size(); ++bit) set[bit] += static_cast<int>(word >> bit & 1U);
        }
        for (const int ones : set) CHECK(std::abs(ones - count / 2) < 5 * std::sqrt(count) / 2);
    }

    TEST_CASE("uniform stays in [0, 1)") {
        Random random(Seed{9});
        double least = 1;
        double greatest = 0;
        for (int i = 0; i < 200'000; ++i) {
            const double x = uniform(random);
            least = std::min(least, x);
            greatest = std::max(greatest, x);
        }
        CHECK(least >= 0);
        CHECK(least < 1e-4);
        CHECK(greatest < 1);
        CHECK(greatest > 1 - 1e-4);
    }

    TEST_CASE("uniform has 53 random bits") {
        Random random(Seed{10});
        bool odd = false;
        for (int i = 0; i < 100; ++i) {
            const double scaled = uniform(random) * 0x1p53;
            CHECK(scaled == std::floor(scaled));
            odd = odd || std::fmod(scaled, 2) == 1;
        }
        CHECK(odd);
    }

    TEST_CASE("uniform has the moments 1/2, 1/3, 1/4 and 1/5") {
        Random random(Seed{11});
        constexpr int count = 200'000;
        const Moments seen = moments(count, [&] { return uniform(random); });
        for (std::size_t k = 1; k <= 4; ++k) {
            const auto order = static_cast<double>(k);
            const double expected = 1 / (order + 1);
            const double variance = 1 / (2 * order + 1) - expected * expected;
            CHECK(std::abs(seen.of[k - 1] - expected) < 4 * std::sqrt(variance / count));
        }
    }

    TEST_CASE("uniform fills a hundred bins evenly") {
        for (std::uint64_t seed = 0; seed < 4; ++seed) {
            Random random(Seed{seed});
            std::array<int, 100> seen{};
            for (int i = 0; i < 100'000; ++i) ++seen[static_cast<std::size_t>(uniform(random) * 100)];
            // 99 degrees of freedom: 0.1 % and 99.9 %. Too even a sample is as wrong as an uneven one.
            CHECK(chi_square(seen) > 60);
            CHECK(chi_square(seen) < 149);
        }
    }

    TEST_CASE("the distribution of uniform is uniform") {
        Random random(Seed{12});
        std::vector<double> numbers(50'000);
        for (double& x : numbers) x = uniform(random, -3, 5);
        CHECK(kolmogorov_smirnov(numbers, [](double x) { return (x + 3) / 8; }) < 1.95);
    }

    TEST_CASE("uniform stays in the given interval") {
        Random random(Seed{13});
        for (int i = 0; i < 10'000; ++i) {
            const double x = uniform(random, -3, 5);
            CHECK((x >= -3 && x <= 5));
        }
    }

    TEST_CASE("uniform_index stays below its bound") {
        Random random(Seed{14});
        for (const std::uint32_t bound : {1U, 2U, 3U, 1000U, 0x80000001U, 0xFFFFFFFFU}) {
            CAPTURE(bound);
            for (int i = 0; i < 1000; ++i) {
                const bool below = uniform_index(random, bound) < bound;
                CHECK(below);
            }
        }
    }

    TEST_CASE("uniform_index returns each small index equally often") {
        Random random(Seed{15});
        std::array<int, 3> of_three{};
        std::array<int, 100> of_hundred{};
        for (int i = 0; i < 60'000; ++i) ++of_three[uniform_index(random, 3)];
        for (int i = 0; i < 100'000; ++i) ++of_hundred[uniform_index(random, 100)];
        CHECK(chi_square(of_three) < 13.8);   // 2 degrees of freedom, 99.9 %
        CHECK(chi_square(of_hundred) < 149);  // 99 degrees of freedom, 99.9 %
    }

    TEST_CASE("uniform_index has no bias for a bound near 2^32") {
        // Without rejection, 2^32 words for 3 * 2^30 indices would give those divisible by 3 twice the chance.
        Random random(Seed{16});
        std::array<int, 3> seen{};
        for (int i = 0; i < 60'000; ++i) ++seen[uniform_index(random, 3U << 30) % 3];
        CHECK(chi_square(seen) < 13.8);
    }

    TEST_CASE("uniform_index rejects words that would cause a bias") {
        // For the bound 2^31 + 1 it must reject 2^31 - 1 of the 2^32 words: it draws two words for an index on average.
        constexpr std::uint32_t bound = 0x80000001U;
        constexpr int count = 10'000;
        Random random(Seed{17});
        std::array<int, 16> seen{};
        for (int i = 0; i < count; ++i) ++seen[uniform_index(random, bound) / (bound / 16 + 1)];
        CHECK(chi_square(seen) < 37.7);  // 15 degrees of freedom, 99.9 %
        const Block now = first_words<4>(random);
        Random again(Seed{17});
        int words = 0;
        Block last = first_words<4>(again);
        while (last != now && words < 10 * count) {
            (void)again();
            ++words;
            last = first_words<4>(again);
        }
        CHECK(std::abs(words - 2 * count) < 5 * std::sqrt(2.0 * count));
    }

    TEST_CASE("normal has the mean, variance, skew and kurtosis of the standard normal") {
        Random random(Seed{18});
        constexpr int count = 400'000;
        const Moments seen = moments(count, [&] { return normal(random); });
        const double root = std::sqrt(static_cast<double>(count));
        // Moments 0, 1, 0 and 3; the variance of x^k is the 2k-th moment less the square of the k-th.
        CHECK(std::abs(seen.of[0]) < 4 * 1 / root);
        CHECK(std::abs(seen.of[1] - 1) < 4 * std::sqrt(2.0) / root);
        CHECK(std::abs(seen.of[2]) < 4 * std::sqrt(15.0) / root);
        CHECK(std::abs(seen.of[3] - 3) < 4 * std::sqrt(96.0) / root);
    }

    TEST_CASE("normal has the tails of the standard normal") {
        Random random(Seed{19});
        constexpr int count = 400'000;
        std::array<int, 5> above{};
        std::array<int, 5> below{};
        for (int i = 0; i < count; ++i) {
            const double x = normal(random);
            for (int sigma = 1; sigma < 5; ++sigma) {
                above[static_cast<std::size_t>(sigma)] += x > sigma;
                below[static_cast<std::size_t>(sigma)] += x < -sigma;
            }
        }
        for (int sigma = 1; sigma < 5; ++sigma) {
            CAPTURE(sigma);
            const double expected = count * std::erfc(sigma / std::sqrt(2.0)) / 2;
            CHECK(std::abs(above[static_cast<std::size_t>(sigma)] - expected) < 4 * std::sqrt(expected));
            CHECK(std::abs(below[static_cast<std::size_t>(sigma)] - expected) < 4 * std::sqrt(expected));
        }
    }

    TEST_CASE("the distribution of normal is normal") {
        Random random(Seed{20});
        std::vector<double> numbers(50'000);
        for (double& x : numbers) x = normal(random);
        CHECK(kolmogorov_smirnov(numbers, [](double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }) < 1.95);
    }

    TEST_CASE("consecutive normal numbers are not correlated") {
        Random random(Seed{21});
        double before = normal(random);
        const Moments product = moments(100'000, [&] {
            const double x = normal(random);
            return std::exchange(before, x) * x;
        });
        CHECK(std::abs(product.of[0]) < 4 / std::sqrt(100'000.0));
    }

    TEST_CASE("portable_log is within 3 ulp of std::log") {
        Random random(Seed{22});
        double worst = 0;
        const auto measure = [&](double x) {
            worst = support::larger_or_nan(worst, ulps(detail::portable_log(x), std::log(x)));
        };
        for (int exponent = -1022; exponent <= 1023; ++exponent) {
            for (int i = 0; i < 100; ++i) measure(std::ldexp(uniform(random, 1, 2), exponent));
            measure(std::ldexp(1.0, exponent));
        }
        for (int i = 0; i < 100'000; ++i) measure(uniform(random, 0.5, 2));
        for (int i = 1; i < 53; ++i) {  // towards 1 from both sides
            measure(1 + std::ldexp(1.0, -i));
            measure(1 - std::ldexp(1.0, -i));
        }
        measure(std::numeric_limits<double>::max());
        CHECK(worst <= 3);
    }

    TEST_CASE("portable_log of 1 is 0") { CHECK(detail::portable_log(1) == 0); }

    TEST_CASE("portable_exp is within 2 ulp of std::exp") {
        double worst = 0;
        Random random(Seed{26});
        for (int i = 0; i < 100'000; ++i) {
            const double x = uniform(random, -700, 700);
            for (const double z : {x, x / 700}) {
                worst = support::larger_or_nan(worst, ulps(detail::portable_exp(z), std::exp(z)));
            }
        }
        CHECK(worst <= 2);
        CHECK(detail::portable_exp(0) == 1);
    }

    TEST_CASE("log_uniform stays in the given interval, and its logarithm is uniform") {
        Random random(Seed{27});
        std::vector<int> decades(4);
        for (int i = 0; i < 40'000; ++i) {
            const double x = log_uniform(random, 1e-5, 1e-1);
            REQUIRE(x >= 1e-5);
            REQUIRE(x <= 1e-1);
            ++decades[static_cast<std::size_t>(std::min(3.0, std::floor(std::log10(x) + 5)))];
        }
        CHECK(chi_square(decades) < 16.3);  // 3 degrees of freedom, 99.9 %
        CHECK(log_uniform(random, 0.3, 0.3) == 0.3);
    }

    TEST_CASE("log_uniform refuses bounds that have no logarithm") {
        Random random(Seed{28});
        CHECK_THROWS_WITH_AS((void)log_uniform(random, 0, 1), "log_uniform: low is 0; it must be 0 < low <= high",
                             OptionError);
        CHECK_THROWS_AS((void)log_uniform(random, -1, 1), OptionError);
        CHECK_THROWS_AS((void)log_uniform(random, std::nan(""), 1), OptionError);
        CHECK_THROWS_AS((void)log_uniform(random, 1, 0.5), OptionError);
        CHECK_THROWS_AS((void)log_uniform(random, 1, std::numeric_limits<double>::infinity()), OptionError);
        CHECK(random() == Random(Seed{28})());
    }

    TEST_CASE("choose returns each value equally often, of any type") {
        Random random(Seed{29});
        std::vector<int> seen(3);
        for (int i = 0; i < 30'000; ++i) ++seen[static_cast<std::size_t>(choose(random, {0, 1, 2}))];
        CHECK(chi_square(seen) < 13.9);  // 2 degrees of freedom, 99.9 %
        CHECK(choose(random, {std::string("only")}) == "only");
        CHECK_THROWS_AS((void)choose<int>(random, {}), OptionError);
    }

    TEST_CASE("shuffle keeps all values") {
        std::vector<int> values(1000);
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i);
        const std::vector<int> before = values;
        Random random(Seed{23});
        shuffle(std::span<int>(values), random);
        CHECK(values != before);
        std::sort(values.begin(), values.end());
        CHECK(values == before);
    }

    TEST_CASE("shuffle produces all orders equally often") {
        Random random(Seed{24});
        std::map<std::array<int, 4>, int> seen;
        for (int i = 0; i < 48'000; ++i) {
            std::array<int, 4> values{0, 1, 2, 3};
            shuffle(std::span<int>(values), random);
            ++seen[values];
        }
        REQUIRE(seen.size() == 24);
        std::vector<int> counts;
        for (const auto& [order, count] : seen) counts.push_back(count);
        CHECK(chi_square(counts) < 49.7);  // 23 degrees of freedom, 99.9 %
    }

    TEST_CASE("shuffle draws no numbers for no value and for one") {
        Random random(Seed{25});
        shuffle(std::span<int>(), random);
        std::array<int, 1> one{7};
        shuffle(std::span<int>(one), random);
        CHECK(one[0] == 7);
        CHECK(random() == Random(Seed{25})());
    }
}
