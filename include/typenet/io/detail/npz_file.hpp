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
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json.hpp>
#include <typenet/io/detail/json_string.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/io/detail/zip.hpp>

/// The format of numpy.savez: a ZIP archive with an .npy file for each array. Source: NumPy, "NEP 1: a simple file
/// format for NumPy arrays", with the later versions 2 and 3.
namespace typenet::detail {

/// The entry that holds the metadata, as JSON in an array of bytes.
inline constexpr std::string_view npz_metadata = "__metadata__";

inline constexpr std::string_view npy_magic = "\x93NUMPY";

/// NumPy's name for a dtype, and the other way round; one that isn't here is named as NumPy's.
inline constexpr std::pair<std::string_view, std::string_view> npy_dtypes[] = {
    {"F64", "<f8"}, {"F32", "<f4"}, {"F16", "<f2"}, {"U8", "|u1"}};

inline std::string npy_dtype(const std::string& dtype) {
    for (const auto& [name, numpy_name] : npy_dtypes) {
        if (name == dtype) return std::string(numpy_name);
    }
    return dtype;
}
inline std::string dtype_from_npy(const std::string& dtype) {
    for (const auto& [name, numpy_name] : npy_dtypes) {
        if (numpy_name == dtype) return std::string(name);
    }
    return join({"NumPy's ", dtype});
}

inline std::string write_npy(const StoredTensor& tensor) {
    std::string header = join({"{'descr': '", npy_dtype(tensor.dtype),
                               "', 'fortran_order': ", tensor.column_major ? "True" : "False", ", 'shape': ("});
    const std::vector<std::size_t>& shape = tensor.shape;
    for (std::size_t i = 0; i < shape.size(); ++i) header += join({i > 0 ? ", " : "", shape[i]});
    header += shape.size() == 1 ? ",), }" : "), }";
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

/// Reads the few words of Python that an .npy file's header is made of. Each function returns false, or throws
/// DataError, where something else stands there.
class NpyHeader {
public:
    explicit NpyHeader(std::string_view text) : rest_(text) {}

    /// Takes these characters, and blanks before them.
    bool take(std::string_view expected) {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n"), rest_.size()));
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }
    void expect(std::string_view expected) {
        if (!take(expected)) throw DataError(join({"its header lacks ", expected}));
    }
    std::string text() {
        expect("'");
        std::string result(rest_.substr(0, rest_.find('\'')));
        rest_.remove_prefix(result.size());
        expect("'");
        return result;
    }
    std::size_t whole_number() {
        (void)take("");
        std::size_t value = 0;
        std::size_t digits = 0;
        for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
            value = 10 * value + static_cast<std::size_t>(rest_[digits] - '0');
        }
        constexpr std::size_t most_digits = 15;
        if (digits == 0 || digits > most_digits) throw DataError("its shape has an extent that is not a number");
        rest_.remove_prefix(digits);
        return value;
    }
    std::vector<std::size_t> shape() {
        std::vector<std::size_t> extents;
        expect("(");
        while (!take(")")) {
            extents.push_back(whole_number());
            if (extents.size() > most_dimensions) throw DataError("its shape is too long");
            if (take(",")) continue;
            expect(extents.size() == 1 ? "," : ")");  // (3) is a number
            break;
        }
        return extents;
    }
    bool at_end() { return take("") && rest_.empty(); }

private:
    static constexpr std::size_t most_dimensions = 64;  // that NumPy has

    std::string_view rest_;
};

/// The array in an .npy file's bytes, to which it refers. Throws DataError where it is none.
inline StoredTensor read_npy(const std::string& name, std::string_view bytes) {
    StoredTensor tensor{.name = name, .dtype = {}, .shape = {}, .bytes = {}};
    ByteReader reader(bytes);
    if (reader.take(npy_magic.size()) != npy_magic) throw DataError("it is not a .npy file");
    const auto version = reader.number<std::uint8_t>();
    (void)reader.number<std::uint8_t>();
    if (version < 1 || version > 3) throw DataError(join({"its version ", version, " is unknown"}));
    NpyHeader header(reader.take(version == 1 ? reader.number<std::uint16_t>() : reader.number<std::uint32_t>()));
    header.expect("{");
    unsigned seen = 0;
    while (!header.take("}")) {
        const std::string key = header.text();
        header.expect(":");
        unsigned bit = 1;
        if (key == "descr") {
            tensor.dtype = dtype_from_npy(header.text());
        } else if (key == "fortran_order") {
            bit = 2;
            tensor.column_major = header.take("True");
            if (!tensor.column_major) header.expect("False");
        } else if (key == "shape") {
            bit = 4;
            tensor.shape = header.shape();
        } else {
            throw DataError(join({"its header says something unknown, ", shown(key)}));
        }
        if ((seen & bit) != 0) throw DataError(join({"its header says ", key, " twice"}));
        seen |= bit;
        if (header.take(",")) continue;
        header.expect("}");
        break;
    }
    if (seen != 7 || !header.at_end()) throw DataError("its header is incomplete");
    tensor.bytes = reader.rest();
    return tensor;
}

/// Throws DataError, in the name of `function`, where the numbers are about 4 GiB or more.
inline std::string write_npz(std::string_view function, const StoredModel& model) {
    std::size_t size = 1 << 24;  // more than all headers take
    for (const StoredTensor& tensor : model.tensors) size += tensor.bytes.size();
    if (size >> 32 != 0) throw DataError(join({function, ": an .npz file can't hold 4 GiB"}));
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

/// The model in a file's bytes, to which it refers. Throws FileError for what is no archive of arrays.
template <class Json = nlohmann::json>
StoredModel read_npz(const std::string& file, std::string_view bytes) {
    constexpr std::string_view ending = ".npy";
    StoredModel model;
    for (const ZipEntry& entry : read_zip(file, bytes)) {
        const std::string name = entry.name.substr(0, entry.name.size() - std::min(ending.size(), entry.name.size()));
        try {
            if (!entry.name.ends_with(ending)) throw DataError("it is not a .npy file");
            StoredTensor tensor = read_npy(name, entry.bytes);
            if (name != npz_metadata) {
                model.tensors.push_back(std::move(tensor));
            } else if (tensor.dtype == "U8" && tensor.shape == std::vector{tensor.bytes.size()}) {
                model.metadata = metadata_from(file, parse_json_object<Json>(file, npz_metadata, tensor.bytes));
            } else {
                throw DataError("it is not an array of bytes");
            }
        } catch (const DataError& error) {
            throw FileError(file, join({"entry ", shown(entry.name), ": ", error.what()}));
        }
    }
    return model;
}

}  // namespace typenet::detail
