#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <typenet/core/namespace.hpp>
#include <typenet/data/detail/gzip.hpp>
#include <typenet/platform/file_reader.hpp>

namespace TYPENET::detail {

/// Reads a file of data from its beginning to its end. A gzip file is inflated.
class DataFile {
public:
    /// Throws FileError as FileReader does, and for a gzip file when the program is built without zlib.
    explicit DataFile(const std::filesystem::path& path) : file_(path) {
        begin_size_ = file_.read(begin_.data(), begin_.size());
        const std::string_view begin(begin_.data(), begin_size_);
        if (is_gzip(begin)) gzip_.emplace(begin, file_);
    }
    DataFile(const DataFile&) = delete;
    DataFile& operator=(const DataFile&) = delete;
    ~DataFile() = default;

    /// Writes the next `count` bytes to `out`, or as many as are left, and returns how many. Throws FileError when the
    /// file can't be read or is damaged.
    std::size_t read(char* out, std::size_t count) {
        if (gzip_) return gzip_->read(reinterpret_cast<std::uint8_t*>(out), count);
        const std::size_t first = std::min(count, begin_size_ - begin_done_);
        std::copy_n(begin_.data() + begin_done_, first, out);
        begin_done_ += first;
        return first == count ? count : first + file_.read(out + first, count - first);
    }

    /// Returns how many bytes there are to read in all; 0 where that isn't known, such as for gzip.
    [[nodiscard]] std::size_t size() const noexcept { return gzip_ ? 0 : file_.size(); }

    /// Returns how many bytes there can be at most; 0 where that isn't known, such as for a pipe.
    [[nodiscard]] std::size_t largest_size() const noexcept {
        constexpr std::size_t largest_ratio = 1032;  // inflated to packed bytes, of deflate (zlib's manual)
        return gzip_ ? file_.size() * largest_ratio : file_.size();
    }

    [[nodiscard]] const std::string& name() const noexcept { return file_.name(); }

private:
    FileReader file_;
    std::array<char, 2> begin_{};  // the file's first bytes, which tell whether it is a gzip file
    std::size_t begin_size_ = 0;
    std::size_t begin_done_ = 0;  // how many of them `read` has given
    std::optional<GzipReader> gzip_;
};

}  // namespace TYPENET::detail
