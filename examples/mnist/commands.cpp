#include "commands.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <typenet/callbacks/checkpoint.hpp>
#include <typenet/callbacks/tensorboard_logger.hpp>
#include <typenet/evaluate/quantize.hpp>
#include <typenet/io/header.hpp>
#include <typenet/io/npz.hpp>
#include <typenet/io/onnx.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/report/report.hpp>

#include "data.hpp"
#include "digit_image.hpp"
#include "terminal.hpp"
#include "web_page.hpp"

namespace mnist {

namespace {

using Digitset = typenet::Dataset<784>;

double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string hash_text(const Digits& net) {
    std::array<char, 17> text;
    std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(typenet::parameter_hash(net)));
    return text.data();
}

std::string percent(double share) {
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "%.2f %%", 100 * share);
    return text.data();
}

Source announce(const std::string& option, std::ostream& out) {
    Source source = find_digits(option);
    if (!source.folder) {
        out << "No MNIST here, so these are SYNTHETIC digits, drawn by this program. For the real ones:\n"
               "    cmake -P examples/mnist/download.cmake\n"
               "or name a folder that has them with --data or TYPENET_MNIST_DIR.\n";
    }
    return source;
}

void write_json(const std::string& file, const nlohmann::ordered_json& result) {
    const std::string text = result.dump(2) + "\n";
    typenet::replace_file(file, std::as_bytes(std::span(text)));
}

/// Throws typenet::FileError where a file of `size` bytes can't be written under this name. Leaves nothing behind, and
/// writes nothing where the name is that of a pipe or a device.
void try_output(const std::string& file, std::size_t size) {
    if (file.empty()) return;
    const std::filesystem::path path = file;
    const std::filesystem::path folder = path.parent_path();
    if (!folder.empty() && !std::filesystem::is_directory(folder)) {
        throw typenet::FileError(file, "cannot be written: there is no folder " + folder.string());
    }
    if (std::filesystem::is_directory(path)) throw typenet::FileError(file, "is a directory, not a file");
    if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) return;
    std::filesystem::path trial = typenet::detail::follow_links(path);
    trial += ".trial";
    trial += typenet::detail::temporary_ending;  // so that one of a killed process is removed
    typenet::replace_file(trial, std::vector<std::byte>(size));
    std::filesystem::remove(trial);
}

/// Saves a trained network: if the file can't be written any more, in the folder for temporary files. Throws
/// typenet::FileError then, which says where the network is.
void save_somewhere(const Digits& net, const std::string& file, const typenet::ModelInfo& info) {
    try {
        typenet::save(net, file, info);
    } catch (const typenet::FileError& error) {
        const std::string name = "mnist-" + hash_text(net) + ".safetensors";
        const std::filesystem::path other = std::filesystem::temp_directory_path() / name;
        try {
            typenet::save(net, other, info);
        } catch (const typenet::FileError& another) {
            throw typenet::FileError(file,
                                     std::string(error.what()).substr(file.size() + 2) + "; and " + another.what());
        }
        throw typenet::FileError(file, std::string(error.what()).substr(file.size() + 2) +
                                           "; the trained network was saved as " + other.string());
    }
}

/// A callback that stores the training if the options name a checkpoint folder, and prints where it resumes.
class Checkpoints {
public:
    Checkpoints(const TrainOptions& options, std::ostream& out) : out_(out) {
        if (options.checkpoint.empty()) return;
        checkpoint_.emplace(options.checkpoint, typenet::CheckpointOptions{.resume = options.resume});
    }

    template <class Run>
    void check(const typenet::TrainingPlan& plan, Run& run) {
        if (checkpoint_) checkpoint_->check(plan, run);
    }
    template <class Run>
    void resume(Run& run) {
        if (checkpoint_) checkpoint_->resume(run);
        const std::size_t epochs = run.history().epochs.size();
        const std::size_t rows = run.trainer().state().unfinished.rows;
        if (rows > 0) {
            out_ << "resumed in epoch " << epochs + 1 << ", after " << rows << " of " << run.data().size()
                 << " digits\n";
        } else if (epochs > 0) {
            out_ << "resumed after epoch " << epochs << '\n';
        }
    }
    template <class Run>
    void after_epoch(const typenet::EpochRecord& epoch, Run& run) {
        if (checkpoint_) checkpoint_->after_epoch(epoch, run);
    }
    template <class Run>
    void suspend(Run& run) {
        if (checkpoint_) checkpoint_->suspend(run);
    }

private:
    std::optional<typenet::Checkpoint> checkpoint_;
    std::ostream& out_;
};

/// A callback that tries the network on the test digits after each epoch, if the options ask for a report, which draws
/// the results. The training doesn't depend on them.
class TestAfterEpochs {
public:
    TestAfterEpochs(const TrainOptions& options, const Digitset& testing) : options_(options), testing_(testing) {}

    template <class Run>
    void on_epoch_end(const typenet::EpochRecord&, Run& run) {
        if (options_.report.empty()) return;
        results_.push_back(
            typenet::evaluate<typenet::CrossEntropy>(run.network(), testing_, {}, {.threads = options_.threads}));
    }

    /// Puts the results into a history, as those of validation rows. Epochs before those of this run have none.
    void add_to(typenet::History& history) const {
        const std::size_t first = history.epochs.size() - results_.size();
        for (std::size_t i = 0; i < results_.size(); ++i) {
            history.epochs[first + i].validation_loss = results_[i].loss;
            history.epochs[first + i].validation_accuracy = results_[i].accuracy;
        }
    }

private:
    const TrainOptions& options_;
    const Digitset& testing_;
    std::vector<typenet::Evaluation> results_;
};

/// A TensorBoardLogger if the options name a folder for it.
class TensorBoard {
public:
    explicit TensorBoard(const std::string& folder) {
        if (!folder.empty()) logger_.emplace(folder, typenet::TensorBoardOptions{.histograms_every = 1});
    }

    void check(const typenet::TrainingPlan& plan) {
        if (logger_) logger_->check(plan);
    }
    void on_train_begin(const typenet::TrainingPlan& plan) {
        if (logger_) logger_->on_train_begin(plan);
    }
    template <class Run>
    void on_epoch_end(const typenet::EpochRecord& epoch, Run& run) {
        if (logger_) logger_->on_epoch_end(epoch, run);
    }

private:
    std::optional<typenet::TensorBoardLogger> logger_;
};

/// Throws for options that would otherwise fail only after minutes of work.
void check_before_loading(const Recipe& recipe, const TrainOptions& options) {
    recipe.optimizer.validate();
    if (recipe.epochs == 0) throw typenet::OptionError("epochs is 0; it must be at least 1");
    if (recipe.batch_size == 0) throw typenet::OptionError("batch_size is 0; it must be at least 1");
    if (options.resume && options.checkpoint.empty()) {
        throw typenet::OptionError("resume needs the folder of a checkpoint");
    }
    try_output(options.save, Digits::parameter_count * sizeof(float) + 4096);  // with the header
    try_output(options.json, 4096 + 32 * std::min<std::size_t>(recipe.epochs, 100'000));
    try_output(options.report, 400'000);
}

void check_model_scale(const std::string& file, const typenet::ModelInfo& info) {
    if (info.input_scale != pixel_scale) {
        throw typenet::FileError(file, "was trained on pixels scaled by " +
                                           typenet::detail::number_text(static_cast<double>(info.input_scale)) +
                                           "; this program scales them by 1/255");
    }
}

struct Model {
    Digits net;
    typenet::ModelInfo info;
};

Model load_model(const std::string& file) {
    Model model;
    model.info = typenet::load(model.net, file);
    check_model_scale(file, model.info);
    return model;
}

std::vector<std::pair<std::string, typenet::Schedule>> schedules(std::size_t epochs) {
    using namespace typenet;
    return {{"constant", {}},          {"linear", LinearDecay{}},
            {"cosine", CosineDecay{}}, {"step", StepDecay{.every = std::max<std::size_t>(1, (epochs + 2) / 3)}},
            {"one-cycle", OneCycle{}}, {"plateau", ReduceOnPlateau{.monitor = Monitor::loss}}};
}

}  // namespace

Recipe find_recipe(const std::string& name) {
    using namespace typenet;
    if (name == "seed") return {.optimizer = Sgd{.learning_rate = 0.5}, .epochs = 3, .batch_size = 32};
    if (name == "default") {
        return {.optimizer = Sgd{.learning_rate = 0.5, .momentum = 0.9, .weight_decay = 3e-5},
                .epochs = 10,
                .batch_size = 32,
                .schedule = LinearDecay{}};
    }
    if (name == "best") {
        return {.optimizer = AdamW{.learning_rate = 0.004, .weight_decay = 0.01},
                .epochs = 250,
                .batch_size = 128,
                .schedule = CosineDecay{},
                .augmentation = augment<28, 28>(Rotate{.degrees = 8}, Scale{.by = 0.1}, Shear{.by = 0.1},
                                                Shift{.pixels = 0.5}, ElasticDistortion{.pixels = 0.8, .sigma = 4})};
    }
    throw OptionError("there is no recipe \"" + name + "\"; there are seed, default and best");
}

std::vector<std::string> schedule_names() {
    std::vector<std::string> names;
    for (const auto& [name, schedule] : schedules(1)) names.push_back(name);
    return names;
}

typenet::Schedule find_schedule(const std::string& name, std::size_t epochs) {
    std::string names;
    for (const auto& [known, schedule] : schedules(epochs)) {
        if (known == name) return schedule;
        names += (names.empty() ? "" : ", ") + known;
    }
    throw typenet::OptionError("there is no schedule \"" + name + "\"; there are " + names);
}

bool train(const TrainOptions& options, std::ostream& out) {
    Recipe recipe = find_recipe(options.recipe);
    if (options.optimizer) recipe.optimizer = typenet::find_optimizer(*options.optimizer);
    recipe.epochs = options.epochs.value_or(recipe.epochs);
    recipe.batch_size = options.batch_size.value_or(recipe.batch_size);
    recipe.optimizer.learning_rate = options.learning_rate.value_or(recipe.optimizer.learning_rate);
    if (options.schedule) recipe.schedule = find_schedule(*options.schedule, recipe.epochs);
    check_before_loading(recipe, options);

    const Source source = announce(options.data, out);
    const auto start = std::chrono::steady_clock::now();
    const Digitset training = load_digits(source, Part::train);
    const Digitset testing = load_digits(source, Part::test);
    const double load_seconds = seconds_since(start);
    out << source.describe() << ": " << training.size() << " digits to train on, " << testing.size()
        << " to test with\n";
    out << Digits::architecture() << ": " << Digits::parameter_count << " parameters\n";

    Digits net(typenet::Seed{options.seed});
    const typenet::FitOptions<Digitset> fit_options{.epochs = recipe.epochs,
                                                    .batch_size = recipe.batch_size,
                                                    .seed = typenet::Seed{options.seed},
                                                    .schedule = recipe.schedule,
                                                    .augmentation = recipe.augmentation,
                                                    .threads = options.threads};
    TestAfterEpochs tests(options, testing);
    static constexpr volatile std::sig_atomic_t never = 0;
    const volatile std::sig_atomic_t& stop = options.stop != nullptr ? *options.stop : never;
    typenet::History history = typenet::fit<typenet::CrossEntropy>(
        net, training, recipe.optimizer, fit_options, typenet::ProgressBar(out), Checkpoints(options, out), tests,
        TensorBoard(options.tensorboard), typenet::StopOn(stop));
    if (stop != 0 && history.epochs.size() < recipe.epochs) {
        out << "stopped in epoch " << history.epochs.size() + 1 << " of " << recipe.epochs;
        if (!options.checkpoint.empty()) out << "; --resume goes on from here";
        out << '\n';
        return false;
    }
    const double test_accuracy = typenet::accuracy(net, testing, {.threads = options.threads});
    out << "test accuracy " << percent(test_accuracy) << '\n';

    if (!options.save.empty()) {
        save_somewhere(net, options.save,
                       {.input_scale = pixel_scale, .labels = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}});
        out << "saved " << options.save << '\n';
    }
    if (!options.json.empty()) {
        nlohmann::ordered_json result{{"test_accuracy", test_accuracy},
                                      {"epoch_seconds", nlohmann::json::array()},
                                      {"load_seconds", load_seconds},
                                      {"parameters", Digits::parameter_count},
                                      {"data", source.describe()},
                                      {"parameter_hash", hash_text(net)},
                                      {"recipe", options.recipe},
                                      {"epochs", recipe.epochs},
                                      {"batch_size", recipe.batch_size},
                                      {"optimizer", recipe.optimizer.describe()},
                                      {"schedule", recipe.schedule.describe()},
                                      {"learning_rate", recipe.optimizer.learning_rate},
                                      {"seed", options.seed},
                                      {"train_rows", training.size()},
                                      {"test_rows", testing.size()}};
        for (const typenet::EpochRecord& epoch : history.epochs) result["epoch_seconds"].push_back(epoch.seconds);
        out.flush();  // where the result goes to the same place
        write_json(options.json, result);
    }
    if (!options.report.empty()) {
        tests.add_to(history);
        typenet::write_report(options.report, net, history, testing,
                              {.title = (source.folder ? "MNIST: " : "Synthetic digits: ") + percent(test_accuracy),
                               .data_name = "test",
                               .validation_name = "test",
                               .image = {28, 28},
                               .settings = {{"recipe", options.recipe},
                                            {"optimizer", recipe.optimizer.describe()},
                                            {"schedule", recipe.schedule.describe()},
                                            {"augmentation", recipe.augmentation.describe()},
                                            {"batch size", std::to_string(recipe.batch_size)},
                                            {"seed", std::to_string(options.seed)},
                                            {"data", source.describe()},
                                            {"training rows", std::to_string(training.size())},
                                            {"hash of the parameters", hash_text(net)}},
                               .command = options.command,
                               .threads = options.threads});
        out << "wrote " << options.report << '\n';
    }
    return true;
}

void test(const TestOptions& options, std::ostream& out) {
    const Digits net = load_model(options.model).net;
    const Source source = announce(options.data, out);
    const auto start = std::chrono::steady_clock::now();
    const Digitset testing = load_digits(source, Part::test);
    const double load_seconds = seconds_since(start);
    const typenet::ConfusionMatrix counts = typenet::confusion_matrix(net, testing);
    const double test_accuracy = typenet::accuracy(net, testing);

    out << source.describe() << ": " << testing.size() << " digits\n";
    out << "test accuracy " << percent(test_accuracy) << "\n\ndigit  precision   recall       f1  digits\n";
    const std::vector<typenet::ClassScore> scores = typenet::class_scores(counts);
    for (std::size_t digit = 0; digit < scores.size(); ++digit) {
        std::array<char, 80> line;
        std::snprintf(line.data(), line.size(), "%5zu  %8.2f %% %6.2f %% %6.2f %%  %6.0f\n", digit,
                      100 * scores[digit].precision, 100 * scores[digit].recall, 100 * scores[digit].f1,
                      scores[digit].support);
        out << line.data();
    }
    if (!options.json.empty()) {
        out.flush();
        write_json(options.json, {{"test_accuracy", test_accuracy},
                                  {"load_seconds", load_seconds},
                                  {"parameters", Digits::parameter_count},
                                  {"data", source.describe()},
                                  {"parameter_hash", hash_text(net)},
                                  {"test_rows", testing.size()}});
    }
}

void predict(const PredictOptions& options, std::ostream& out) {
    const Digits net = load_model(options.model).net;
    DigitImage image;
    std::optional<std::int32_t> label;
    if (!options.image.empty()) {
        image = read_digit(options.image);
    } else {
        const Digitset testing = load_digits(announce(options.data, out), Part::test);
        if (options.index >= testing.size()) {
            throw typenet::OptionError("there is no test image " + std::to_string(options.index) + "; the last is " +
                                       std::to_string(testing.size() - 1));
        }
        const auto& pixels = std::get<std::vector<std::uint8_t>>(testing.features().storage());
        std::copy_n(pixels.begin() + static_cast<std::ptrdiff_t>(options.index * image.size()), image.size(),
                    image.begin());
        label = testing.label(options.index);
    }
    typenet::Vector<float, 784> x;
    std::transform(image.begin(), image.end(), x.begin(),
                   [](std::uint8_t pixel) { return static_cast<float>(pixel) * pixel_scale; });

    print_digit(out, image, &out == &std::cout ? palette_of_stdout() : Palette::plain);
    if (label) out << "true label  " << *label << '\n';
    out << "predicted   " << net.classify(x) << "\n\n";
    const auto probabilities = net.predict(x);
    print_probabilities(out, std::span<const float, 10>(probabilities.data(), 10));
}

void export_model(const ExportOptions& options, std::ostream& out) {
    if (options.onnx.empty() && options.header.empty() && options.npz.empty() && options.web.empty()) {
        throw typenet::OptionError("there is nothing to export to");
    }
    if (options.int8 && options.header.empty() && options.web.empty()) {
        throw typenet::OptionError("8 bits are for the header and the page; the other forms don't have them");
    }
    const Model model = load_model(options.model);
    std::optional<typenet::Quantized<Digits>> small;
    if (options.int8) {
        const Source source = announce(options.data, out);
        // All layers, whatever they lose: the user is told.
        small = typenet::quantize(model.net, load_digits(source, Part::train), {.most_disagreement = 1});
        const auto cost = typenet::quantization_cost(model.net, *small, load_digits(source, Part::test));
        out << "test accuracy " << percent(*cost.accuracy_before) << ", and " << percent(*cost.accuracy_after)
            << " in 8 bits\n";
    }
    const auto write_header = [&](const std::filesystem::path& path, const typenet::HeaderOptions& header) {
        if (small) {
            typenet::export_header(*small, path, header, model.info);
        } else {
            typenet::export_header(model.net, path, header, model.info);
        }
    };
    const auto announce_file = [&](const std::string& file) { out << "wrote " << file << '\n'; };
    if (!options.onnx.empty()) {
        typenet::export_onnx(model.net, options.onnx, model.info);
        announce_file(options.onnx);
    }
    if (!options.header.empty()) {
        write_header(options.header, {.name = options.name, .whole_numbers = options.whole_numbers});
        announce_file(options.header);
    }
    if (!options.npz.empty()) {
        typenet::save_npz(model.net, options.npz, model.info);
        announce_file(options.npz);
    }
    if (!options.web.empty()) {
        write_page(options.web, [&](const std::filesystem::path& path, const std::string& name) {
            write_header(path, {.name = name});
        });
        announce_file((std::filesystem::path(options.web) / "index.html").string());
    }
}

}  // namespace mnist
