#include <cstddef>
#include <cstdint>
#include <fuzz/fuzz.hpp>
#include <fuzz/model.hpp>
#include <string>
#include <string_view>
#include <typenet/core/bytes.hpp>
#include <typenet/io/detail/safetensors_reader.hpp>
#include <typenet/io/detail/safetensors_writer.hpp>
#include <typenet/io/safetensors.hpp>
#include <typenet/io/save.hpp>
#include <vector>

/// `load`. See check_model for what it promises.
///
/// An input: a byte for the options, then a file. By the options the target writes the header's length into the file,
/// the header being what ends in "\n", and the checksum into the header.
namespace {

using namespace typenet;

constexpr std::size_t repaired_length = 1, repaired_checksum = 2;  // bits of the options
constexpr std::size_t length_size = sizeof(std::uint64_t);

}  // namespace

std::vector<std::string> fuzz::seeds() {
    std::vector<std::string> seeds;
    for (const detail::StoredModel& model : models()) {
        std::string file = detail::write_safetensors(model);
        seeds.push_back(std::string(1, '\0').append(file));
        const auto length = ByteReader(file).number<std::uint64_t>();
        file.insert(length_size + length, "\n");
        seeds.push_back(std::string(1, '\3').append(file));
    }
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t options = input.byte();
    std::string file(input.rest());
    const std::size_t end_of_header = file.find('\n', length_size);
    if ((options & repaired_length) != 0 && end_of_header < file.size()) {
        ByteWriter length;
        length.add(std::uint64_t{end_of_header + 1 - length_size});
        file.replace(0, length_size, length.bytes());
    }
    if ((options & repaired_checksum) != 0) fuzz::repair_checksum(file, detail::read_safetensors);
    fuzz::check_model(
        file, detail::read_safetensors, [](auto& network, const auto& path) { return load(network, path); },
        [](const auto& network, const auto& path, const ModelInfo& info) { save(network, path, info); });
    return 0;
}
