#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <typenet/optimizers/any.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include "network.hpp"

/// What the program does, apart from reading its arguments. Each command writes for people to `out` and throws
/// typenet::Error where it can't go on.
namespace mnist {

/// Hyperparameters. They were chosen by their accuracy on 10,000 training images kept apart, never on the test images.
struct Recipe {
    typenet::AnyOptimizer optimizer;
    std::size_t epochs;
    std::size_t batch_size;
    typenet::Schedule schedule = {};               ///< of the learning rate, as in FitOptions
    typenet::Augmentation<784> augmentation = {};  ///< of the training images
};

/// "seed": plain mini-batch gradient descent as a first project would train, 3 epochs.
/// "default": momentum, a decaying learning rate and a little weight decay, 10 epochs.
/// "best": AdamW on digits that are turned, stretched, slanted, shifted and bent a little, 250 epochs.
/// Throws typenet::OptionError for another name.
Recipe find_recipe(const std::string& name);

/// The learning rate's course over so many epochs: constant, linear, cosine, step (a tenth after each third),
/// one-cycle, or plateau (a tenth where the training loss doesn't fall for 5 epochs). Throws
/// typenet::OptionError for another name.
typenet::Schedule find_schedule(const std::string& name, std::size_t epochs);
std::vector<std::string> schedule_names();

struct TrainOptions {
    std::string data = {};  ///< folder; empty to look in the usual places
    std::string recipe = "default";
    std::optional<std::size_t> epochs = {};  ///< the recipe's where not given, as in the next
    std::optional<std::size_t> batch_size = {};
    std::optional<std::string> optimizer = {};
    std::optional<double> learning_rate = {};  ///< the chosen optimizer's default where not given
    std::optional<std::string> schedule = {};
    std::uint64_t seed = 1;       ///< of the initial parameters and the order of the rows
    std::size_t threads = 0;      ///< 0 for automatic; the result is the same for any number
    std::string checkpoint = {};  ///< folder for the training's state after each epoch; empty for none
    bool resume = false;          ///< whether to go on from the state in that folder, if there is one
    std::string save = {};        ///< model file; empty for none
    std::string json = {};        ///< result file; empty for none
};

struct TestOptions {
    std::string model;
    std::string data = {};
    std::string json = {};
};

struct PredictOptions {
    std::string model;
    std::string data = {};
    std::size_t index = 0;   ///< of the test image, where there is no file
    std::string image = {};  ///< a PNG
};

/// The files and the folder are left out where empty; at least one must be there.
struct ExportOptions {
    std::string model;
    std::string onnx = {};
    std::string header = {};
    std::string npz = {};
    std::string web = {};         ///< folder for the page on which one draws digits
    std::string name = "digits";  ///< the header's namespace
    bool int8 = false;            ///< header and page have weights of 8 bits; their accuracy is reported
    std::string data = {};        ///< folder with the test digits for that
};

void train(const TrainOptions& options, std::ostream& out);
void test(const TestOptions& options, std::ostream& out);
void predict(const PredictOptions& options, std::ostream& out);
void export_model(const ExportOptions& options, std::ostream& out);

}  // namespace mnist
