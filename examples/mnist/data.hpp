#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <typenet/data/dataset.hpp>

namespace mnist {

enum class Part { train, test };

/// Where digits come from: a folder with MNIST's files, or nowhere, and then they are drawn.
struct Source {
    std::optional<std::filesystem::path> folder;

    /// For people, such as "MNIST from data/mnist" or "synthetic digits".
    [[nodiscard]] std::string describe() const;
};

/// `option` where it is not empty, else the folder that TYPENET_MNIST_DIR names, else data/mnist if there are files,
/// else the synthetic digits. Throws typenet::FileError where a folder that was named has no MNIST files.
Source find_digits(const std::string& option);

/// 60,000 digits to train on or 10,000 to test with, from mnist_train.csv and mnist_test.csv or from the IDX files, raw
/// or gzipped. Throws typenet::FileError where they can't be read.
/// The pixels are bytes.
typenet::Dataset<784> load_digits(const Source& source, Part part);

}  // namespace mnist
