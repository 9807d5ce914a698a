#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace support {

/// Returns a file's bytes; empty where it can't be read.
inline std::string bytes_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// A new, empty temporary directory. The destructor removes it with all its files.
class TemporaryDirectory {
public:
    TemporaryDirectory() {
        static std::atomic<unsigned> counter = 0;
        std::random_device device;
        do {
            const std::uint64_t number = std::uint64_t{device()} << 16 | (++counter & 0xFFFFU);
            path_ = std::filesystem::temp_directory_path() / ("typenet-" + std::to_string(number));
        } while (!std::filesystem::create_directory(path_));
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

    /// Writes a file with exactly these bytes, replacing an old one, and returns its path.
    [[nodiscard]] std::filesystem::path write(std::string_view name, std::string_view bytes) const {
        const std::filesystem::path path = path_ / name;
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file) throw std::runtime_error("the test cannot write " + path.string());
        return path;
    }

private:
    std::filesystem::path path_;
};

}  // namespace support
