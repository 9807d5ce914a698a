#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <fuzz/fuzz.hpp>
#include <string>
#include <string_view>
#include <vector>

#if TYPENET_FUZZ

/// Writes the seeds into the folder that the environment names; libFuzzer reads them from there.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
    const char* const folder = std::getenv("TYPENET_FUZZ_SEEDS");
    if (folder == nullptr) return 0;
    std::size_t count = 0;
    for (const std::string& seed : fuzz::seeds()) {
        std::ofstream(std::filesystem::path(folder) / ("seed-" + std::to_string(count++)), std::ios::binary) << seed;
    }
    return 0;
}

#else

namespace {

/// Gives an input to the target, from memory of exactly its size, so that sanitizers see what is read behind its end.
void play(std::string_view input) {
    const std::vector<std::uint8_t> bytes(input.begin(), input.end());
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

}  // namespace

/// Plays back the target's seeds, and each of them cut off after every byte, with every byte replaced, and with one
/// byte more; then the files in the folder argv[1], if it exists.
int main(int, char** argv) {
    std::size_t count = 0;
    for (const std::string& seed : fuzz::seeds()) {
        play(seed);
        play(seed + '0');
        for (std::size_t place = 0; place < seed.size(); ++place) {
            play(seed.substr(0, place));
            for (const char byte : {'9', '\xFF'}) {
                std::string changed = seed;
                changed[place] = byte;
                play(changed);
            }
        }
        count += 2 + 3 * seed.size();
    }
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1], ignored)) {
        std::printf("%s\n", entry.path().string().c_str());
        play(support::bytes_of(entry.path()));
        ++count;
    }
    std::printf("%zu inputs\n", count);
    return 0;
}

#endif
