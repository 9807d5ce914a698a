#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

// 1 when gzip files can be read, which needs the program to be linked with zlib; else 0.
#ifndef TYPENET_USE_ZLIB
#    if __has_include(<zlib.h>)
#        define TYPENET_USE_ZLIB 1
#    else
#        define TYPENET_USE_ZLIB 0
#    endif
#endif

#if TYPENET_USE_ZLIB
#    include <zlib.h>
#endif

#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/platform/file_reader.hpp>

/// Inflates gzip files for DataFile. Without zlib, a GzipReader only says that it is missing.
namespace TYPENET::detail {

/// Returns whether a file begins as gzip files do.
[[nodiscard]] constexpr bool is_gzip(std::string_view bytes) noexcept { return bytes.starts_with("\x1F\x8B"); }

#if TYPENET_USE_ZLIB

/// Inflates a gzip file piece by piece and verifies its checksums.
class GzipReader {
public:
    /// Inflates `packed`, which must outlive the reader. `name` is what messages call the file.
    GzipReader(std::string_view packed, std::string name) : name_(std::move(name)), packed_(packed) {
        constexpr int only_gzip = 16;
        if (inflateInit2(&stream_, only_gzip + MAX_WBITS) != Z_OK) fail("zlib can't be initialised");
    }
    /// Inflates `begin` and then what is left of `file`. Both must outlive the reader.
    GzipReader(std::string_view begin, FileReader& file) : GzipReader(begin, file.name()) {
        block_.reset(new char[block_size]);
        rest_ = &file;
    }
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;
    ~GzipReader() { inflateEnd(&stream_); }

    /// Writes the next `count` inflated bytes to `out`, or as many as are left, and returns how many. Throws FileError
    /// when the file is damaged or cut off.
    std::size_t read(std::uint8_t* out, std::size_t count) {
        std::size_t done = 0;
        while (done < count) {
            if (stream_.avail_in == 0) feed();
            if (at_stream_end_ && stream_.avail_in == 0) break;
            if (std::exchange(at_stream_end_, false))
                inflateReset(&stream_);  // gzip allows several compressed streams in one file
            const std::size_t piece = std::min(count - done, largest_piece);
            stream_.next_out = out + done;
            stream_.avail_out = static_cast<uInt>(piece);
            const int result = inflate(&stream_, Z_NO_FLUSH);
            done += piece - stream_.avail_out;
            at_stream_end_ = result == Z_STREAM_END;
            if (result == Z_BUF_ERROR) fail("the gzip file is cut off");  // zlib needs bytes, but there are none
            if (result == Z_MEM_ERROR) fail("not enough memory to inflate the gzip file");
            if (result != Z_OK && result != Z_STREAM_END) {
                fail(join({"the gzip file is damaged after ", consumed_ - stream_.avail_in, " bytes (",
                           stream_.msg != nullptr ? stream_.msg : "no details", ")"}));
            }
        }
        return done;
    }

private:
    static constexpr std::size_t largest_piece = std::size_t{1} << 30;  // zlib counts bytes in unsigned int

    static constexpr std::size_t block_size = std::size_t{1} << 16;

    /// Gives zlib the next packed bytes, if there are any.
    void feed() {
        if (packed_.empty() && rest_ != nullptr) packed_ = {block_.get(), rest_->read(block_.get(), block_size)};
        const std::size_t piece = std::min(packed_.size(), largest_piece);
        // zlib doesn't write to what next_in points to, although its type allows it.
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed_.data()));
        stream_.avail_in = static_cast<uInt>(piece);
        packed_.remove_prefix(piece);
        consumed_ += piece;
    }

    [[noreturn]] void fail(const std::string& reason) const { throw FileError(name_, reason); }

    std::string name_;
    std::string_view packed_;          // bytes that zlib has yet to be given
    FileReader* rest_ = nullptr;       // where more of them are; null if nowhere
    std::unique_ptr<char[]> block_{};  // holds them
    z_stream stream_{};
    std::size_t consumed_ = 0;  // packed bytes that zlib was given
    bool at_stream_end_ = false;
};

#else

class GzipReader {
public:
    GzipReader(std::string_view, const FileReader& file) {
        throw FileError(file.name(), "is a gzip file, but this program is built without zlib; inflate the file first");
    }
    std::size_t read(std::uint8_t*, std::size_t) { return 0; }
};

#endif

}  // namespace TYPENET::detail
