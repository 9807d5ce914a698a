#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/platform/detail/system.hpp>
#include <typenet/platform/path_text.hpp>

/// `replace_file` writes files that must never be half written. The library writes all files with it except CSV files
/// and logs for TensorBoard, which grow while they are written.
///
/// The new contents first go into a temporary file in the same folder. It is in use, for other processes to see, until
/// it has its final name. So a temporary file that isn't in use belonged to a process that was killed, and the next
/// call in that folder removes it.
namespace TYPENET {

namespace detail {

inline constexpr std::string_view temporary_ending = ".typenet.tmp";

[[noreturn]] inline void fail_to_write(const std::filesystem::path& path, std::string_view what) {
    throw FileError(path_text(path), join({what, ": ", std::generic_category().message(errno)}));
}

/// Closes and removes a temporary file, unless `rename` has given it its final name.
class TemporaryFile {
public:
    /// Makes a new file beside `path`. Throws FileError.
    explicit TemporaryFile(const std::filesystem::path& path) {
        static std::atomic<unsigned> calls = 0;  // makes names unique where two threads replace the same file
        do {
            path_ = path;
            path_ += join({".", system::process_id(), ".", calls++, temporary_ending});
            file_.reset(system::create_file(path_));
        } while (!file_ && errno == EEXIST);
        if (!file_) fail_to_write(path, "cannot be written");
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (path_.empty()) return;
        if (!system::renames_open_files) file_.reset();  // nor are open files removed there
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }

    [[nodiscard]] std::FILE* get() const noexcept { return file_.get(); }

    /// Gives the file its final name. Throws FileError.
    void rename(const std::filesystem::path& path) {
        if (!system::renames_open_files && std::fclose(file_.release()) != 0) fail_to_write(path, "cannot be written");
        if (const std::error_code error = system::replace(path_, path)) {
            throw FileError(path_text(path), join({"cannot be replaced: ", error.message()}));
        }
        path_.clear();
    }

private:
    std::filesystem::path path_;
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
};

/// Returns the file that a path leads to through symbolic links, even where that file doesn't exist yet.
inline std::filesystem::path follow_links(std::filesystem::path path) {
    std::error_code error;
    for (int links = 0; links < 40 && std::filesystem::is_symlink(path, error); ++links) {
        const std::filesystem::path target = std::filesystem::read_symlink(path, error);
        if (error) break;
        path = path.parent_path() / target;  // the target alone where it is absolute
    }
    return path;
}

/// Returns whether a path names a file that a process has open, such as /dev/stdout.
inline bool names_open_file(const std::filesystem::path& path) {
    const std::string name = path_text(path);
    return name == "/dev/stdout" || name == "/dev/stderr" || name.starts_with("/dev/fd/") ||
           (name.starts_with("/proc/") && name.find("/fd/") != std::string::npos);
}

/// Writes all bytes to an open file and on to the operating system. Throws FileError, with the name `path`.
inline void write_all(std::FILE* file, const std::filesystem::path& path, std::span<const std::byte> bytes) {
    if (!bytes.empty() && std::fwrite(bytes.data(), bytes.size(), 1, file) != 1) {
        fail_to_write(path, "cannot be written");
    }
    if (std::fflush(file) != 0) fail_to_write(path, "cannot be written");
}

}  // namespace detail

/// Writes a file so that readers find either its old contents or its new ones, also after a crash: writes a temporary
/// file beside it, syncs that to the disk and renames it to `path`. A file that exists keeps its permissions and, where
/// this process may set them, owner and group; of a symbolic link, the file that it leads to is replaced. To a pipe, a
/// terminal and the like, and to a file that is named as an open one, such as /dev/stdout, the contents are appended.
/// Throws FileError; the old file is then unchanged and the temporary file removed.
inline void replace_file(const std::filesystem::path& path, std::span<const std::byte> contents) {
    using std::filesystem::file_type;
    std::error_code error;
    const file_type type = std::filesystem::status(path, error).type();
    if (type == file_type::directory) throw FileError(detail::path_text(path), "is a directory, not a file");
    errno = 0;
    if (type == file_type::fifo || type == file_type::character ||
        (type == file_type::regular && detail::names_open_file(path))) {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(detail::system::open_file(path, "ab"), &std::fclose);
        if (!file) detail::fail_to_write(path, "cannot be written");
        return detail::write_all(file.get(), path, contents);
    }
    if (type == file_type::none) {
        throw FileError(detail::path_text(path), detail::join({"cannot be written: ", error.message()}));
    }
    if (type != file_type::regular && type != file_type::not_found) {
        throw FileError(detail::path_text(path), "is neither a file nor a pipe");
    }
    const std::filesystem::path target = detail::follow_links(path);
    detail::system::remove_abandoned_files(target.has_parent_path() ? target.parent_path() : ".",
                                           detail::temporary_ending);
    detail::TemporaryFile temporary(target);
    if (!detail::system::take_over_permissions(temporary.get(), target)) {
        detail::fail_to_write(path, "cannot be written");
    }
    detail::write_all(temporary.get(), path, contents);
    if (!detail::system::sync_to_disk(temporary.get())) detail::fail_to_write(path, "cannot be synced to the disk");
    temporary.rename(target);
}

}  // namespace TYPENET
