#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include <typenet/core/compiler.hpp>
#include <typenet/core/namespace.hpp>

namespace TYPENET::detail {

/// Reads a text in blocks of whole lines, into memory that is used again for each block.
class LineBlocks {
public:
    static constexpr std::size_t usual_size = std::size_t{1} << 18;  ///< 256 KiB, which stay in L2 until parsed

    /// Writes the next `count` bytes to `out`, or as many as are left, and returns how many.
    using Source = std::function<std::size_t(char* out, std::size_t count)>;

    /// `text_size` is how many bytes the text should have; 0 if unknown. A longer line enlarges the block.
    explicit LineBlocks(Source source, std::size_t text_size = 0, std::size_t block_size = usual_size)
        : source_(std::move(source)), text_size_(text_size), capacity_(block_size), buffer_(new char[block_size]) {}

    /// Reads at least one more line and returns `kept`, the end of what the last call returned, with all further lines
    /// that are in memory. Returns `kept` alone after the last line. What an earlier call returned is no longer valid.
    [[nodiscard]] std::string_view next(std::string_view kept) {
        if (is_at_end_) return kept;
        const std::size_t first = lines_ - kept.size();
        size_ -= first;
        std::memmove(buffer_.get(), buffer_.get() + first, size_);
        lines_ = kept.size();
        while (lines_ == kept.size() && !is_at_end_) {
            if (size_ > capacity_ / 2) grow();
            const std::size_t room = capacity_ - size_;
            const std::size_t got = source_(buffer_.get() + size_, room);
            is_at_end_ = got != room;
            const std::size_t last = std::string_view(buffer_.get() + size_, got).rfind('\n');
            if (last != std::string_view::npos) lines_ = size_ + last + 1;
            size_ += got;
            read_ += got;
        }
        if (is_at_end_) lines_ = size_;
        return {buffer_.get(), lines_};
    }

    /// Returns how many bytes of text are behind the lines that `next` returned. Where that isn't known, returns as
    /// many as have been read.
    [[nodiscard]] std::size_t rest() const noexcept {
        if (is_at_end_) return 0;
        return size_ - lines_ + (text_size_ >= read_ ? text_size_ - read_ : read_);
    }

private:
    /// Makes room for the whole text, but not for more than 64 times as much as there is now.
    void grow() {
        const std::size_t larger = std::clamp(lines_ + rest() + 1, 2 * capacity_, 64 * capacity_);
        std::unique_ptr<char[]> buffer(new char[larger]);  // not set to 0: unused memory costs nothing
        std::memcpy(buffer.get(), buffer_.get(), size_);
        buffer_ = std::move(buffer);
        capacity_ = larger;
    }

    Source source_;
    std::size_t text_size_;
    std::size_t capacity_;
    std::unique_ptr<char[]> buffer_;
    std::size_t size_ = 0;   ///< bytes in the buffer
    std::size_t lines_ = 0;  ///< those of them that are whole lines
    std::size_t read_ = 0;   ///< bytes of the text so far
    bool is_at_end_ = false;
};

}  // namespace TYPENET::detail
