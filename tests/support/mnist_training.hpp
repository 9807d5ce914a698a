#pragma once

#include <cstdint>
#include <fstream>
#include <mnist/commands.hpp>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <support/temporary_file.hpp>

namespace support {

/// Trains a recipe on the files of a folder and returns the report of `mnist train`.
inline nlohmann::json train_mnist(const std::string& folder, const std::string& recipe, std::uint64_t seed) {
    const TemporaryDirectory temporary;
    const std::string json = (temporary / "result.json").string();
    std::ostringstream out;
    mnist::train({.data = folder, .recipe = recipe, .seed = seed, .json = json}, out);
    std::ifstream in(json);
    return nlohmann::json::parse(in);
}

}  // namespace support
