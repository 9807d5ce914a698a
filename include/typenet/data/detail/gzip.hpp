#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
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
#include <typenet/core/text.hpp>

/// Inflates gzip files for `load_idx`. Without zlib, a GzipReader only says that it is missing.
namespace typenet::detail {

/// Returns whether a file begins as gzip files do.
[[nodiscard]] constexpr bool is_gzip(std::string_view bytes) noexcept { return bytes.starts_with("\x1F\x8B"); }

#if TYPENET_USE_ZLIB

/// Inflates a gzip file piece by piece and verifies its checksums. The packed bytes must outlive the reader.
class GzipReader {
public:
    GzipReader(std::string_view packed, std::string file) : file_(std::move(file)), packed_(packed) {
        constexpr int only_gzip = 16;
        if (inflateInit2(&stream_, only_gzip + MAX_WBITS) != Z_OK) fail("zlib can't be initialised");
    }
    GzipReader(const GzipReader&) = delete;
    GzipReader& operator=(const GzipReader&) = delete;
    ~GzipReader() { inflateEnd(&stream_); }

    /// Writes the next `count` inflated bytes to `out`, or as many as are left, and returns how many. Throws FileError
    /// when the file is damaged or cut off.
    std::size_t read(std::uint8_t* out, std::size_t count) {
        std::size_t done = 0;
        while (done < count && !(at_stream_end_ && stream_.avail_in == 0 && packed_.empty())) {
            if (stream_.avail_in == 0) feed();
            if (std::exchange(at_stream_end_, false))
                inflateReset(&stream_);  // gzip allows several compressed streams in one file
            const std::size_t piece = std::min(count - done, largest_piece);
            stream_.next_out = out + done;
            stream_.avail_out = static_cast<uInt>(piece);
            const int result = inflate(&stream_, Z_NO_FLUSH);
            done += piece - stream_.avail_out;
            at_stream_end_ = result == Z_STREAM_END;
            if (result == Z_BUF_ERROR || (result == Z_OK && ends_early())) fail("the gzip file is cut off");
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

    /// Returns whether zlib asks for more bytes than the file has.
    [[nodiscard]] bool ends_early() const noexcept {
        return stream_.avail_out != 0 && stream_.avail_in == 0 && packed_.empty();
    }

    /// Gives zlib the next packed bytes.
    void feed() noexcept {
        const std::size_t piece = std::min(packed_.size(), largest_piece);
        // zlib doesn't write to what next_in points to, although its type allows it.
        stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(packed_.data()));
        stream_.avail_in = static_cast<uInt>(piece);
        packed_.remove_prefix(piece);
        consumed_ += piece;
    }

    [[noreturn]] void fail(const std::string& reason) const { throw FileError(file_, reason); }

    std::string file_;
    std::string_view packed_;
    z_stream stream_{};
    std::size_t consumed_ = 0;  // packed bytes that zlib was given
    bool at_stream_end_ = false;
};

#else

class GzipReader {
public:
    GzipReader(std::string_view, std::string file) {
        throw FileError(std::move(file),
                        "is a gzip file, but this program is built without zlib; inflate the file first");
    }
    std::size_t read(std::uint8_t*, std::size_t) { return 0; }
};

#endif

}  // namespace typenet::detail
