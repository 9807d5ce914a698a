#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json.hpp>
#include <typenet/io/detail/json_string.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/io/detail/zip.hpp>

/// The format of numpy.savez: a ZIP archive with an .npy file for each array. `save_npz` calls write_npz, which makes
/// an .npy file of each tensor (write_npy) and the archive of all (write_zip, io/detail/zip.hpp). `load_npz` calls
/// read_npz, which goes the other way (read_zip, read_npy). An .npy file is a short Python dictionary with dtype, order
/// and shape, and then the numbers. Source: NumPy, "NEP 1: a simple file format for NumPy arrays", with the later
/// versions 2 and 3.
namespace TYPENET::detail {

/// Name of the array that holds the metadata: a JSON object as bytes.
inline constexpr std::string_view npz_metadata = "__metadata__";

inline constexpr std::string_view npy_magic = "\x93NUMPY";

/// The names of a dtype in safetensors and in NumPy.
inline constexpr std::pair<std::string_view, std::string_view> npy_dtypes[] = {
    {"F64", "<f8"}, {"F32", "<f4"}, {"F16", "<f2"}, {"U8", "|u1"}};

/// Returns NumPy's name for a dtype; one without a NumPy name stays as it is.
inline std::string npy_dtype(const std::string& dtype) {
    for (const auto& [name, numpy_name] : npy_dtypes) {
        if (name == dtype) return std::string(numpy_name);
    }
    return dtype;
}

/// Returns the dtype that has this name in NumPy; for one that isn't in npy_dtypes a text that says so.
inline std::string dtype_from_npy(const std::string& dtype) {
    for (const auto& [name, numpy_name] : npy_dtypes) {
        if (numpy_name == dtype) return std::string(name);
    }
    return join({"NumPy's ", dtype});
}

/// Returns the bytes of an .npy file of version 1; the numbers begin at a multiple of 64.
inline std::string write_npy(const StoredTensor& tensor) {
    std::string header =
        join({"{'descr': '", npy_dtype(tensor.dtype), "', 'fortran_order': ", tensor.column_major ? "True" : "False",
              ", 'shape': (", join_list(tensor.shape), tensor.shape.size() == 1 ? ",), }" : "), }"});
    const std::size_t before = npy_magic.size() + 4;
    const std::size_t end = (before + header.size() + 1 + 63) / 64 * 64;  // where the numbers begin
    header.resize(end - before - 1, ' ');
    header += '\n';
    ByteWriter out;
    out.append(npy_magic);
    out.append(std::string_view("\1\0", 2));
    out.add(static_cast<std::uint16_t>(header.size()));
    out.append(header);
    out.append(tensor.bytes);
    return std::move(out).bytes();
}

/// Returns the array in an .npy file's bytes, to which it refers. `file` and `entry` stand in messages. Throws
/// FileError for a wrong header, DataError for anything else that is not an .npy file.
inline StoredTensor read_npy(const std::string& file, const std::string& entry, std::string_view bytes) {
    StoredTensor tensor;
    ByteReader reader(bytes);
    if (reader.take(npy_magic.size()) != npy_magic) throw DataError("it is not a .npy file");
    const auto version = reader.number<std::uint8_t>();
    (void)reader.number<std::uint8_t>();
    if (version < 1 || version > 3) throw DataError(join({"its version ", version, " is unknown"}));
    const std::string_view text =
        reader.take(version == 1 ? reader.number<std::uint16_t>() : reader.number<std::uint32_t>());
    JsonReader header(file, join({"entry ", shown(entry), ": its header"}), text, Notation::python);
    std::size_t fields = 0;
    header.read_object([&](const std::string& field) {
        ++fields;
        if (field == "descr") return header.read(tensor.dtype);
        if (field == "fortran_order") return header.read(tensor.column_major);
        if (field == "shape") return header.read(tensor.shape, most_dimensions);
        header.fail(join({"the format has no field ", shown(field)}));
    });
    header.finish();
    if (fields != 3) throw DataError("its header is incomplete");
    tensor.dtype = dtype_from_npy(tensor.dtype);
    tensor.bytes = reader.rest();
    return tensor;
}

/// Returns the archive's bytes. Throws DataError, in the name of `function`, where the numbers take about 4 GiB or
/// more.
inline std::string write_npz(std::string_view function, const StoredModel& model) {
    std::uint64_t size = 1 << 24;  // more than all headers together
    for (const StoredTensor& tensor : model.tensors) size += tensor.bytes.size();
    if (size > std::numeric_limits<std::uint32_t>::max())
        throw DataError(join({function, ": an .npz file can't hold 4 GiB"}));
    const std::string json = json_object(model.metadata);
    std::vector<StoredTensor> arrays = model.tensors;
    arrays.push_back({.name = std::string(npz_metadata), .dtype = "U8", .shape = {json.size()}, .bytes = json});
    std::vector<std::string> files;
    files.reserve(arrays.size());
    for (const StoredTensor& array : arrays) files.push_back(write_npy(array));
    std::vector<ZipEntry> entries;
    for (std::size_t i = 0; i < arrays.size(); ++i) entries.push_back({join({arrays[i].name, ".npy"}), files[i]});
    return write_zip(entries);
}

/// Returns the model in a file's bytes, to which its tensors refer. Throws FileError for anything but a ZIP archive of
/// .npy files.
inline StoredModel read_npz(const std::string& file, std::string_view bytes) {
    constexpr std::string_view ending = ".npy";
    StoredModel model;
    for (const ZipEntry& entry : read_zip(file, bytes)) {
        const std::string name = entry.name.substr(0, entry.name.size() - std::min(ending.size(), entry.name.size()));
        try {
            if (!entry.name.ends_with(ending)) throw DataError("it is not a .npy file");
            StoredTensor tensor = read_npy(file, entry.name, entry.bytes);
            tensor.name = name;
            if (name != npz_metadata) {
                model.tensors.push_back(std::move(tensor));
            } else if (tensor.dtype == "U8" && tensor.shape == std::vector{tensor.bytes.size()}) {
                JsonReader json(file, std::string(npz_metadata), tensor.bytes);
                model.metadata = read_metadata(json);
                json.finish();
            } else {
                throw DataError("it is not an array of bytes");
            }
        } catch (const DataError& error) {
            throw FileError(file, join({"entry ", shown(entry.name), ": ", error.what()}));
        }
    }
    return model;
}

}  // namespace TYPENET::detail
