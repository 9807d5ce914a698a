#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fuzz/fuzz.hpp>
#include <fuzz/model.hpp>
#include <string>
#include <string_view>
#include <typenet/core/bytes.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/io/detail/npz_file.hpp>
#include <typenet/io/detail/zip.hpp>
#include <typenet/io/npz.hpp>
#include <vector>

/// `load_npz`. See check_model for what it promises.
///
/// An input: a byte for the options, then a file. By the options the target writes the checksums of the ZIP archive's
/// entries into the file, and the model's.
namespace {

using namespace typenet;

constexpr std::size_t repaired_crc = 1, repaired_checksum = 2;  // bits of the options

/// Writes the CRC-32 of each entry into the archive's directory, wherever the directory and the bytes lie in the file.
/// Returns how many places look like entries of the directory.
std::size_t repair_crcs(std::string& file) {
    const auto number = [&]<class Number>(std::size_t place, Number value) -> std::size_t {
        std::memcpy(&value, file.data() + place, sizeof value);
        return value;
    };
    constexpr std::size_t entry_size = 46, header_size = 30;
    std::size_t count = 0;
    for (std::size_t entry = 0; (entry = file.find("PK\1\2", entry)) != std::string::npos; ++entry) {
        ++count;
        if (file.size() - entry < entry_size) break;
        const std::size_t size = number(entry + 24, std::uint32_t{});
        const std::size_t header = number(entry + 42, std::uint32_t{});
        if (header + header_size > file.size()) continue;
        const std::size_t names = number(header + 26, std::uint16_t{}) + number(header + 28, std::uint16_t{});
        const std::size_t begin = header + header_size + names;
        if (begin + size > file.size()) continue;
        ByteWriter crc;
        crc.add(crc32(std::string_view(file).substr(begin, size)));
        file.replace(entry + 16, crc.bytes().size(), crc.bytes());
    }
    return count;
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
    std::vector<std::string> seeds;
    for (const detail::StoredModel& model : models()) {
        for (const char options : {'\0', '\3'}) {
            seeds.push_back(std::string(1, options).append(detail::write_npz("seeds", model)));
        }
    }
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t options = input.byte();
    std::string file(input.rest());
    if ((options & repaired_crc) != 0) repair_crcs(file);
    if ((options & repaired_checksum) != 0) {
        fuzz::repair_checksum(file, detail::read_npz);
        if ((options & repaired_crc) != 0) repair_crcs(file);
    }
    const bool is_loaded = fuzz::check_model(
        file, detail::read_npz, [](auto& network, const auto& path) { return load_npz(network, path); },
        [](const auto& network, const auto& path, const ModelInfo& info) { save_npz(network, path, info); });
    if (!is_loaded) return 0;
    std::string repaired = file;
    const bool has_only_entries = repair_crcs(repaired) == detail::read_zip("copy", file).size();
    fuzz::require(!has_only_entries || repaired == file, "an archive with a wrong CRC-32 is refused");
    return 0;
}
