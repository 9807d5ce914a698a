#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <typenet/data/dataset.hpp>

namespace mnist {

enum class Part { train, test };

/// Where the digits come from: a folder with MNIST's files or, if `folder` is empty, synthetic digits.
struct Source {
    std::optional<std::filesystem::path> folder;

    /// Returns a text for people, such as "MNIST from data/mnist" or "synthetic digits".
    [[nodiscard]] std::string describe() const;
};

/// Returns the folder `option` if it is not empty, else the folder that the environment variable TYPENET_MNIST_DIR
/// names, else data/mnist if it has MNIST's files, else the synthetic digits. Throws typenet::FileError if a named
/// folder has no MNIST files.
Source find_digits(const std::string& option);

/// Reads 60,000 digits to train on or 10,000 to test with, from mnist_train.csv and mnist_test.csv or from the IDX
/// files, raw or gzipped, spelled train-images-idx3-ubyte or train-images.idx3-ubyte. The pixels are stored as bytes.
/// Throws typenet::FileError if the files can't be read.
typenet::Dataset<784> load_digits(const Source& source, Part part);

}  // namespace mnist
