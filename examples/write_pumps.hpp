#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <typenet/core/random.hpp>
#include <typenet/data/write_csv.hpp>
#include <vector>

/// Writes a CSV file of 6000 pumps, made up by chance. A pump fails within a month if it runs hot and shakes, or if it
/// has run long under high pressure without service; pumps by Brook last longer. One sensor of vibration in ten is
/// broken.
inline void write_pumps(const std::string& file) {
    using namespace typenet;
    constexpr std::size_t pumps = 6000;
    const auto tenths = [](double x) { return std::round(10 * x) / 10; };
    Random random(Seed{1});
    std::vector<std::string> ids(pumps), makers(pumps), failed(pumps);
    std::vector<double> temperatures(pumps), pressures(pumps), vibrations(pumps), hours(pumps);
    for (std::size_t i = 0; i < pumps; ++i) {
        ids[i] = "P-" + std::to_string(10'000 + i);
        makers[i] = std::vector{"Alder", "Alder", "Brook", "Cole", "Drew"}[uniform_index(random, 5)];
        temperatures[i] = tenths(60 + 10 * normal(random));
        pressures[i] = tenths(400 + 80 * normal(random));
        vibrations[i] = tenths(log_uniform(random, 0.5, 10));
        hours[i] = std::floor(uniform(random, 0, 8000));
        const double heat = (temperatures[i] - 60) / 10 + std::log(vibrations[i] / 2.5);
        const double wear = (pressures[i] - 400) / 80 * hours[i] / 4000;
        const double limit = makers[i] == "Brook" ? 3 : 2;
        failed[i] = std::max(heat, wear) + 0.2 * normal(random) > limit ? "yes" : "no";
        if (uniform(random) < 0.1) vibrations[i] = std::numeric_limits<double>::quiet_NaN();
    }
    write_csv(file, "pump", ids, "maker", makers, "temperature C", temperatures, "pressure kPa", pressures,
              "vibration mm/s", vibrations, "hours since service", hours, "failed", failed);
}
