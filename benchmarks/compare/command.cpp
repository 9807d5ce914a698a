#include "command.hpp"

#include <algorithm>
#include <exception>
#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>

#include <typenet/core/random.hpp>

namespace compare {

std::optional<std::size_t> Command::number_after(const std::string& kind) const {
    const std::string start = kind + "_";
    if (task.rfind(start, 0) != 0) return std::nullopt;
    const std::string rest = task.substr(start.size());
    if (rest.empty() || rest.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
    return std::stoul(rest);
}

int run(int argc, char** argv, const std::function<Json(const Command&)>& task) {
    CLI::App app("One task of the comparison");
    Command command;
    app.add_option("task", command.task)->required();
    app.add_option("--threads", command.threads);
    app.add_option("--data", command.data);
    app.add_option("--seed", command.seed);
    CLI11_PARSE(app, argc, argv);
    try {
        std::cout << task(command).dump() << '\n';
    } catch (const Unavailable& reason) {
        std::cout << Json{{"unavailable", reason.what()}}.dump() << '\n';
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
        return 1;
    }
    return 0;
}

Json seconds_of(const std::string& name, double seconds) { return {{"seconds", {{name, seconds}}}}; }

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

std::vector<float> uniform(std::size_t count, std::uint64_t seed) {
    typenet::Random random(typenet::Seed{seed});
    std::vector<float> values(count);
    std::generate(values.begin(), values.end(), [&] { return static_cast<float>(1 - typenet::uniform(random)); });
    return values;
}

std::vector<std::int32_t> random_labels(std::size_t count, std::uint32_t classes, std::uint64_t seed) {
    typenet::Random random(typenet::Seed{seed});
    std::vector<std::int32_t> labels(count);
    std::generate(labels.begin(), labels.end(),
                  [&] { return static_cast<std::int32_t>(typenet::uniform_index(random, classes)); });
    return labels;
}

}  // namespace compare
