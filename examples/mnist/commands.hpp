#pragma once

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <typenet/optimizers/any.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include "network.hpp"

/// The program's commands, without the reading of its arguments. Each command writes text for people to `out` and
/// throws typenet::Error if it fails.
namespace mnist {

/// Hyperparameters. They were chosen by the accuracy on 10,000 training images kept aside, never on the test images.
struct Recipe {
    typenet::AnyOptimizer optimizer;
    std::size_t epochs;
    std::size_t batch_size;
    typenet::Schedule schedule = {};               ///< the learning rate's schedule, as in FitOptions
    typenet::Augmentation<784> augmentation = {};  ///< applied to the training images; empty for none
};

/// Returns the recipe of that name:
/// "seed": plain mini-batch gradient descent, as in a first project, 3 epochs.
/// "default": momentum, a decaying learning rate and a little weight decay, 10 epochs.
/// "best": AdamW on digits that are slightly rotated, stretched, slanted, shifted and bent, 250 epochs.
/// Throws typenet::OptionError for another name.
Recipe find_recipe(const std::string& name);

/// Returns the learning rate's schedule over `epochs` epochs: constant, linear, cosine, step (a tenth after each
/// third), one-cycle, or plateau (a tenth whenever the training loss doesn't fall for 5 epochs). Throws
/// typenet::OptionError for another name.
typenet::Schedule find_schedule(const std::string& name, std::size_t epochs);
std::vector<std::string> schedule_names();

struct TrainOptions {
    std::string data = {};  ///< folder with MNIST's files; empty: see find_digits
    std::string recipe = "default";
    std::optional<std::size_t> epochs = {};  ///< empty: the recipe's; so are batch_size, optimizer and schedule
    std::optional<std::size_t> batch_size = {};
    std::optional<std::string> optimizer = {};
    std::optional<double> learning_rate = {};  ///< empty: that of the recipe or of the named optimizer
    std::optional<std::string> schedule = {};
    std::uint64_t seed = 1;        ///< determines the initial parameters and the order of the rows
    std::size_t threads = 0;       ///< 0: chosen automatically; the result is the same for any number of threads
    std::string checkpoint = {};   ///< folder that gets the training's state after each epoch; empty: none
    bool resume = false;           ///< whether to continue from the state in the checkpoint folder, if there is one
    std::string tensorboard = {};  ///< folder that gets a log for TensorBoard; empty: none
    std::string save = {};         ///< model file to write; empty: none
    std::string json = {};         ///< result file to write; empty: none
    std::string report = {};       ///< HTML file to write, a report of the training; empty: none
    std::string command = {};      ///< the command line, for the report; empty: it shows none
    const volatile std::sig_atomic_t* stop = nullptr;  ///< ends the training after a step, once it is not 0
};

struct TestOptions {
    std::string model;
    std::string data = {};
    std::string json = {};
};

struct PredictOptions {
    std::string model;
    std::string data = {};
    std::size_t index = 0;   ///< index of the test image to read, if `image` is empty
    std::string image = {};  ///< PNG file to read; empty: a test image
};

/// Files and folder to write; those that are empty are not written. At least one must be named.
struct ExportOptions {
    std::string model;
    std::string onnx = {};
    std::string header = {};
    std::string npz = {};
    std::string web = {};         ///< folder that gets the web page on which one draws digits
    std::string name = "digits";  ///< namespace of the header
    bool int8 = false;            ///< whether header and page compute in 8 bits; reports their accuracy
    bool whole_numbers = false;   ///< whether the header in 8 bits computes without floats
    std::string data = {};        ///< folder with the digits for this; empty: see find_digits
};

/// Returns whether the training came to its end. Where options.stop ended it, nothing is tested or written.
bool train(const TrainOptions& options, std::ostream& out);
void test(const TestOptions& options, std::ostream& out);
void predict(const PredictOptions& options, std::ostream& out);
void export_model(const ExportOptions& options, std::ostream& out);

}  // namespace mnist
