#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <csignal>
#include <exception>
#include <iostream>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <typenet/version.hpp>

#include "commands.hpp"

namespace {

/// A check for whole numbers. CLI11 itself would take the largest number that there is for one that is too large.
CLI::Validator at_least(long long least) {
    return {[least](const std::string& text) {
                long long value = 0;
                const char* const end = text.data() + text.size();
                const auto [stop, error] = std::from_chars(text.data(), end, value);
                if (error == std::errc() && stop == end && value >= least) return std::string();
                return text + " is no whole number from " + std::to_string(least) + " to " +
                       std::to_string(std::numeric_limits<long long>::max());
            },
            ""};
}

/// Returns the program's name and its arguments as one typed them. Arguments with other characters than names of files
/// and options have are quoted.
std::string command_line(int argc, char** argv) {
    std::string line = "mnist";
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        const bool is_plain = !argument.empty() && std::all_of(argument.begin(), argument.end(), [](unsigned char c) {
            return std::isalnum(c) != 0 || c >= 0x80 ||
                   std::string_view("-_./=,:+@%").find(static_cast<char>(c)) != std::string_view::npos;
        });
        std::string quoted = "'";
        for (const char c : argument) c == '\'' ? quoted += "'\\''" : quoted += c;
        line += ' ' + (is_plain ? argument : quoted + "'");
    }
    return line;
}

volatile std::sig_atomic_t interrupted = 0;

/// Has the training end after its step. A second Ctrl-C ends the program at once.
void interrupt(int signal) {
    interrupted = 1;
    std::signal(signal, SIG_DFL);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Trains, tests, shows and exports a 784-128-64-10 network on handwritten digits."};
    app.set_version_flag("--version", typenet::version);
    app.require_subcommand(1);

    const char* data_help =
        "folder with MNIST's CSV or IDX files; without it TYPENET_MNIST_DIR, then data/mnist, then synthetic digits";

    mnist::TrainOptions train;
    CLI::App* train_command = app.add_subcommand(
        "train", "train a network and test it; Ctrl-C ends it after a step, with its state in --checkpoint");
    train_command->add_option("--data", train.data, data_help);
    train_command->add_option("--recipe", train.recipe, "hyperparameters")
        ->check(CLI::IsMember({"seed", "default", "best"}))
        ->capture_default_str();
    train_command->add_option("--epochs", train.epochs, "passes over the training digits, instead of the recipe's")
        ->check(at_least(1));
    train_command->add_option("--batch-size", train.batch_size, "digits a step, instead of the recipe's")
        ->check(at_least(1));
    train_command->add_option("--optimizer", train.optimizer, "with its default options, instead of the recipe's")
        ->check(CLI::IsMember(typenet::optimizer_names()));
    train_command->add_option("--learning-rate", train.learning_rate, "instead of the recipe's or the optimizer's");
    train_command->add_option("--schedule", train.schedule, "of the learning rate, instead of the recipe's")
        ->check(CLI::IsMember(mnist::schedule_names()));
    train_command->add_option("--seed", train.seed, "of the initial parameters and the order of the digits")
        ->check(at_least(0))
        ->capture_default_str();
    train_command->add_option("--threads", train.threads, "that train, the result being the same; 0 for automatic")
        ->check(at_least(0))
        ->capture_default_str();
    CLI::Option* checkpoint = train_command->add_option("--checkpoint", train.checkpoint,
                                                        "keep the training's state after each epoch in this folder");
    train_command
        ->add_flag("--resume", train.resume, "go on from the state in the folder of --checkpoint, if there is one")
        ->needs(checkpoint);
    train_command->add_option("--tensorboard", train.tensorboard, "write a log for TensorBoard into this folder");
    train_command->add_option("--save", train.save, "write the network to this safetensors file");
    train_command->add_option("--json", train.json, "write the result to this file");
    train_command->add_option("--report", train.report, "write a report of the training to this HTML file");

    mnist::TestOptions test;
    CLI::App* test_command = app.add_subcommand("test", "test a saved network");
    test_command->add_option("--model", test.model, "safetensors file from train --save")->required();
    test_command->add_option("--data", test.data, data_help);
    test_command->add_option("--json", test.json, "write the result to this file");

    mnist::PredictOptions predict;
    CLI::App* predict_command = app.add_subcommand("predict", "show a digit and what a saved network makes of it");
    predict_command->add_option("--model", predict.model, "safetensors file from train --save")->required();
    CLI::Option* data = predict_command->add_option("--data", predict.data, data_help);
    CLI::Option_group* digit = predict_command->add_option_group("digit", "what to show");
    CLI::Option* index = digit->add_option("--index", predict.index, "which test digit, from 0")->check(at_least(0));
    digit->add_option("--image", predict.image, "a PNG of one digit")->excludes(data)->excludes(index);
    digit->require_option(1);

    mnist::ExportOptions exported;
    CLI::App* export_command = app.add_subcommand("export", "write a saved network in other forms");
    export_command->add_option("--model", exported.model, "safetensors file from train --save")->required();
    CLI::Option_group* target = export_command->add_option_group("target", "what to write");
    target->add_option("--onnx", exported.onnx, "this file, for ONNX runtimes");
    target->add_option("--npz", exported.npz, "this file, for NumPy");
    CLI::Option* header = target->add_option("--header", exported.header, "this C++ header, which needs no library");
    target->add_option("--web", exported.web, "a page on which one draws digits, in this folder");
    target->require_option(1, 0);
    export_command->add_option("--name", exported.name, "the header's namespace")->needs(header)->capture_default_str();
    CLI::Option* int8 = export_command->add_flag("--int8", exported.int8,
                                                 "8 bits in the header and the page; says what accuracy they cost");
    export_command->add_flag("--whole-numbers", exported.whole_numbers, "no floats in the header in 8 bits")
        ->needs(int8)
        ->needs(header);
    export_command->add_option("--data", exported.data, data_help)->needs(int8);

    CLI11_PARSE(app, argc, argv);
    train.command = command_line(argc, argv);
    try {
        if (train_command->parsed()) {
            train.stop = &interrupted;
            std::signal(SIGINT, interrupt);
            if (!mnist::train(train, std::cout)) return 128 + SIGINT;
        }
        if (test_command->parsed()) mnist::test(test, std::cout);
        if (predict_command->parsed()) mnist::predict(predict, std::cout);
        if (export_command->parsed()) mnist::export_model(exported, std::cout);
    } catch (const std::exception& error) {
        std::cerr << "mnist: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
