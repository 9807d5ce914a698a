// Measures load_csv and load_idx, in bytes of the file per second, from the file cache. The files hold synthetic
// digits. register_loaders() writes them to a temporary folder, which the benchmarks own and remove.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mnist/synthetic.hpp>
#include <random>
#include <typenet/core/error.hpp>
#include <typenet/data/csv.hpp>
#include <typenet/data/idx.hpp>
#include <vector>

#if TYPENET_USE_ZLIB
#    include <zlib.h>
#endif

#include "micro.hpp"

namespace micro {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t rows = 5000;

/// Makes a new temporary folder and removes it, with its files, when destroyed.
class Folder {
public:
    Folder() : path_(fs::temp_directory_path() / ("typenet-micro-" + std::to_string(std::random_device{}()))) {
        fs::create_directory(path_);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    /// Writes a file and returns its path.
    [[nodiscard]] fs::path write(const std::string& name, const std::string& content) const {
        fs::path file = path_ / name;
        std::ofstream(file, std::ios::binary) << content;
        return file;
    }

private:
    fs::path path_;
};

/// Returns the digits in the layout of "MNIST in CSV".
std::string csv_text(const mnist::DigitImages& digits) {
    std::string text = "label";
    for (int row = 1; row <= 28; ++row) {
        for (int column = 1; column <= 28; ++column) {
            text.append(",").append(std::to_string(row)).append("x").append(std::to_string(column));
        }
    }
    text += '\n';
    for (std::size_t i = 0; i < rows; ++i) {
        text += std::to_string(digits.labels[i]);
        for (std::size_t pixel = 0; pixel < 784; ++pixel) {
            text.append(",").append(std::to_string(digits.pixels[i * 784 + pixel]));
        }
        text += '\n';
    }
    return text;
}

/// Returns an IDX file of the given extents and values.
template <class Values>
std::string idx_text(const std::vector<std::uint32_t>& extents, const Values& values) {
    std::string text{'\0', '\0', '\x08', static_cast<char>(extents.size())};
    for (const std::uint32_t extent : extents) {
        for (int shift = 24; shift >= 0; shift -= 8) text += static_cast<char>(extent >> shift & 0xFF);
    }
    for (const auto value : values) text += static_cast<char>(value);
    return text;
}

#if TYPENET_USE_ZLIB
/// Returns `content`, compressed with gzip.
std::string gzipped(const Folder& folder, const std::string& content) {
    const std::string file = folder.write("zipped", "").string();
    gzFile out = gzopen(file.c_str(), "wb");
    const int written = gzwrite(out, content.data(), static_cast<unsigned>(content.size()));
    if (gzclose(out) != Z_OK || written != static_cast<int>(content.size())) {
        throw typenet::FileError(file, "cannot be written");
    }
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}
#endif

/// Registers a benchmark of load(), which reads `bytes` bytes. The benchmark shares ownership of the folder.
template <class Load>
void add_loader(const std::string& name, const std::shared_ptr<Folder>& folder, std::uintmax_t bytes, Load load) {
    add("load/" + name, "bytes", static_cast<double>(bytes), [folder, load] { benchmark::DoNotOptimize(load()); });
}

}  // namespace

void register_loaders() {
    const auto folder = std::make_shared<Folder>();
    const mnist::DigitImages digits = mnist::draw_digits(rows, typenet::Seed{1});
    const fs::path csv = folder->write("digits.csv", csv_text(digits));
    add_loader("csv", folder, fs::file_size(csv), [csv] { return typenet::load_csv<784>(csv, {.label_column = 0}); });

    const std::string images = idx_text({rows, 28, 28}, digits.pixels);
    const fs::path labels = folder->write("labels", idx_text({rows}, digits.labels));
    const auto add_idx = [&](const std::string& name, const fs::path& file) {
        add_loader(name, folder, fs::file_size(file), [file, labels] { return typenet::load_idx<784>(file, labels); });
    };
    add_idx("idx", folder->write("images", images));
#if TYPENET_USE_ZLIB
    add_idx("idx gzip", folder->write("images.gz", gzipped(*folder, images)));
#endif
}

}  // namespace micro
