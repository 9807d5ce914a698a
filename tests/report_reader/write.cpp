// Writes reports of all kinds into a folder, and beside each the rows' targets and outputs as CSV, for check.py, which
// reads the reports and computes their numbers again: report_reader_write FOLDER

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <typenet/core/finite.hpp>
#include <typenet/report/report.hpp>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

namespace {

using Images = Mlp<float, Input<30>, Dense<8, ReLU>, Dense<4, Softmax>>;
using Pump = Columns<Number<"temperature <C>">, Optional<Number<"vibration & noise">>, Category<"maker", "A", Other>>;
using Pumps = Mlp<float, Pump, Standardize, Dense<6, Tanh>, Dense<1, Sigmoid>>;
using Numbers = Mlp<double, Input<3>, Residual<Dense<3, Tanh>>, Dense<2, Identity>>;
using Questions = Mlp<float, Input<3>, Dense<3, Sigmoid>>;

constexpr std::size_t rows = 300;

std::vector<float> random_numbers(std::size_t count, Seed seed) {
    Random random(seed);
    std::vector<float> numbers(count);
    for (float& number : numbers) number = static_cast<float>(normal(random));
    return numbers;
}

std::vector<std::int32_t> random_labels(std::int32_t classes, Seed seed) {
    Random random(seed);
    std::vector<std::int32_t> labels(rows);
    for (std::int32_t& label : labels) label = static_cast<std::int32_t>(uniform(random, 0, classes));
    return labels;
}

class Writer {
public:
    explicit Writer(std::filesystem::path folder) : folder_(std::move(folder)) {
        std::filesystem::create_directories(folder_);
    }

    template <class Network, class Data>
    void write(const std::string& name, const Network& network, const History& history, const Data& data,
               const ReportOptions& options) const {
        write_report(folder_ / (name + ".html"), network, history, data, options);
        std::ofstream out(folder_ / (name + ".csv"));
        const auto outputs = predict(network, data);
        for (std::size_t row = 0; row < data.size(); ++row) {
            if constexpr (requires { data.label(row); }) {
                out << data.label(row);
            } else {
                const char* before = "";
                for (const float target : data.target(row)) {
                    out << before << detail::exact_text(target);
                    before = ",";
                }
            }
            for (std::size_t k = 0; k < Network::outputs; ++k) out << ',' << detail::exact_text(outputs(row, k));
            out << '\n';
        }
    }

private:
    std::filesystem::path folder_;
};

History history_of(std::size_t epochs, bool classifies) {
    History history;
    for (std::size_t i = 1; i <= epochs; ++i) {
        const double loss = 2.0 / static_cast<double>(i);
        EpochRecord epoch{.epoch = i, .loss = loss, .learning_rate = 0.01 * loss, .seconds = 0.125};
        epoch.validation_loss = loss + 0.1;
        if (classifies) {
            epoch.accuracy = 1 - loss / 4;
            epoch.validation_accuracy = 0.9 - loss / 4;
        }
        history.epochs.push_back(epoch);
    }
    return history;
}

void write_all(const Writer& writer) {
    const std::vector<std::string> hostile{"<script>alert(1)</script>", "&amp; \"quoted\" 'twice'", "tab\tbell\a",
                                           "not UTF-8: \xC3\x28 \xFF"};
    const Dataset<30> images{Features<30>(random_numbers(rows * 30, Seed{1})), Labels(random_labels(4, Seed{2}))};
    Images net(Seed{3});
    writer.write("images", net, history_of(20, true), images,
                 {.title = "<b>Images</b> & \"more\"",
                  .class_names = hostile,
                  .image = {6, 5},
                  .settings = {{"seed <1>", "3 & more"}},
                  .command = "mnist train --report '<x>' && echo \"done\""});
    writer.write("names", net, history_of(3000, true), images, {.data_name = "<i>test</i>", .input_names = [] {
                                                                    std::vector<std::string> names;
                                                                    for (int i = 0; i < 30; ++i) {
                                                                        names.push_back("<" + std::to_string(i) + ">");
                                                                    }
                                                                    return names;
                                                                }()});
    const Dataset<30> weighted = images.with_weights([] {
        std::vector<float> weights(rows);
        for (std::size_t i = 0; i < rows; ++i) weights[i] = static_cast<float>(i % 3);
        return weights;
    }());
    writer.write("weighted", net, {}, weighted, {});
    History one = history_of(1, true);
    writer.write("one_epoch", net, one, images, {});
    History diverged = history_of(6, true);
    for (std::size_t i = 3; i < 6; ++i) {
        diverged.epochs[i].loss = i == 3 ? detail::infinity<double> : detail::nan<double>;
        diverged.epochs[i].validation_loss = detail::nan<double>;
        diverged.epochs[i].accuracy = detail::nan<double>;
    }
    writer.write("diverged_history", net, diverged, images, {});
    History nothing = history_of(2, false);
    for (EpochRecord& epoch : nothing.epochs) epoch.loss = *(epoch.validation_loss = detail::nan<double>);
    Images broken(Seed{3});
    broken.biases<1>()(0) = detail::nan<float>;
    writer.write("nan_outputs", broken, nothing, images, {.image = {6, 5}});
    const std::vector<std::uint32_t> first{0};
    writer.write("one_row", net, {}, images.subset(first), {.image = {5, 6}});
    const Dataset<30> same{Features<30>(random_numbers(rows * 30, Seed{1})), Labels(std::vector<std::int32_t>(rows))};
    writer.write("one_class", net, history_of(3, true), same, {});
    writer.write("no_mistakes", net, history_of(3, true), images, {.mistakes = 0});

    std::vector<float> x = random_numbers(rows * 4, Seed{4});
    for (std::size_t row = 0; row < rows; ++row) {
        x[4 * row + 2] = row % 3 == 0 ? 1.0F : 0.0F;
        x[4 * row + 3] = 1 - x[4 * row + 2];
        if (row % 5 == 0) x[4 * row + 1] = detail::nan<float>;
    }
    const Dataset<4, Labels, Pump> pumps{Features<4>(x), Labels(random_labels(2, Seed{5}), {"holds", "fails"})};
    Pumps two(Seed{6});
    standardize(two, pumps);
    const History fitted =
        fit<BinaryCrossEntropy>(two, pumps, Adam{.learning_rate = 0.01}, {.epochs = 5, .validation = &pumps});
    writer.write("two_classes", two, fitted, pumps, {.data_name = "test"});
    const Dataset<4, Labels, Pump> all_hold{
        Features<4>(x), Labels(std::vector<std::int32_t>(rows), std::vector<std::string>{"holds", "fails"})};
    writer.write("two_classes_one_there", two, fitted, all_hold, {});

    const Dataset<3, Targets<2>> numbers{Features<3>(random_numbers(rows * 3, Seed{7})),
                                         Targets<2>(random_numbers(rows * 2, Seed{8}))};
    const Numbers regression(Seed{9});
    writer.write("numbers", regression, history_of(12, false), numbers,
                 {.output_names = {"height <m>", "weight & age"}, .sampled_rows = 50});
    const Dataset<3, Targets<2>> constant{Features<3>(random_numbers(rows * 3, Seed{7})),
                                          Targets<2>(std::vector<float>(rows * 2, 2.5F))};
    writer.write("constant_targets", regression, {}, constant, {});

    std::vector<float> answers = random_numbers(rows * 3, Seed{10});
    for (float& answer : answers) answer = answer > 0.5F ? 1.0F : 0.0F;
    const Dataset<3, Targets<3>> questions{Features<3>(random_numbers(rows * 3, Seed{7})), Targets<3>(answers)};
    writer.write("questions", Questions(Seed{11}), history_of(4, true), questions, {});
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    try {
        write_all(Writer(argv[1]));
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
}
