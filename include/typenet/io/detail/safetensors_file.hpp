#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json.hpp>
#include <typenet/io/detail/json_string.hpp>
#include <typenet/io/detail/stored_model.hpp>

/// The format of safetensors (https://huggingface.co/docs/safetensors): the length of a JSON header, the header, then
/// the tensors' numbers.
namespace typenet::detail {

/// The file's bytes. The header is as long as a multiple of 8. Names and metadata must be UTF-8, and the tensors lie
/// one behind the other.
inline std::string write_safetensors(const StoredModel& model) {
    std::string header = join({"{\"__metadata__\":", json_object(model.metadata)});
    std::size_t begin = 0;
    for (const StoredTensor& tensor : model.tensors) {
        const std::size_t end = begin + tensor.bytes.size();
        header += join({",", json_string(tensor.name).value(), R"(:{"dtype":")", tensor.dtype, R"(","shape":)",
                        shape_text(tensor.shape), R"(,"data_offsets":)", shape_text(std::array{begin, end}), "}"});
        begin = end;
    }
    header += '}';
    header.resize((header.size() + 7) / 8 * 8, ' ');
    ByteWriter file;
    file.add(std::string_view(header));
    for (const StoredTensor& tensor : model.tensors) file.append(tensor.bytes);
    return std::move(file).bytes();
}

/// A list of whole numbers; nothing when `value` is anything else.
template <class Json>
std::optional<std::vector<std::size_t>> size_list(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_array()) return {};
    std::vector<std::size_t> sizes;
    for (const Json& item : *found) {
        if (!item.is_number_unsigned()) return {};
        sizes.push_back(item.template get<std::size_t>());
    }
    return sizes;
}

template <class Json>
StoredTensor read_tensor(const std::string& file, const std::string& name, const Json& entry, std::string_view data,
                         std::pair<std::size_t, std::size_t>& place) {
    const auto dtype = entry.is_object() ? entry.find("dtype") : entry.end();
    auto shape = size_list(entry, "shape");
    const auto offsets = size_list(entry, "data_offsets");
    const std::string shown_name = shown(name);
    if (dtype == entry.end() || !dtype->is_string() || !shape || !offsets || offsets->size() != 2) {
        throw FileError(
            file, join({"tensor ", shown_name, ": the header must give it a dtype, a shape and two data_offsets"}));
    }
    place = {(*offsets)[0], (*offsets)[1]};
    if (place.first > place.second || place.second > data.size()) {
        throw FileError(file, join({"tensor ", shown_name, ": its data_offsets ", shape_text(*offsets),
                                    " lie outside the file's ", data.size(), " bytes of data"}));
    }
    return {.name = name,
            .dtype = dtype->template get<std::string>(),
            .shape = *std::move(shape),
            .bytes = data.substr(place.first, place.second - place.first)};
}

/// The model in a file's bytes, to which it refers. Throws FileError unless every tensor lies within the file, and
/// together they fill it.
template <class Json = nlohmann::json>
StoredModel read_safetensors(const std::string& file, std::string_view bytes) {
    if (bytes.size() < sizeof(std::uint64_t)) throw FileError(file, "is too short for a safetensors file");
    ByteReader reader(bytes);
    const auto length = reader.number<std::uint64_t>();
    std::string_view data = bytes.substr(sizeof length);
    if (bytes.starts_with("PK")) throw FileError(file, "is a ZIP archive, such as the .npz files that load_npz reads");
    constexpr std::uint64_t longest_header = 100'000'000;  // that the format allows
    if (length > std::min<std::uint64_t>(data.size(), longest_header)) {
        throw FileError(file, join({"claims a header of ", length, " bytes; the file has ", data.size(),
                                    " left: no safetensors file, or cut short"}));
    }
    const Json header = parse_json_object<Json>(file, "the header", data.substr(0, length));
    data.remove_prefix(length);

    StoredModel model;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") {
            model.metadata = metadata_from(file, entry);
        } else {
            model.tensors.push_back(read_tensor(file, name, entry, data, places.emplace_back()));
        }
    }
    std::sort(places.begin(), places.end());
    std::size_t end = 0;
    for (const auto& [first, last] : places) {
        if (first != end) {
            throw FileError(file, join({"the tensors overlap or leave a gap at byte ", end, " of the data"}));
        }
        end = last;
    }
    if (end != data.size()) {
        throw FileError(file, join({data.size() - end, " bytes of data belong to no tensor"}));
    }
    return model;
}

}  // namespace typenet::detail
