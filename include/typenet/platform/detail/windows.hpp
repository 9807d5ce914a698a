#pragma once

#include <typenet/core/namespace.hpp>
#include <typenet/platform/path_text.hpp>

#if defined(_WIN32)
#    include <cerrno>
#    include <chrono>
#    include <cstdio>
#    include <cstdlib>
#    include <cwchar>
#    include <filesystem>
#    include <optional>
#    include <string>
#    include <string_view>
#    include <system_error>
#    include <thread>

#    include <fcntl.h>
#    include <io.h>
#    include <process.h>
#    include <share.h>
#    include <sys/stat.h>

/// Files on Windows, by what its C library has: <windows.h> would bring macros such as min and max. Paths are wide, so
/// that names may have characters that the code page lacks. platform/detail/system.hpp says what each function
/// promises.
namespace TYPENET::detail::system {

/// Repeats an attempt until it returns true, for about a second.
template <class Attempt>
void repeat_for_a_second(Attempt attempt) {
    for (int tries = 0; !attempt() && tries < 100; ++tries) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

inline std::FILE* open_file(const std::filesystem::path& path, const char* mode) {
    // At the moment in which a file is renamed, nobody else can open it.
    constexpr unsigned long sharing_violation = 32;  // ERROR_SHARING_VIOLATION of <windows.h>
    const std::wstring wide_mode(mode, mode + std::string_view(mode).size());
    std::FILE* file = nullptr;
    repeat_for_a_second([&] {
        file = ::_wfopen(path.c_str(), wide_mode.c_str());
        return file != nullptr || _doserrno != sharing_violation;
    });
    return file;
}

inline long process_id() noexcept { return ::_getpid(); }

/// Opens a file, and makes it where there is none. While it is open, nobody can remove it.
inline int create_descriptor(const std::filesystem::path& path, int flags, int sharing) noexcept {
    return ::_wsopen(path.c_str(), flags | _O_CREAT | _O_BINARY | _O_NOINHERIT, sharing, _S_IREAD | _S_IWRITE);
}

inline std::FILE* create_file(const std::filesystem::path& path) {
    const int descriptor = create_descriptor(path, _O_WRONLY | _O_EXCL, _SH_DENYNO);
    if (descriptor < 0) return nullptr;
    std::FILE* const file = ::_fdopen(descriptor, "wb");
    if (file == nullptr) {
        const int reason = errno;
        ::_close(descriptor);
        ::_wunlink(path.c_str());
        errno = reason;
    }
    return file;
}

inline void remove_abandoned_files(const std::filesystem::path& folder, std::string_view ending) {
    // An open file can't be removed. One that is in use is closed only for the moment before it is renamed, so that its
    // last change was no hour ago.
    const auto an_hour_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        if (!path_text(entry->path()).ends_with(ending)) continue;
        std::error_code failure;
        const bool is_file = entry->is_regular_file(failure);
        const auto last_change = entry->last_write_time(failure);
        if (!failure && is_file && last_change < an_hour_ago) std::filesystem::remove(entry->path(), failure);
    }
}

inline bool take_over_permissions(std::FILE*, const std::filesystem::path&) noexcept {
    return true;  // they are the folder's
}

inline bool sync_to_disk(std::FILE* file) noexcept { return ::_commit(::_fileno(file)) == 0; }

inline constexpr bool renames_open_files = false;

inline std::error_code replace(const std::filesystem::path& from, const std::filesystem::path& to) {
    // A file that somebody has open can't be replaced. Virus scanners open new files for a moment.
    std::error_code error;
    repeat_for_a_second([&] {
        std::filesystem::rename(from, to, error);
        return error != std::errc::permission_denied;
    });
    return error;
}

// Folders can't be locked: a file in it is, and the system removes that when it is closed or the process ends.

inline std::optional<int> lock_folder(const std::filesystem::path& folder) {
    const std::filesystem::path file = folder / "typenet.lock";
    const int descriptor = create_descriptor(file, _O_RDWR | _O_TEMPORARY, _SH_DENYRW);
    std::error_code ignored;
    if (descriptor < 0 && errno == EACCES && std::filesystem::exists(file, ignored)) return std::nullopt;
    return descriptor;
}

inline void unlock_folder(int lock) noexcept {
    if (lock >= 0) ::_close(lock);
}

}  // namespace TYPENET::detail::system

#endif
