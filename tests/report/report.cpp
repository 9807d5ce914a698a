#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <support/reports.hpp>
#include <support/temporary_file.hpp>
#include <typenet/report/report.hpp>
#include <typenet/typenet.hpp>
#include <vector>

#include <doctest/doctest.h>

using namespace typenet;
using support::bytes_of;
using support::contains;
using support::TemporaryDirectory;

namespace {

using Net = Mlp<float, Input<2>, Dense<4, Tanh>, Dense<2, Softmax>>;

Dataset<2> points(Seed seed, std::size_t rows = 100) {
    Random random(seed);
    std::vector<std::array<float, 2>> x(rows);
    std::vector<int> labels;
    for (auto& point : x) {
        point = {static_cast<float>(normal(random)), static_cast<float>(normal(random))};
        labels.push_back(point[0] * point[1] > 0 ? 1 : 0);
    }
    return make_dataset<2>(x, labels);
}

}  // namespace

TEST_SUITE("report/report") {
    TEST_CASE("the same network, history, data and options give the same file") {
        const TemporaryDirectory folder;
        const Dataset<2> data = points(Seed{1});
        Net net(Seed{2});
        History history;
        history.epochs = {{.epoch = 1, .loss = 0.5, .accuracy = 0.75, .seconds = 1}};
        write_report(folder / "a.html", net, history, data);
        write_report(folder / "b.html", net, history, data, {.threads = 2});
        const std::string page = bytes_of(folder / "a.html");
        CHECK(page == bytes_of(folder / "b.html"));
        CHECK(contains(page, "<h1>Training report</h1>"));
        CHECK(contains(page, "tried on 100 validation rows"));
        CHECK(contains(page, detail::html::percent(accuracy(net, data))));
        CHECK(page.size() < 100'000);
    }

    TEST_CASE("a report that can't be written leaves the old one") {
        const TemporaryDirectory folder;
        const std::filesystem::path path = folder.write("old.html", "old");
        const Net net(Seed{2});
        const Dataset<2> empty{Features<2>(std::vector<float>{}), Labels({})};
        CHECK_THROWS_AS(write_report(path, net, {}, empty), DataError);
        CHECK_THROWS_AS(write_report(path, net, {}, points(Seed{1}), {.class_names = {"one"}}), OptionError);
        CHECK(bytes_of(path) == "old");
        CHECK_THROWS_AS(write_report(folder.path(), net, {}, points(Seed{1})), FileError);
        CHECK_THROWS_AS(write_report(folder / "none/x.html", net, {}, points(Seed{1})), FileError);
    }

    TEST_CASE("the callback reports on the validation rows, with what the training depends on") {
        const TemporaryDirectory folder;
        const Dataset<2> train = points(Seed{1});
        const Dataset<2> validation = points(Seed{3}, 60);
        Net net(Seed{2});
        Net same(Seed{2});
        const FitOptions<Dataset<2>> options{.epochs = 3, .seed = Seed{77}, .validation = &validation};
        fit<CrossEntropy>(net, train, Adam{.learning_rate = 0.0123}, options,
                          HtmlReport(folder / "report.html", {.title = "Points", .class_names = {"minus", "plus"}}));
        fit<CrossEntropy>(same, train, Adam{.learning_rate = 0.0123}, options);
        CHECK(parameter_hash(net) == parameter_hash(same));
        const std::string page = bytes_of(folder / "report.html");
        CHECK(contains(page, "<h1>Points</h1>"));
        CHECK(contains(page, "tried on 60 validation rows"));
        CHECK(contains(page, detail::html::percent(accuracy(net, validation))));
        CHECK(contains(page, "learning_rate 0.0123"));
        CHECK(contains(page, "<th scope=\"row\">seed</th><td>77</td>"));
        CHECK(contains(page, "minus"));
    }

    TEST_CASE("without validation rows, the callback reports on the training rows and says so") {
        const TemporaryDirectory folder;
        Net net(Seed{2});
        fit<CrossEntropy>(net, points(Seed{1}), Adam{}, {.epochs = 1}, HtmlReport(folder / "report.html"));
        CHECK(contains(bytes_of(folder / "report.html"), "tried on 100 training rows"));
    }

    TEST_CASE("the callback refuses what can't be written before the training begins") {
        const TemporaryDirectory folder;
        Net net(Seed{2});
        const Net before = net;
        const auto train_with = [&](const HtmlReport& report) {
            fit<CrossEntropy>(net, points(Seed{1}), Adam{}, {.epochs = 1}, HtmlReport(report));
        };
        CHECK_THROWS_AS(train_with(HtmlReport(folder / "none/report.html")), FileError);
        CHECK_THROWS_AS(train_with(HtmlReport(folder / "report.html", {.image = {1, 1}})), OptionError);
        CHECK(parameter_hash(net) == parameter_hash(before));
        CHECK_FALSE(std::filesystem::exists(folder / "report.html"));
    }
}
