#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

namespace support {

inline std::string environment(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// Returns the folder with MNIST's files, as TYPENET_MNIST_DIR names it; empty where there is none.
inline std::string mnist_folder() { return environment("TYPENET_MNIST_DIR"); }

/// Returns the folder with Fashion-MNIST's files: the one that TYPENET_FASHION_MNIST_DIR names, else the one of
/// Debian's package dataset-fashion-mnist; empty where there is none.
inline std::string fashion_mnist_folder() {
    const std::string named = environment("TYPENET_FASHION_MNIST_DIR");
    const std::string packaged = "/usr/share/datasets/fashion-mnist";
    return named.empty() && std::filesystem::is_directory(packaged) ? packaged : named;
}

/// Returns a sentence that says what a test suite lacks on this machine; empty where it can run.
inline std::string missing_data(std::string_view suite) {
    if (suite == "real_data/fashion_mnist") {
        return fashion_mnist_folder().empty()
                   ? "TYPENET_FASHION_MNIST_DIR does not name a folder with Fashion-MNIST's files"
                   : "";
    }
    if (suite == "examples/mnist/web_page" &&
        std::system("sh '" MNIST_WEB_FOLDER "/compile.sh' --check 2>/dev/null") != 0) {
        return "there is no compiler for WebAssembly";
    }
    if (suite.starts_with("real_data/") && mnist_folder().empty()) {
        return "TYPENET_MNIST_DIR does not name a folder with MNIST's files";
    }
    return "";
}

}  // namespace support
