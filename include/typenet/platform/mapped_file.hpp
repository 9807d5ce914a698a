#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#if __has_include(<sys/mman.h>)
#    define TYPENET_HAS_MMAP 1
#    include <sys/mman.h>
#    include <sys/stat.h>
#else
#    define TYPENET_HAS_MMAP 0
#endif

#include <typenet/core/error.hpp>

namespace typenet {

/// The bytes of a file, read-only. On POSIX systems, an ordinary file is mapped into memory, so that it needs no memory
/// of the program's own; a pipe is read to its end, and so is any file on other systems. While a file is mapped, other
/// processes must not shorten it: reading behind its new end raises SIGBUS.
class MappedFile {
public:
    /// Throws FileError when the file is a directory, is missing, or cannot be read.
    explicit MappedFile(const std::filesystem::path& path) {
        const std::string name = path.string();
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) throw FileError(name, "is a directory, not a file");
        errno = 0;
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "rb"), &std::fclose);
        if (!file) throw FileError(name, "cannot be opened: " + std::generic_category().message(errno));
        if (!map(file.get())) read(file.get(), name);
    }

    MappedFile(MappedFile&& other) noexcept
        : copy_(std::move(other.copy_)),
          mapping_(std::exchange(other.mapping_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          released_(std::exchange(other.released_, 0)) {}

    MappedFile& operator=(MappedFile&& other) noexcept {
        std::swap(copy_, other.copy_);
        std::swap(mapping_, other.mapping_);
        std::swap(size_, other.size_);
        std::swap(released_, other.released_);
        return *this;
    }

    ~MappedFile() {
#if TYPENET_HAS_MMAP
        if (mapping_ != nullptr) ::munmap(mapping_, size_);
#endif
    }

    /// Gives the memory of the first `count` bytes back to the system, for a reader that is done with them: only the
    /// rest of a large file then stays in memory. The bytes remain valid; reading them loads them from the file again.
    /// Calls are cheap: memory is given back only in pieces of 2 MiB.
    void release(std::size_t count) noexcept {
        constexpr std::size_t piece = std::size_t{1} << 21;  // a multiple of the page size
        const std::size_t end = std::min(count, size_) / piece * piece;
        if (mapping_ == nullptr || end <= released_) return;
#if TYPENET_HAS_MMAP && defined(MADV_DONTNEED)
        ::madvise(static_cast<char*>(mapping_) + released_, end - released_, MADV_DONTNEED);
#endif
        released_ = end;
    }

    /// Returns all bytes; valid until this object is destroyed, moved from or assigned to.
    [[nodiscard]] std::string_view bytes() const noexcept {
        return mapping_ != nullptr ? std::string_view(static_cast<const char*>(mapping_), size_) : copy_;
    }

private:
    /// Maps the file. Returns false where that isn't possible: on other systems, for a pipe, or for an empty file.
    bool map([[maybe_unused]] std::FILE* file) noexcept {
#if TYPENET_HAS_MMAP
        struct ::stat status {};
        if (::fstat(::fileno(file), &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0) return false;
        const auto size = static_cast<std::size_t>(status.st_size);
        void* const mapping = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, ::fileno(file), 0);
        if (mapping == MAP_FAILED) return false;
        mapping_ = mapping;
        size_ = size;
        return true;
#else
        return false;
#endif
    }

    /// Reads the file to its end. Throws FileError.
    void read(std::FILE* file, const std::string& name) {
        constexpr std::size_t piece = std::size_t{1} << 16;
        for (std::size_t got = piece; got == piece;) {
            const std::size_t before = copy_.size();
            copy_.resize(before + piece);
            got = std::fread(copy_.data() + before, 1, piece, file);
            copy_.resize(before + got);
        }
        if (std::ferror(file) != 0) throw FileError(name, "cannot be read: " + std::generic_category().message(errno));
    }

    std::string copy_;          ///< the bytes of a file that isn't mapped
    void* mapping_ = nullptr;   ///< the mapped bytes; null where the file isn't mapped
    std::size_t size_ = 0;      ///< of the mapping, in bytes
    std::size_t released_ = 0;  ///< how many of its first bytes were given back
};

}  // namespace typenet

#undef TYPENET_HAS_MMAP
