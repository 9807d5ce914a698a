#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mnist/commands.hpp>
#include <mnist/synthetic.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>
#include <string>
#include <support/mnist_csv.hpp>
#include <support/temporary_file.hpp>
#include <typenet/io/header.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/io/safetensors.hpp>

#include <doctest/doctest.h>

using namespace typenet;

namespace {

using support::bytes_of;
using support::TemporaryDirectory;

/// A temporary folder with a small set of synthetic digits in MNIST's CSV layout.
class SmallMnist {
public:
    SmallMnist() {
        write("mnist_train.csv", 2000, Seed{1});
        write("mnist_test.csv", 200, Seed{2});
    }
    [[nodiscard]] std::string path() const { return folder_.path().string(); }
    [[nodiscard]] std::string file(const char* name) const { return (folder_ / name).string(); }

private:
    void write(const char* name, std::size_t count, Seed seed) {
        const mnist::DigitImages digits = mnist::draw_digits(count, seed);
        (void)folder_.write(name, support::mnist_csv(digits.labels, digits.pixels));
    }

    TemporaryDirectory folder_;
};

nlohmann::json read_json(const std::string& file) {
    std::ifstream in(file);
    return nlohmann::json::parse(in);
}

/// Trains with these options on the small data and returns the result file of `train`.
nlohmann::json result_of(const SmallMnist& small, mnist::TrainOptions options, std::ostream& out) {
    options.data = small.path();
    options.json = small.file("result.json");
    mnist::train(options, out);
    return read_json(options.json);
}
nlohmann::json result_of(const SmallMnist& small, const mnist::TrainOptions& options) {
    std::ostringstream ignored;
    return result_of(small, options, ignored);
}

}  // namespace

TEST_SUITE("examples/mnist/commands") {
    TEST_CASE("train, test and predict work together through a model file") {
        const SmallMnist small;
        std::ostringstream out;
        mnist::train({.data = small.path(),
                      .epochs = 8,
                      .seed = 3,
                      .save = small.file("m.safetensors"),
                      .json = small.file("train.json")},
                     out);
        const nlohmann::json trained = read_json(small.file("train.json"));
        CHECK(trained["test_accuracy"].get<double>() > 0.6);
        CHECK(trained["epoch_seconds"].size() == 8);
        CHECK(trained["load_seconds"].get<double>() > 0);
        CHECK(trained["parameters"] == 109386);
        CHECK(trained["data"] == "MNIST from " + small.path());
        CHECK(trained["parameter_hash"].get<std::string>().size() == 16);
        CHECK(out.str().find("2000 digits to train on, 200 to test with") != std::string::npos);
        CHECK(out.str().find("epoch 8/8") != std::string::npos);

        mnist::test({.model = small.file("m.safetensors"), .data = small.path(), .json = small.file("test.json")}, out);
        const nlohmann::json tested = read_json(small.file("test.json"));
        CHECK(tested["test_accuracy"] == trained["test_accuracy"]);
        CHECK(tested["parameter_hash"] == trained["parameter_hash"]);

        std::ostringstream shown;
        mnist::predict({.model = small.file("m.safetensors"), .data = small.path(), .index = 5}, shown);
        CHECK(shown.str().find("true label  ") != std::string::npos);
        CHECK(shown.str().find("predicted   ") != std::string::npos);
        CHECK_THROWS_AS(
            mnist::predict({.model = small.file("m.safetensors"), .data = small.path(), .index = 200}, shown), Error);
    }

    TEST_CASE("the same seed gives the same network, and options replace those of the recipe") {
        const SmallMnist small;
        const auto hash = [&](mnist::TrainOptions options) {
            options.epochs = 1;
            return result_of(small, options)["parameter_hash"].get<std::string>();
        };
        const std::string first = hash({});
        CHECK(hash({}) == first);
        CHECK(hash({.threads = 2}) == first);
        CHECK(hash({.threads = 1}) == first);
        CHECK(hash({.seed = 2}) != first);
        CHECK(hash({.batch_size = 10}) != first);
        CHECK(hash({.learning_rate = 0.01}) != first);
        CHECK(hash({.recipe = "seed"}) != first);
        const std::string best = hash({.recipe = "best", .threads = 1});
        CHECK(best != first);
        CHECK(hash({.recipe = "best", .threads = 2}) == best);
    }

    TEST_CASE("a report shows the training and the test digits, and doesn't change the training") {
        const SmallMnist small;
        const support::TemporaryDirectory folder;
        const std::string report = small.file("report.html");
        const nlohmann::json plain = result_of(small, {.epochs = 3, .checkpoint = folder.path().string()});
        std::ostringstream out;
        const nlohmann::json reported =
            result_of(small, {.epochs = 3, .report = report, .command = "mnist train <here>"}, out);
        CHECK(reported["parameter_hash"] == plain["parameter_hash"]);
        CHECK(out.str().find("wrote " + report) != std::string::npos);
        const std::string page = bytes_of(report);
        CHECK(page.size() > 50'000);
        CHECK(page.size() < 1'000'000);
        CHECK(page.find("tried on 200 test rows") != std::string::npos);
        CHECK(page.find("Loss over 3 epochs; training: from ") != std::string::npos);
        CHECK(page.find("; test: from ") != std::string::npos);
        CHECK(page.find("; test: from NaN") == std::string::npos);
        CHECK(page.find("Weights of the first 64 of 128 units of layer 0") != std::string::npos);
        CHECK(page.find("mnist train &lt;here&gt;") != std::string::npos);
        CHECK(page.find(plain["parameter_hash"].get<std::string>()) != std::string::npos);

        // The tests after the epochs before the stop are unknown then.
        (void)result_of(small, {.epochs = 4, .checkpoint = folder.path().string(), .resume = true, .report = report});
        const std::string resumed = bytes_of(report);
        CHECK(std::regex_search(resumed, std::regex("; test: from ([0-9.]+) to \\1[^0-9]")));
        CHECK(resumed.find("NaN") == std::string::npos);
        CHECK_THROWS_AS((void)result_of(small, {.report = small.file("none/report.html")}), FileError);
    }

    TEST_CASE("recipes are found by name, and `seed` is plain gradient descent") {
        const mnist::Recipe seed = mnist::find_recipe("seed");
        CHECK(seed.optimizer.describe() == Sgd{.learning_rate = 0.5}.describe());
        CHECK(seed.epochs == 3);
        CHECK_FALSE(seed.schedule);
        CHECK_FALSE(seed.augmentation);
        const mnist::Recipe usual = mnist::find_recipe("default");
        CHECK(usual.epochs == 10);
        CHECK(usual.schedule.describe() == LinearDecay{}.describe());
        CHECK_FALSE(usual.augmentation);
        const mnist::Recipe best = mnist::find_recipe("best");
        CHECK(best.epochs == 250);
        CHECK(best.schedule.describe() == CosineDecay{}.describe());
        CHECK(best.augmentation.describe().find("ElasticDistortion(pixels 0.8, sigma 4)") != std::string::npos);
        CHECK_THROWS_AS((void)mnist::find_recipe("best guess"), OptionError);
    }

    TEST_CASE("any optimizer and any schedule can replace those of the recipe") {
        const SmallMnist small;
        const auto result = [&](mnist::TrainOptions options) {
            options.epochs = 1;
            return result_of(small, options);
        };
        const nlohmann::json adam = result({.optimizer = "adam"});
        CHECK(adam["optimizer"] == Adam{}.describe());
        CHECK(adam["learning_rate"] == Adam{}.learning_rate);
        CHECK(adam["schedule"] == LinearDecay{}.describe());
        const nlohmann::json faster = result({.optimizer = "adam", .learning_rate = 0.01});
        CHECK(faster["optimizer"] == Adam{.learning_rate = 0.01}.describe());
        CHECK(faster["parameter_hash"] != adam["parameter_hash"]);
        const nlohmann::json cycle = result({.optimizer = "adam", .schedule = "one-cycle"});
        CHECK(cycle["schedule"] == OneCycle{}.describe());
        CHECK(cycle["parameter_hash"] != adam["parameter_hash"]);
        CHECK_THROWS_AS(result({.optimizer = "adamant"}), OptionError);
        CHECK_THROWS_AS(result({.schedule = "haphazard"}), OptionError);
    }

    TEST_CASE("schedules are found by name") {
        CHECK(mnist::find_schedule("constant", 9).describe() == Schedule{}.describe());
        CHECK(mnist::find_schedule("linear", 9).describe() == LinearDecay{}.describe());
        CHECK(mnist::find_schedule("cosine", 9).describe() == CosineDecay{}.describe());
        CHECK(mnist::find_schedule("step", 9).describe() == StepDecay{.every = 3}.describe());
        CHECK(mnist::find_schedule("step", 1).describe() == StepDecay{.every = 1}.describe());
        CHECK(mnist::find_schedule("plateau", 9).describe() == ReduceOnPlateau{.monitor = Monitor::loss}.describe());
        for (const std::string& name : mnist::schedule_names()) CHECK_NOTHROW((void)mnist::find_schedule(name, 9));
        CHECK_THROWS_WITH_AS(mnist::find_schedule("", 9),
                             "there is no schedule \"\"; there are constant, linear, cosine, step, "
                             "one-cycle, plateau",
                             OptionError);
    }

    TEST_CASE("a training is stored after each epoch, and a resumed one gives the same network") {
        const SmallMnist small;
        const support::TemporaryDirectory folder;
        std::ostringstream out;
        const auto hash = [&](mnist::TrainOptions options) {
            options.recipe = "best";
            options.schedule = "constant";  // the course of other schedules depends on the number of epochs
            return result_of(small, options, out)["parameter_hash"].get<std::string>();
        };
        const std::string whole = hash({.epochs = 3});
        const std::string stopped = hash({.epochs = 2, .checkpoint = folder.path().string()});
        CHECK(stopped != whole);
        CHECK(hash({.epochs = 3, .checkpoint = folder.path().string(), .resume = true}) == whole);
        CHECK(out.str().find("resumed after epoch 2\nepoch 3/3") != std::string::npos);
        CHECK(read_json(small.file("result.json"))["epoch_seconds"].size() == 3);
        CHECK_THROWS_AS(hash({.seed = 2, .checkpoint = folder.path().string(), .resume = true}), FileError);
        CHECK_THROWS_AS(hash({.checkpoint = "/dev/null/folder"}), FileError);
        CHECK_THROWS_AS(hash({.resume = true}), OptionError);
    }

    TEST_CASE("a saved network is exported to other formats, with the same bytes as by the library") {
        const SmallMnist small;
        std::ostringstream out;
        const std::string model = small.file("digits.safetensors");
        mnist::train({.data = small.path(), .epochs = 1, .save = model}, out);
        mnist::Digits net;
        const ModelInfo info = load(net, model);
        CHECK(info.labels.size() == 10);
        CHECK(info.labels[7] == "7");
        mnist::export_model({.model = model,
                             .onnx = small.file("digits.onnx"),
                             .header = small.file("digits.hpp"),
                             .npz = small.file("digits.npz"),
                             .name = "a::b"},
                            out);
        export_onnx(net, small.file("expected.onnx"), info);
        export_header(net, small.file("expected.hpp"), {.name = "a::b"}, info);
        CHECK(bytes_of(small.file("digits.onnx")) == bytes_of(small.file("expected.onnx")));
        CHECK(bytes_of(small.file("digits.hpp")) == bytes_of(small.file("expected.hpp")));
        mnist::Digits read;
        CHECK(load_npz(read, small.file("digits.npz")).labels == info.labels);
        CHECK(parameter_hash(read) == parameter_hash(net));
        CHECK(out.str().find("wrote " + small.file("digits.npz")) != std::string::npos);
        CHECK(out.str().find("8 bits") == std::string::npos);
    }

    TEST_CASE("an export in 8 bits reports what it costs in accuracy") {
        const SmallMnist small;
        std::ostringstream out;
        const std::string model = small.file("digits.safetensors");
        mnist::train({.data = small.path(), .epochs = 1, .save = model}, out);
        const std::string header = small.file("digits.hpp");
        out.str("");
        mnist::export_model({.model = model, .header = header, .int8 = true, .data = small.path()}, out);
        CHECK(bytes_of(header).find("signed char weights_0[100352]") != std::string::npos);
        CHECK(out.str().find("test accuracy ") != std::string::npos);
        CHECK(out.str().find(" in 8 bits\nwrote " + header) != std::string::npos);
        mnist::export_model(
            {.model = model, .header = header, .int8 = true, .whole_numbers = true, .data = small.path()}, out);
        CHECK(bytes_of(header).find("input_unit = 1;  // the features are bytes") != std::string::npos);
        CHECK_THROWS_AS(mnist::export_model({.model = model, .header = header, .whole_numbers = true}, out),
                        OptionError);
    }

    TEST_CASE("an export needs a target and a valid namespace") {
        const SmallMnist small;
        std::ostringstream out;
        const std::string model = small.file("digits.safetensors");
        CHECK_THROWS_WITH_AS(mnist::export_model({.model = model}, out), "there is nothing to export to", OptionError);
        CHECK_THROWS_AS(mnist::export_model({.model = model, .npz = small.file("digits.npz")}, out), FileError);
        CHECK_THROWS_AS(mnist::export_model({.model = model, .npz = small.file("digits.npz"), .int8 = true}, out),
                        OptionError);
        mnist::train({.data = small.path(), .epochs = 1, .save = model}, out);
        CHECK_THROWS_AS(mnist::export_model({.model = model, .header = small.file("a.hpp"), .name = "int"}, out),
                        OptionError);
    }

    TEST_CASE("outputs that can't be written are found before the training") {
        const SmallMnist small;
        std::ostringstream out;
        std::filesystem::create_directory(small.file("folder"));
        for (const std::string& file : {small.file("folder"), small.file("missing/file")}) {
            CHECK_THROWS_AS(mnist::train({.data = small.path(), .save = file}, out), FileError);
            CHECK_THROWS_AS(mnist::train({.data = small.path(), .json = file}, out), FileError);
        }
        CHECK(out.str().empty());
        CHECK(std::filesystem::is_empty(small.file("folder")));
    }

    TEST_CASE("where the results can't be written any more, the trained network is saved elsewhere, and first of all") {
        const SmallMnist small;
        const std::string folder = small.file("out");
        std::filesystem::create_directory(folder);
        /// Text that removes the folder once the training is over.
        struct Remover : std::stringbuf {
            std::string folder;
            int sync() override {
                if (str().find("test accuracy") != std::string::npos) std::filesystem::remove_all(folder);
                return 0;
            }
        } buffer;
        buffer.folder = folder;
        std::ostream out(&buffer);
        out << std::unitbuf;
        const mnist::TrainOptions options{
            .data = small.path(), .epochs = 1, .save = folder + "/net", .json = folder + "/j"};
        std::string message;
        try {
            mnist::train(options, out);
        } catch (const FileError& error) {
            message = error.what();
        }
        const std::string before = options.save + ": cannot be written: ";
        CHECK(message.find(before) == 0);
        const std::string words = "; the trained network was saved as ";
        const auto place = message.find(words);
        REQUIRE(place != std::string::npos);
        const std::string saved = message.substr(place + words.size());
        mnist::Digits net;
        load(net, saved);
        std::filesystem::remove(saved);
        std::filesystem::create_directory(folder);
        std::ostringstream ignored;
        mnist::train({.data = small.path(), .epochs = 1, .save = options.save, .json = "/dev/null"}, ignored);
        mnist::Digits again;
        load(again, options.save);
        CHECK(parameter_hash(again) == parameter_hash(net));
    }

    TEST_CASE("bad options are errors before anything is written") {
        const SmallMnist small;
        std::ostringstream out;
        const std::string model = small.file("never.safetensors");
        CHECK_THROWS_AS(mnist::train({.data = small.path(), .batch_size = 0, .save = model}, out), OptionError);
        CHECK_THROWS_AS(mnist::train({.data = small.path(), .learning_rate = -1, .save = model}, out), OptionError);
        CHECK_THROWS_AS(mnist::train({.data = small.path(), .epochs = 0, .save = model}, out), OptionError);
        CHECK_FALSE(std::filesystem::exists(model));
        CHECK(out.str().empty());  // which the program writes to when it loads the digits
        CHECK_THROWS_AS(mnist::test({.model = model, .data = small.path()}, out), FileError);
    }
}
