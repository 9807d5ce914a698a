#include <doctest/doctest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/core/random.hpp>
#include <typenet/data/columns.hpp>
#include <typenet/data/csv.hpp>
#include <typenet/data/split.hpp>
#include <typenet/evaluate/evaluate.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/layers/standardize.hpp>
#include <typenet/losses.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/optimizers/adam.hpp>
#include <typenet/train/fit.hpp>

#include "../support/temporary_file.hpp"

// From a table of mixed columns to a model file and back.

using namespace typenet;

namespace {

using Passenger = Columns<Optional<Number<"Age">>, Number<"Fare">, Category<"Sex", "male", "female">,
                          Category<"Port", "S", "C", Other>>;
using Survival = Label<"Survived", "no", "yes">;
using Net = Mlp<float, Passenger, Standardize, Dense<8, ReLU>, Dense<1, Sigmoid>>;

/// A file in which children and women survive, unless they paid nothing.
std::string passengers(std::size_t rows) {
    std::string text = "Id,Name,Port,Age,Sex,Fare,Survived\n";
    Random random(Seed{5}, Purpose::split);
    for (std::size_t i = 0; i < rows; ++i) {
        const bool is_woman = uniform(random) < 0.4;
        const bool has_age = uniform(random) < 0.8;
        const int age = static_cast<int>(uniform(random) * 70);
        const int fare = uniform(random) < 0.2 ? 0 : static_cast<int>(uniform(random) * 200) + 5;
        const bool survives = (is_woman || (has_age && age < 15)) && fare > 0;
        text += std::to_string(i) + ",\"Name, the\"," + (i % 3 == 0 ? "S" : i % 3 == 1 ? "C" : "Q") + ',';
        text += has_age ? std::to_string(age) : "NA";
        text += std::string(is_woman ? ",female," : ",male,") + std::to_string(fare) + ".25,";
        text += survives ? "yes\n" : "no\n";
    }
    return text;
}

}  // namespace

TEST_SUITE("integration/columns") {
    TEST_CASE("a network learns from named columns with missing values, and its file knows columns and classes") {
        const support::TemporaryDirectory directory;
        const auto data = load_csv<Passenger, Survival>(directory.write("passengers.csv", passengers(2000)));
        const auto [train, test] = split(data, {.fraction = 0.25, .seed = Seed{1}});
        Net network(Seed{1});
        standardize(network, train);
        (void)fit<BinaryCrossEntropy>(network, train, Adam{.learning_rate = 0.01}, {.epochs = 30, .batch_size = 32});
        CHECK(accuracy(network, test) > 0.95);

        const auto path = directory / "model.safetensors";
        save(network, path, {.labels = data.class_names()});
        Net loaded;
        CHECK(load(loaded, path).labels == std::vector<std::string>{"no", "yes"});
        const auto woman = Passenger::row(34, 30, "female", "S");
        CHECK((loaded.predict(woman) == network.predict(woman)));
        CHECK(loaded.classify(woman) == 1);
        CHECK(loaded.classify(Passenger::row(34, 30, "male", "X")) == 0);
        CHECK(loaded.classify(Passenger::row(4, 30, "male", "C")) == 1);

        // A missing age counts as the mean of those that are known.
        double sum = 0;
        std::size_t known = 0;
        for (std::size_t row = 0; row < train.size(); ++row) {
            const float age = train.row(row)(0);
            if (std::isnan(age)) continue;
            sum += age;
            ++known;
        }
        CHECK(known < train.size());
        const auto missing = loaded.predict(Passenger::row(std::nullopt, 30, "male", "S"));
        const auto mean = loaded.predict(Passenger::row(sum / static_cast<double>(known), 30, "male", "S"));
        CHECK(std::abs(missing(0) - mean(0)) < 1e-5F);
    }

    TEST_CASE("a checkpoint of other columns doesn't resume") {
        const support::TemporaryDirectory directory;
        const auto run = [&]<class Row>(Row, std::string text) {
            text.replace(text.find("age"), 3, std::string(Row::rules[0].name));
            const auto data = parse_csv<Row, Label<"y", "0", "1">>(text);
            Mlp<float, Row, Dense<2, Softmax>> network(Seed{1});
            (void)fit<CrossEntropy>(network, data, Adam{}, {.epochs = 1},
                                    Checkpoint(directory / "state", {.resume = true}));
        };
        const std::string text = "age,y\n1,0\n2,1\n3,1\n";
        run(Columns<Number<"age">>(), text);
        CHECK_NOTHROW(run(Columns<Number<"age">>(), text));
        CHECK_THROWS_WITH_AS(run(Columns<Number<"fare">>(), text), doctest::Contains("Columns<Number<\"age\">>"),
                             Error);
    }

    TEST_CASE("a network of other columns doesn't load") {
        const support::TemporaryDirectory directory;
        const auto path = directory / "model.safetensors";
        save(Net(Seed{1}), path);
        using Other = Columns<Optional<Number<"Age">>, Number<"Price">, Category<"Sex", "male", "female">,
                              Category<"Port", "S", "C", Other>>;
        Mlp<float, Other, Standardize, Dense<8, ReLU>, Dense<1, Sigmoid>> other;
        CHECK_THROWS_WITH_AS((void)load(other, path), doctest::Contains("column 1 is Number<\"Fare\">"), FileError);
    }
}
