#include <cstdint>
#include <string>
#include <typenet/core/finite.hpp>
#include <typenet/report/detail/sections.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using detail::LayerSummary;
using detail::ReportData;
using Task = ReportData::Task;

namespace {

constexpr double not_a_number = detail::nan<double>;

Matrix<double> matrix(std::size_t columns, const std::vector<double>& values) {
    auto result = Matrix<double>::from_shape({values.size() / columns, columns});
    std::copy(values.begin(), values.end(), result.begin());
    return result;
}

/// A report on rows of two classes, of which the network says how likely each is.
ReportData two_classes(const std::vector<double>& outputs, std::vector<std::int32_t> labels) {
    ReportData report{.network = "net", .outputs_are_probabilities = true, .outputs = matrix(2, outputs)};
    report.labels = std::move(labels);
    report.names = {"no", "yes"};
    report.columns = {{"x", 0, {}}};
    report.features = [](std::size_t row) { return std::vector<double>{static_cast<double>(row)}; };
    return report;
}

ReportData numbers(std::size_t columns, const std::vector<double>& outputs, const std::vector<double>& targets) {
    ReportData report{.task = Task::numbers, .outputs = matrix(columns, outputs), .targets = matrix(columns, targets)};
    for (std::size_t k = 0; k < columns; ++k) report.names.push_back("y" + std::to_string(k));
    return report;
}

History losses(const std::vector<double>& training, const std::vector<double>& validation = {}) {
    History history;
    for (std::size_t i = 0; i < training.size(); ++i) {
        history.epochs.push_back({.epoch = i + 1, .loss = training[i]});
        if (!validation.empty()) history.epochs.back().validation_loss = validation[i];
    }
    return history;
}

std::vector<std::string> notes_on(const History& history) {
    std::vector<std::string> notes;
    detail::note_losses(history, {}, notes);
    return notes;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_SUITE("report/detail/sections") {
    TEST_CASE("the class of outputs") {
        CHECK(detail::class_of(std::vector{0.2, 0.5, 0.3}) == 1);
        CHECK(detail::class_of(std::vector{0.5, 0.5}) == 0);
        CHECK(detail::class_of(std::vector{0.5}) == 1);
        CHECK(detail::class_of(std::vector{0.49}) == 0);
        CHECK(detail::class_of(std::vector{0.5, not_a_number}) == -1);
    }

    TEST_CASE("rows without a class are mistakes, and left out of what is about classes") {
        const ReportData report = two_classes({0.9, 0.1, not_a_number, 0.5, 0.2, 0.8, 0.7, 0.3}, {0, 0, 1, 1});
        const detail::Classified rows = detail::classify(report);
        CHECK(rows.accuracy == 0.5);
        CHECK(rows.without_class == 1);
        CHECK(rows.actual == std::vector<std::int32_t>{0, 1, 1});
        CHECK(rows.predicted == std::vector<std::int32_t>{0, 1, 0});
        CHECK(rows.scores == std::vector{0.1, 0.8, 0.3});
        CHECK(contains(detail::report_page(report, {}, {}), "1 row got outputs that are NaN"));
    }

    TEST_CASE("rows of weight 0 count nowhere") {
        ReportData report = two_classes({0.9, 0.1, 0.1, 0.9, 0.2, 0.8}, {0, 0, 1});
        report.weights = RowWeights({1, 0, 2});
        const detail::Classified rows = detail::classify(report);
        CHECK(rows.accuracy == 1);
        CHECK(rows.actual == std::vector<std::int32_t>{0, 1});
        CHECK(rows.weights.values() == std::vector<float>{1, 2});
    }

    TEST_CASE("the most confident mistakes come first, of equal ones the first row") {
        const ReportData report = two_classes({0.1, 0.9, 0.4, 0.6, 0.8, 0.2, 0.1, 0.9, 0.7, 0.3}, {0, 0, 0, 0, 1});
        const auto mistakes = detail::worst_mistakes(report, {.mistakes = 3});
        REQUIRE(mistakes.size() == 3);
        CHECK(mistakes[0].row == 0);
        CHECK(mistakes[1].row == 3);
        CHECK(mistakes[2].row == 4);
        CHECK(mistakes[2].actual == "yes");
        CHECK(mistakes[2].predicted == "no");
        CHECK(mistakes[2].certainty == "70.00 %");
        CHECK(detail::worst_mistakes(report, {}).size() == 4);
        CHECK(detail::worst_mistakes(report, {.mistakes = 0}).empty());
    }

    TEST_CASE("a single output that says no is as certain as it is far from 1") {
        ReportData report = two_classes({0.5, 0.5}, {1});
        report.outputs = matrix(1, {0.2});
        const auto mistakes = detail::worst_mistakes(report, {});
        REQUIRE(mistakes.size() == 1);
        CHECK(mistakes[0].certainty == "80.00 %");
        CHECK(mistakes[0].predicted == "no");
    }

    TEST_CASE("errors of outputs with other units are compared by their own mean error") {
        const auto mistakes =
            detail::worst_mistakes(numbers(2, {1000, 0, 0, 0, 0, 3, 0, not_a_number}, {0, 0, 100, 0, 0, 0, 0, 0}), {});
        REQUIRE(mistakes.size() == 3);
        CHECK(mistakes[0].row == 2);
        CHECK(mistakes[0].predicted == "y1: 3");
        CHECK(mistakes[1].row == 0);
        CHECK(mistakes[2].row == 1);
        const auto single = detail::worst_mistakes(numbers(1, {1, 5, 2}, {1, 1, 4}), {});
        REQUIRE(single.size() == 2);  // the first row has no error
        CHECK(single[0].row == 1);
        CHECK(single[0].certainty == "4");
        CHECK(single[1].certainty == "-2");
    }

    TEST_CASE("images of mistakes are limited by their pixels") {
        const std::vector<detail::Mistake> mistakes(3, detail::Mistake{.actual = "<a>", .predicted = "b"});
        ReportData report = two_classes({0.5, 0.5}, {1});
        report.features = [](std::size_t) { return std::vector<double>(400 * 300, 0.5); };
        const std::string pictures = detail::mistakes_pictures(report, mistakes, {400, 300});
        CHECK(pictures.find("<img") == pictures.rfind("<img"));
        CHECK(contains(pictures, "alt=\"row 0, an image: true &lt;a&gt;, predicted b\""));
    }

    TEST_CASE("more classes than a matrix can show become pairs that are confused") {
        const ReportData two = two_classes({0.9, 0.1, 0.1, 0.9}, {0, 0});
        CHECK(contains(detail::report_page(two, {}, {}), "Rows by true class"));
        ReportData report = two;
        report.outputs = xt::zeros<double>({3, 50});
        for (const std::size_t row : {0U, 1U, 2U}) report.outputs(row, 7) = 1;
        report.labels = {49, 7, 49};
        report.names.assign(50, "");
        for (std::size_t c = 0; c < 50; ++c) report.names[c] = "class " + std::to_string(c);
        const std::string page = detail::report_page(report, {}, {});
        CHECK_FALSE(contains(page, "Rows by true class"));
        CHECK(contains(page, "<th scope=\"row\">class 49</th><td>class 7</td><td>2</td>"));
    }

    TEST_CASE("what losses say is said in words") {
        CHECK(notes_on({}).empty());
        CHECK(notes_on(losses({1})).empty());
        CHECK(notes_on(losses({1, 0.5, 0.2}, {1, 0.6, 0.5})).empty());
        const auto overfitted = notes_on(losses({1, 0.5, 0.2, 0.1}, {1, 0.6, 0.7, 0.9}));
        REQUIRE(overfitted.size() == 1);
        CHECK(contains(overfitted[0], "The validation loss was lowest in epoch 2, at 0.6, and ended at 0.9"));
        const auto stuck = notes_on(losses({2.3, 2.31, 2.3}));
        REQUIRE(stuck.size() == 1);
        CHECK(contains(stuck[0], "hardly fell"));
        const auto diverged = notes_on(losses({2, 1, detail::infinity<double>, not_a_number}));
        REQUIRE(diverged.size() == 1);
        CHECK(contains(diverged[0], "not finite in epoch 3"));
        CHECK(notes_on(losses({1, 0.5, 0.2}, {not_a_number, not_a_number, not_a_number})).empty());
    }

    TEST_CASE("dead units and parameters that aren't finite are noted, but not for layers that are set") {
        ReportData report = two_classes({0.9, 0.1}, {0});
        LayerSummary layer;
        layer.name = "Dense<5, ReLU>";
        layer.units = 5;
        layer.zero_units = 2;
        layer.constant_units = 1;
        report.sampled_rows = 100;
        report.layers = {layer, layer};
        report.layers[1].is_trained = true;
        std::vector<std::string> notes;
        detail::note_layers(report, notes);
        REQUIRE(notes.size() == 1);
        CHECK(contains(notes[0], "3 of 5 units of layer 1: Dense<5, ReLU> put out the same for each of 100 rows"));
    }

    TEST_CASE("classes that are never predicted are noted") {
        const std::string page = detail::report_page(two_classes({0.9, 0.1, 0.8, 0.2}, {0, 1}), {}, {});
        CHECK(contains(page, "These classes are never predicted: yes."));
        CHECK_FALSE(contains(page, "There are no rows of these classes"));
    }

    TEST_CASE("a loss that falls by powers of ten has a logarithmic scale") {
        CHECK(contains(detail::training_section(losses({1, 0.1, 0.01}), {}), "Loss (logarithmic)"));
        CHECK_FALSE(contains(detail::training_section(losses({1, 0.5, 0.2}), {}), "logarithmic"));
        CHECK_FALSE(contains(detail::training_section(losses({1, 0.1, 0}), {}), "logarithmic"));
        CHECK(detail::training_section({}, {}).empty());
    }

    TEST_CASE("the values of a row's columns") {
        const std::vector<double> features{1.25, not_a_number, 0, 1, 0, 0};
        CHECK(detail::input_text({"x", 0, {}}, features) == "1.25");
        CHECK(detail::input_text({"x", 1, {}}, features) == "missing");
        CHECK(detail::input_text({"x", 2, {"a", "b"}}, features) == "b");
        CHECK(detail::input_text({"x", 4, {"a", "b"}}, features) == "none");
    }

    TEST_CASE("weights are drawn by their sign and strength") {
        ReportData report = two_classes({0.9, 0.1}, {0});
        CHECK(detail::weight_pictures(report, {1, 2}).empty());
        report.first_weights = matrix(3, {1, -1, 0.5, 0, 0, not_a_number});
        const std::string figure = detail::weight_pictures(report, {1, 2});
        CHECK(contains(figure, "Weights of the first 3 of 3 units of layer 0"));
        CHECK(contains(figure, "width=\"10\" height=\"1\""));
        report.first_weights = matrix(1, {not_a_number, not_a_number});
        CHECK(detail::weight_pictures(report, {1, 2}).empty());
    }

    TEST_CASE("targets that are not finite break nothing") {
        const ReportData report = numbers(1, {not_a_number, 1}, {1, 1});
        CHECK(contains(detail::report_page(report, {}, {}), "NaN"));
    }
}
