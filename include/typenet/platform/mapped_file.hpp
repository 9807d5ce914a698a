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

/// The bytes of a file, read-only. An ordinary file is mapped into memory where the system can do that, and takes no
/// memory of its own; a pipe, or any file elsewhere, is read to its end. Another process must not shorten the file
/// while it is mapped: on POSIX systems, touching what is gone raises SIGBUS.
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

    /// Returns memory that the first `count` bytes take, for a reader that is done with them: of a large file, only
    /// the part that is being read is then in memory. They stay in bytes(), and come from the file again when they are
    /// looked at. Memory is returned in whole pieces, so this may be called as often as is convenient.
    void release(std::size_t count) noexcept {
        constexpr std::size_t piece = std::size_t{1} << 21;  // a multiple of the page size
        const std::size_t end = std::min(count, size_) / piece * piece;
        if (mapping_ == nullptr || end <= released_) return;
#if TYPENET_HAS_MMAP && defined(MADV_DONTNEED)
        ::madvise(static_cast<char*>(mapping_) + released_, end - released_, MADV_DONTNEED);
#endif
        released_ = end;
    }

    /// Valid as long as this object lives and is not moved from.
    [[nodiscard]] std::string_view bytes() const noexcept {
        return mapping_ != nullptr ? std::string_view(static_cast<const char*>(mapping_), size_) : copy_;
    }

private:
    /// False where there is nothing to map: no such system call, a pipe, an empty file.
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

    std::string copy_;
    void* mapping_ = nullptr;
    std::size_t size_ = 0;
    std::size_t released_ = 0;
};

}  // namespace typenet

#undef TYPENET_HAS_MMAP
