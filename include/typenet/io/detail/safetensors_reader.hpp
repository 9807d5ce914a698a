#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json.hpp>
#include <typenet/io/detail/stored_model.hpp>

/// Takes a safetensors file apart (safetensors_writer.hpp has the format). `load` calls read_safetensors.
namespace TYPENET::detail {

/// Reads a tensor's entry in the header. Throws FileError for fields other than the format's, and unless the tensor
/// lies within `data`.
inline StoredTensor read_tensor(const std::string& file, const std::string& name, JsonReader& header,
                                std::string_view data) {
    StoredTensor tensor{.name = name, .dtype = {}, .shape = {}, .bytes = {}};
    std::vector<std::size_t> offsets;
    std::size_t fields = 0;
    header.read_object([&](const std::string& field) {
        ++fields;
        if (field == "dtype") return header.read(tensor.dtype);
        if (field == "shape") return header.read(tensor.shape, most_dimensions);
        if (field == "data_offsets") return header.read(offsets, 2);
        header.fail(join({"the format has no field ", shown(field)}));
    });
    const auto fail = [&](std::string_view reason) {
        throw FileError(file, join({"tensor ", shown(name), ": ", reason}));
    };
    if (fields != 3 || offsets.size() != 2) fail("the header must give it a dtype, a shape and two data_offsets");
    if (offsets[0] > offsets[1] || offsets[1] > data.size()) {
        fail(join(
            {"its data_offsets ", shape_text(offsets), " lie outside the file's ", data.size(), " bytes of data"}));
    }
    tensor.bytes = data.substr(offsets[0], offsets[1] - offsets[0]);
    return tensor;
}

/// Returns the model in a file's bytes, to which its tensors refer. Throws FileError for a wrong header, and unless the
/// tensors fill the file without gaps or overlaps.
inline StoredModel read_safetensors(const std::string& file, std::string_view bytes) {
    if (bytes.size() < sizeof(std::uint64_t)) throw FileError(file, "is too short for a safetensors file");
    const auto length = ByteReader(bytes).number<std::uint64_t>();
    std::string_view data = bytes.substr(sizeof length);
    if (bytes.starts_with("PK")) throw FileError(file, "is a ZIP archive, such as the .npz files that load_npz reads");
    constexpr std::uint64_t longest_header = 100'000'000;  // the format's limit
    if (length > std::min<std::uint64_t>(data.size(), longest_header)) {
        throw FileError(file, join({"says that its header has ", length, " bytes, and ", data.size(),
                                    " are left: it is cut short or not a safetensors file"}));
    }
    const std::string_view text = data.substr(0, static_cast<std::size_t>(length));
    JsonReader header(file, "the header", text);
    if (!data.starts_with('{')) header.fail("{ must stand here");  // the reader would skip blanks
    data.remove_prefix(text.size());

    StoredModel model;
    std::vector<std::pair<std::size_t, std::size_t>> places;  // where each tensor begins and ends in the data
    header.read_object([&](const std::string& name) {
        if (name == "__metadata__") {
            model.metadata = read_metadata(header);
            return;
        }
        const StoredTensor& tensor = model.tensors.emplace_back(read_tensor(file, name, header, data));
        const auto first = static_cast<std::size_t>(tensor.bytes.data() - data.data());
        places.emplace_back(first, first + tensor.bytes.size());
    });
    header.finish();
    std::sort(places.begin(), places.end());
    std::size_t end = 0;
    for (const auto& [first, last] : places) {
        if (first != end) {
            throw FileError(file, join({"the tensors overlap or leave a gap at byte ", end, " of the data"}));
        }
        end = last;
    }
    if (end != data.size()) throw FileError(file, join({data.size() - end, " bytes of data belong to no tensor"}));
    return model;
}

}  // namespace TYPENET::detail
