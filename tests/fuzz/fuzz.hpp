#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <support/temporary_file.hpp>
#include <vector>

/// What the fuzz targets share. Each target is one file: it defines `LLVMFuzzerTestOneInput`, which gives one input to
/// the library and aborts when a promise is broken, and `fuzz::seeds`, valid inputs to begin with. An exception that
/// the target doesn't catch is a broken promise, too.
/// main.cpp makes a program of a target: one that plays inputs back, or, with libFuzzer, one that searches for them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace fuzz {

/// Returns the inputs that fuzzing starts from.
std::vector<std::string> seeds();

/// Ends the program when a promise is broken.
inline void require(bool is_kept, const char* promise) {
    if (is_kept) return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

/// Takes numbers and texts from the front of an input. What is missing at its end is 0 or shorter.
class Input {
public:
    Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

    std::size_t byte() {
        if (rest_.empty()) return 0;
        const auto value = static_cast<unsigned char>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }
    std::string_view take(std::size_t count) {
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    /// Takes a length from one byte, then as many bytes.
    std::string_view text() { return take(byte()); }
    std::string_view rest() { return take(rest_.size()); }

private:
    std::string_view rest_;
};

/// Returns `text` as Input::text reads it. It must be shorter than 256 bytes.
inline std::string with_length(std::string_view text) {
    return std::string(1, static_cast<char>(text.size())).append(text);
}

/// Writes a file in a folder of this program's own and returns its path. It takes the folder that TMPDIR names for
/// temporary files; in /dev/shm, files stay in memory.
inline std::filesystem::path file(std::string_view name, std::string_view bytes) {
    static const support::TemporaryDirectory directory;
    return directory.write(name, bytes);
}

}  // namespace fuzz
