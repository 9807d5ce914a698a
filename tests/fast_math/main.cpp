#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <typenet/core/finite.hpp>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/typenet.hpp>
#include <utility>
#include <vector>

#include "../support/safetensors.hpp"
#include "../support/temporary_file.hpp"

// This program is compiled with -ffast-math, with which comparisons can't tell NaN and infinities from other numbers.
// The library must, all the same.

using namespace typenet;
using detail::is_finite;
using detail::is_nan;

namespace {

// Variables, since a function that returns NaN or an infinity breaks the rules of -ffast-math itself.
template <class T>
T largest = std::numeric_limits<T>::max();
template <class T>
T not_a_number = detail::nan<T>;
template <class T>
T infinite = detail::infinity<T>;

/// Four features and a label of two classes, for 64 rows; the features are not checked.
struct Rows4 {
    static constexpr std::size_t feature_count = 4;

    std::vector<float> features = std::vector<float>(64 * 4);

    Rows4() {
        for (std::size_t i = 0; i < features.size(); ++i) features[i] = static_cast<float>(i * 37 % 11) / 11;
    }

    [[nodiscard]] std::size_t size() const { return features.size() / 4; }
    [[nodiscard]] std::int32_t target(std::size_t row) const { return features[4 * row] > 0.5F ? 1 : 0; }
    template <class T>
    void gather(std::span<const std::uint32_t> rows, T* to) const {
        for (const std::size_t row : rows) {
            for (std::size_t k = 0; k < 4; ++k) *to++ = static_cast<T>(features[4 * row + k]);
        }
    }
};

/// The same rows with a number as their target.
struct Numbers4 : Rows4 {
    [[nodiscard]] std::span<const float, 1> target(std::size_t row) const {
        return std::span<const float, 1>(&features[4 * row], 1);
    }
};

template <class T, class Activation>
using Classifier = Mlp<T, Input<4>, Dense<8, Activation>, Dense<8, Activation>, Dense<2, Softmax>>;
template <class T, class Activation>
using Regressor = Mlp<T, Input<4>, Dense<8, Activation>, Dense<1, Identity>>;

/// Checks that a training with far too high a learning rate is stopped, and that its network stays finite.
template <class Network, class Loss, class Data>
void check_divergence(const Data& data, std::size_t threads) {
    Network net(Seed{1});
    CHECK_THROWS_AS(fit<Loss>(net, data, Sgd{.learning_rate = 1e38, .momentum = 0.9},
                              {.epochs = 1000, .batch_size = 8, .threads = threads}),
                    DivergenceError);
    CHECK(net.all_finite());
}

using Passenger = Columns<Optional<Number<"age">>, Missing<"age">, Number<"fare">>;
using Survival = Label<"survived", "no", "yes">;

}  // namespace

TEST_CASE_TEMPLATE("a number is told by its bits, also where the compiler sees how it is computed", T, float, double) {
    const T large = largest<T>;
    CHECK(is_finite(large));
    CHECK_FALSE(is_finite(large * 2));
    CHECK_FALSE(is_nan(large * 2));
    CHECK(is_nan(std::sqrt(-largest<T>)));
    CHECK_FALSE(is_finite(-infinite<T>));
    CHECK(is_finite(T(0)));
    CHECK(is_finite(-large));
}

TEST_CASE_TEMPLATE("an array with one number that is not finite isn't finite", T, float, double) {
    std::vector<T> numbers(300);
    std::iota(numbers.begin(), numbers.end(), T(-1));
    for (const std::size_t count : {1U, 7U, 64U, 100U, 300U}) {
        CHECK(simd::all_finite(numbers.data(), count));
        for (std::size_t i = 0; i < count; ++i) {
            for (const T bad : {not_a_number<T>, -not_a_number<T>, infinite<T>, -infinite<T>}) {
                const T kept = std::exchange(numbers[i], bad);
                CHECK_FALSE(simd::all_finite(numbers.data(), count));
                numbers[i] = kept;
            }
        }
    }
}

TEST_CASE_TEMPLATE("a training that diverges is noticed", T, float, double) {
    for (const std::size_t threads : {1U, 2U}) {
        check_divergence<Classifier<T, Identity>, CrossEntropy>(Rows4(), threads);
        check_divergence<Regressor<T, ReLU>, MeanSquaredError>(Numbers4(), threads);
        check_divergence<Regressor<T, LeakyReLU>, Huber>(Numbers4(), threads);
    }
}

TEST_CASE_TEMPLATE("a training whose norm of gradients overflows is noticed", T, float, double) {
    Regressor<T, ReLU> net(Seed{1});
    Numbers4 data;
    for (float& x : data.features) x *= 1e30F;
    CHECK_THROWS_AS(fit<MeanSquaredError>(net, data, Sgd{.learning_rate = 1e30}, {.epochs = 100, .clip_norm = 1e30}),
                    DivergenceError);
    CHECK(net.all_finite());
}

TEST_CASE_TEMPLATE("features that are not finite are refused", T, float, double) {
    for (const float bad : {not_a_number<float>, infinite<float>}) {
        Rows4 data;
        data.features[4 * 17 + 2] = bad;
        for (const bool shuffle : {false, true}) {
            Classifier<T, ReLU> net(Seed{1});
            const std::uint64_t before = parameter_hash(net);
            const FitOptions<Rows4> options{.epochs = 3, .batch_size = 4, .shuffle = shuffle};
            CHECK_THROWS_WITH_AS(fit<CrossEntropy>(net, data, Adam{}, options), doctest::Contains("row 17"), DataError);
            CHECK(parameter_hash(net) == before);
            CHECK_THROWS_WITH_AS((void)evaluate<CrossEntropy>(net, data), doctest::Contains("row 17"), DataError);
            CHECK_THROWS_WITH_AS((void)predict(net, data), doctest::Contains("row 17"), DataError);
        }
        CHECK_THROWS_AS((void)make_dataset<4>(data.features, std::vector<std::int32_t>(64)), DataError);
        CHECK_THROWS_AS((void)make_dataset<4>(Rows4().features, std::vector<float>{bad}), Error);
    }
    CHECK_THROWS_AS((void)make_dataset<4>(std::vector<double>(4, 1e39), std::vector<std::int32_t>(1)), DataError);
    CHECK_THROWS_AS(RowWeights({1, not_a_number<float>}), DataError);
    CHECK_THROWS_AS(RowWeights({1, infinite<float>}), DataError);
}

TEST_CASE_TEMPLATE("probabilities sum to 1, whatever the outputs", T, float, double) {
    Mlp<T, Input<3>, Dense<3, Softmax>> few;
    Mlp<T, Input<3>, Dense<40, Softmax>> many;
    for (const T x : {T(0), T(1), T(-100), T(3e4)}) {
        std::fill(few.parameters().begin(), few.parameters().end(), x);
        std::fill(many.parameters().begin(), many.parameters().end(), x);
        few.parameters()[2] = many.parameters()[7] = 2 * x;
        const auto sum = [](const auto& y) { return std::accumulate(y.begin(), y.end(), T(0)); };
        CHECK(sum(few.predict(Vector<T, 3>{1, 2, 3})) == doctest::Approx(1));
        CHECK(sum(many.predict(Vector<T, 3>{1, 2, 3})) == doctest::Approx(1));
    }
}

TEST_CASE_TEMPLATE("only finite parameters are saved and loaded", T, float, double) {
    using Network = Mlp<T, Input<2>, Dense<1, Identity>>;
    const support::TemporaryDirectory directory;
    Network net(Seed{1});
    save(net, directory / "good.safetensors");
    save_npz(net, directory / "good.npz");
    for (const T bad : {not_a_number<T>, infinite<T>, -infinite<T>}) {
        Network damaged(Seed{1});
        damaged.parameters()[1] = bad;
        CHECK_FALSE(damaged.all_finite());
        CHECK_THROWS_AS(save(damaged, directory / "bad.safetensors"), DataError);
        CHECK_THROWS_AS(save_npz(damaged, directory / "bad.npz"), DataError);
        CHECK_THROWS_AS(save(net, directory / "x", {.input_scale = static_cast<float>(bad)}), OptionError);

        const std::array<T, 3> numbers{1, bad, 3};
        const std::string_view dtype = sizeof(T) == 4 ? "F32" : "F64";
        const std::string header = "{\"0.weight\":{\"dtype\":\"" + std::string(dtype) +
                                   "\",\"shape\":[1,2],\"data_offsets\":[0," + std::to_string(2 * sizeof(T)) +
                                   "]},\"0.bias\":{\"dtype\":\"" + std::string(dtype) +
                                   "\",\"shape\":[1],\"data_offsets\":[" + std::to_string(2 * sizeof(T)) + "," +
                                   std::to_string(3 * sizeof(T)) + "]}}";
        const std::string_view bytes(reinterpret_cast<const char*>(numbers.data()), sizeof numbers);
        const auto path = directory.write("foreign.safetensors", make_file(header, bytes));
        CHECK_THROWS_WITH_AS(load(net, path), doctest::Contains("not finite"), FileError);
    }
    Network read;
    load(read, directory / "good.safetensors");
    CHECK(parameter_hash(read) == parameter_hash(net));
    load_npz(read, directory / "good.npz");
    CHECK(parameter_hash(read) == parameter_hash(net));
}

TEST_CASE("missing values of a file are NaN, and Standardize takes them") {
    const support::TemporaryDirectory directory;
    std::string text = "age,fare,survived\n";
    for (int i = 0; i < 40; ++i) {
        text += i % 4 == 0 ? (i % 8 == 0 ? "NA" : "-999.0") : std::to_string(20 + i);
        text += "," + std::to_string(i * 7 % 13) + (i % 3 == 0 ? ",yes\n" : ",no\n");
    }
    const auto path = directory.write("passengers.csv", text);
    const auto data = load_csv<Passenger, Survival>(path, {.minimum = 0, .maximum = 100, .missing = {"NA", "-999"}});
    double ages = 0;
    for (std::size_t row = 0; row < data.size(); ++row) {
        CHECK(is_nan(data.row(row)(0)) == (row % 4 == 0));
        CHECK(data.row(row)(1) == (row % 4 == 0 ? 1 : 0));
        if (row % 4 != 0) ages += static_cast<double>(data.row(row)(0)) / 30;
    }
    Mlp<float, Passenger, Standardize, Dense<4, Tanh>, Dense<2, Softmax>> net(Seed{1});
    standardize(net, data);
    CHECK(net.parameters()[0] == doctest::Approx(ages));
    fit<CrossEntropy>(net, data, Adam{}, {.epochs = 3});
    CHECK(is_finite(evaluate<CrossEntropy>(net, data).loss));
    const auto missing = net.predict(Passenger::row(std::nullopt, 3));
    auto mean = Passenger::row(net.parameters()[0], 3);
    mean(1) = 1;
    CHECK(missing == net.predict(mean));
    CHECK(missing == net.predict(Passenger::row(not_a_number<double>, 3)));
    CHECK_THROWS_AS((void)Passenger::row(infinite<double>, 3), DataError);
    CHECK_THROWS_AS((void)Passenger::row(1, not_a_number<float>), DataError);

    write_csv(directory / "written.csv", "x", std::vector<float>{1, not_a_number<float>}, "y",
              std::vector<double>{2, 3});
    CHECK(support::bytes_of(directory / "written.csv") == "x,y\n1,2\n,3\n");
}

TEST_CASE("a file's numbers must be finite") {
    const support::TemporaryDirectory directory;
    for (const char* bad : {"nan", "inf", "-Infinity", "1e39", "-1e400"}) {
        const auto path = directory.write("numbers.csv", std::string("label,a,b\n0,1,2\n1,3,") + bad + "\n");
        CHECK_THROWS_AS((void)load_csv<2>(path), FileError);
        CHECK_THROWS_AS((void)load_csv<2>(path, {.missing = {"-999", "NA"}}), FileError);
    }
    const auto path = directory.write("numbers.csv", "label,a,b\n0,1,2\n1,3,4\n");
    CHECK(load_csv<2>(path).size() == 2);
    CHECK_THROWS_AS((void)load_csv<2>(path, {.minimum = not_a_number<double>}), OptionError);
    CHECK_THROWS_AS((void)load_csv<2>(path, {.scale = not_a_number<float>}), OptionError);
}

TEST_CASE("options must be finite") {
    Random random(Seed{1}, Purpose::search, 0);
    for (const double bad : {not_a_number<double>, infinite<double>, 1e60}) {
        CHECK_THROWS_AS(Sgd{.learning_rate = bad}.validate(), OptionError);
        CHECK_THROWS_AS(Sgd{.momentum = bad}.validate(), OptionError);
        CHECK_THROWS_AS((Adam{.epsilon = bad}.validate()), OptionError);
        CHECK_THROWS_AS(Huber{.delta = bad}.validate<1>(), OptionError);
        CHECK_THROWS_AS(
            (void)split(make_dataset<4>(Rows4().features, std::vector<std::int32_t>(64)), {.fraction = bad}),
            OptionError);
    }
    for (const double bad : {not_a_number<double>, infinite<double>}) {
        CHECK_THROWS_AS((void)log_uniform(random, bad, 1), OptionError);
        CHECK_THROWS_AS((void)log_uniform(random, 1, bad), OptionError);
    }
    const float bad = not_a_number<float>;
    CHECK_FALSE(CrossEntropy::accepts(std::span<const float, 1>(&bad, 1)));
    CHECK_FALSE(BinaryCrossEntropy::accepts(std::span<const float, 1>(&bad, 1)));
}

TEST_CASE_TEMPLATE("metrics of NaN are those of a wrong answer", T, float, double) {
    CHECK(top_k_accuracy(Matrix<T>{{not_a_number<T>, 1, 2}}, std::vector<std::int32_t>{0}, 2) == 0);
    CHECK(top_k_accuracy(Matrix<T>{{not_a_number<T>, 1, 2}}, std::vector<std::int32_t>{2}, 1) == 0);
    CHECK(r2(Matrix<T>{{not_a_number<T>}, {1}}, Matrix<T>{{1}, {1}}) == 0);
}

TEST_CASE("the best of several numbers is a number") {
    detail::BestEpoch best{.monitor = Monitor::loss};
    CHECK_FALSE(best.add({.epoch = 1, .loss = not_a_number<double>}));
    CHECK_FALSE(best.add({.epoch = 2, .loss = infinite<double>}));
    CHECK(best.add({.epoch = 3, .loss = 5}));
    CHECK_FALSE(best.add({.epoch = 4, .loss = not_a_number<double>}));
    CHECK(best.epoch == 3);

    const std::array<double, 4> scores{not_a_number<double>, infinite<double>, 3, 2};
    std::size_t next = 0;
    const auto trials = random_search(
        {.trials = 4}, [&](Random&) { return next++; }, [&](std::size_t i) { return scores[i]; });
    CHECK(trials[0].candidate == 3);
    CHECK(trials[1].candidate == 2);
}
