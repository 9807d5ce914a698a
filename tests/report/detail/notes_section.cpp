#include <string>
#include <support/reports.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/report/detail/answers_section.hpp>
#include <typenet/report/detail/layer_summary.hpp>
#include <typenet/report/detail/notes_section.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using detail::LayerSummary;
using detail::ReportData;
using support::contains;
using support::losses;
using support::two_classes;

namespace {

constexpr double not_a_number = detail::nan<double>;

std::vector<std::string> notes_on(const History& history) {
    std::vector<std::string> notes;
    detail::note_losses(history, {}, notes);
    return notes;
}

std::string section_on(const ReportData& report) {
    return detail::notes_section(report, detail::classify(report), {}, {});
}

}  // namespace

TEST_SUITE("report/detail/notes_section") {
    TEST_CASE("what losses say is said in words") {
        CHECK(notes_on({}).empty());
        CHECK(notes_on(losses({1})).empty());
        CHECK(notes_on(losses({1, 0.5, 0.2}, {1, 0.6, 0.5})).empty());
        const auto overfitted = notes_on(losses({1, 0.5, 0.2, 0.1}, {1, 0.6, 0.7, 0.9}));
        REQUIRE(overfitted.size() == 1);
        CHECK(contains(overfitted[0], "The validation loss was lowest in epoch 2, at 0.6, and ended at 0.9"));
        CHECK(contains(overfitted[0], "by heart"));
        const auto rising = notes_on(losses({1, 0.5, 0.6, 0.9}, {1, 0.6, 0.7, 0.9}));
        REQUIRE(rising.size() == 1);
        CHECK(contains(rising[0], "lowest in epoch 2, at 0.6, and ended at 0.9. The training loss rose, too"));
        CHECK_FALSE(contains(rising[0], "by heart"));
        CHECK(notes_on(losses({1, 0.5, 0.2}, {1, 1e-6, 2e-6})).empty());
        CHECK(notes_on(losses({-1, -2, -2}, {-2, -2, -2})).empty());
        CHECK(notes_on(losses({1, 0.5, 0.2}, {0.001, 0.0011, 0.002})).size() == 1);
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
        CHECK(contains(notes[0], "LeakyReLU"));
        report.layers[1].zero_units = 0;
        notes.clear();
        detail::note_layers(report, notes);
        REQUIRE(notes.size() == 1);
        CHECK(contains(notes[0], "1 of 5 units"));
        CHECK_FALSE(contains(notes[0], "LeakyReLU"));
    }

    TEST_CASE("parameters that aren't finite are noted") {
        ReportData report = two_classes({0.9, 0.1}, {0});
        report.layers.resize(1);
        report.layers[0].name = "Dense<5, ReLU>";
        report.layers[0].weights = detail::distribution_of(std::vector{1.0, not_a_number, detail::infinity<double>});
        std::vector<std::string> notes;
        detail::note_layers(report, notes);
        REQUIRE(notes.size() == 1);
        CHECK(contains(notes[0], "2 parameters of layer 0: Dense<5, ReLU> are not finite"));
    }

    TEST_CASE("classes that are missing on one side are noted") {
        const std::string unpredicted = section_on(two_classes({0.9, 0.1, 0.8, 0.2}, {0, 1}));
        CHECK(contains(unpredicted, "These classes are never predicted: yes."));
        CHECK_FALSE(contains(unpredicted, "There are no rows of these classes"));
        const std::string without_rows = section_on(two_classes({0.9, 0.1, 0.2, 0.8}, {0, 0}));
        CHECK(contains(without_rows, "There are no rows of these classes: yes."));
        CHECK_FALSE(contains(without_rows, "These classes are never predicted"));
    }

    TEST_CASE("rows without a class are noted") {
        CHECK(contains(section_on(two_classes({0.9, 0.1, not_a_number, 0.5, 0.2, 0.8}, {0, 0, 1})),
                       "1 row got outputs that are NaN"));
    }

    TEST_CASE("where nothing deserves a look, there is no section") {
        CHECK(section_on(two_classes({0.9, 0.1, 0.2, 0.8}, {0, 1})).empty());
    }
}
