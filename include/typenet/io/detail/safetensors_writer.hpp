#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <typenet/core/bytes.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json_string.hpp>
#include <typenet/io/detail/stored_model.hpp>

/// The bytes of a file in the safetensors format (https://huggingface.co/docs/safetensors): 8 bytes with the length of
/// a JSON header, the header, the tensors' numbers. `save` writes them; safetensors_reader.hpp reads them.
namespace TYPENET::detail {

/// Returns the file's bytes: the header, padded to a multiple of 8 bytes, then the tensors without gaps. Names and
/// metadata must be UTF-8.
inline std::string write_safetensors(const StoredModel& model) {
    std::string header = join({"{\"__metadata__\":", json_object(model.metadata)});
    std::size_t begin = 0;
    for (const StoredTensor& tensor : model.tensors) {
        const std::size_t end = begin + tensor.bytes.size();
        header += join({",", json_string(tensor.name), R"(:{"dtype":")", tensor.dtype, R"(","shape":)",
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

}  // namespace TYPENET::detail
