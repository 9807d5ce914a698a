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

/// The folder with MNIST's files, or nothing where there is none, as in the next two.
inline std::string mnist_folder() { return environment("TYPENET_MNIST_DIR"); }

/// Where TYPENET_FASHION_MNIST_DIR doesn't name it, that of Debian's package dataset-fashion-mnist.
inline std::string fashion_mnist_folder() {
    const std::string named = environment("TYPENET_FASHION_MNIST_DIR");
    const std::string packaged = "/usr/share/datasets/fashion-mnist";
    return named.empty() && std::filesystem::is_directory(packaged) ? packaged : named;
}

/// What a test suite lacks, or nothing.
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
