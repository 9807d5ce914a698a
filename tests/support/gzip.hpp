#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <typenet/data/detail/gzip.hpp>

#if TYPENET_USE_ZLIB
namespace support {

/// Returns the contents of a gzip file with these bytes. `level` is from 0, no compression, to 9.
inline std::string gzip(std::string_view bytes, int level = Z_BEST_COMPRESSION) {
    z_stream stream{};
    const auto require = [](bool is_done) {
        if (!is_done) throw std::runtime_error("the test can't compress");
    };
    require(deflateInit2(&stream, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string packed(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

}  // namespace support
#endif
