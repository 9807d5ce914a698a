#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/platform/detail/system.hpp>
#include <typenet/platform/path_text.hpp>

namespace TYPENET {

/// Reads a file or a pipe from its beginning to its end. Nothing is buffered: bytes go from the system to where the
/// caller wants them, so that large pieces are fast.
class FileReader {
public:
    /// Throws FileError when the file is a directory, is missing, or cannot be opened.
    explicit FileReader(const std::filesystem::path& path) : name_(detail::path_text(path)) {
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) throw FileError(name_, "is a directory, not a file");
        errno = 0;
        file_.reset(detail::system::open_file(path, "rb"));
        if (!file_) fail("cannot be opened: ");
        (void)std::setvbuf(file_.get(), nullptr, _IONBF, 0);
        if (std::fseek(file_.get(), 0, SEEK_END) == 0) {
            size_ = static_cast<std::size_t>(std::max(std::ftell(file_.get()), 0L));
            std::rewind(file_.get());
        }
    }

    /// Writes the next `count` bytes to `out`, or as many as are left, and returns how many. Throws FileError when the
    /// file cannot be read, or ends earlier than it did when it was opened.
    std::size_t read(char* out, std::size_t count) {
        errno = 0;
        const std::size_t got = std::fread(out, 1, count, file_.get());
        if (got != count && std::ferror(file_.get()) != 0) fail("cannot be read: ");
        position_ += got;
        if (got != count && position_ < size_) throw FileError(name_, "became shorter while it was read");
        return got;
    }

    /// Returns how many bytes the file had when it was opened; 0 where that isn't known, such as for a pipe.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
    [[noreturn]] void fail(std::string reason) const {
        throw FileError(name_, std::move(reason) + std::generic_category().message(errno));
    }

    std::string name_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
    std::size_t size_ = 0;
    std::size_t position_ = 0;  ///< how many bytes have been read
};

/// Reads all that is left and returns it. `reader` has FileReader's `read`; `expected` is how many bytes there should
/// be, or 0.
template <class Reader>
[[nodiscard]] std::string read_all(Reader& reader, std::size_t expected) {
    std::string bytes;
    for (std::size_t piece = std::max(expected, std::size_t{1} << 16) + 1;; piece = bytes.size()) {
        const std::size_t done = bytes.size();
        bytes.resize(done + piece);
        const std::size_t got = reader.read(bytes.data() + done, piece);
        bytes.resize(done + got);
        if (got != piece) return bytes;
    }
}

/// Returns the bytes of a file. Throws FileError as FileReader does.
[[nodiscard]] inline std::string read_file(const std::filesystem::path& path) {
    FileReader reader(path);
    return read_all(reader, reader.size());
}

}  // namespace TYPENET
