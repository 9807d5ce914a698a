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
#include <typenet/core/hash.hpp>
#include <typenet/core/text.hpp>

/// ZIP archives whose entries are stored as they are, below 4 GiB. Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7,
/// 4.3.12 and 4.3.16.
namespace typenet::detail {

struct ZipEntry {
    std::string name;
    std::string_view bytes;
};

namespace zip {

inline constexpr std::uint32_t local_signature = 0x04034b50;
inline constexpr std::uint32_t central_signature = 0x02014b50;
inline constexpr std::uint32_t end_signature = 0x06054b50;
inline constexpr std::size_t end_size = 22;  // without a comment

/// What a local header and an entry of the central directory have in common, from the version on.
inline void add_description(ByteWriter& out, const ZipEntry& entry) {
    constexpr std::uint16_t version = 20;
    constexpr std::uint16_t first_of_january_1980 = 1 << 5 | 1;
    out.add(version);
    out.add(std::uint32_t{0});  // no flags, stored
    out.add(std::uint16_t{0});  // midnight
    out.add(first_of_january_1980);
    out.add(crc32(entry.bytes));
    out.add(static_cast<std::uint32_t>(entry.bytes.size()));
    out.add(static_cast<std::uint32_t>(entry.bytes.size()));
    out.add(static_cast<std::uint16_t>(entry.name.size()));
    out.add(std::uint16_t{0});  // no extra field
}

/// An entry of the central directory, and where its local header and the end of its bytes are.
struct Found {
    ZipEntry entry;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::uint32_t crc = 0;
};

/// Reads an entry of the central directory, and its bytes from `archive`.
inline Found read_entry(const std::string& file, ByteReader& directory, std::string_view archive) {
    if (directory.number<std::uint32_t>() != central_signature) throw DataError("its directory is damaged");
    directory.take(4);  // versions
    const auto flags = directory.number<std::uint16_t>();
    const auto method = directory.number<std::uint16_t>();
    directory.take(4);  // time, date
    Found found;
    found.crc = directory.number<std::uint32_t>();
    const auto stored_size = directory.number<std::uint32_t>();
    const auto size = directory.number<std::uint32_t>();
    const auto name_size = directory.number<std::uint16_t>();
    const auto extra_size = directory.number<std::uint16_t>();
    const auto comment_size = directory.number<std::uint16_t>();
    directory.take(8);  // disk, attributes
    found.begin = directory.number<std::uint32_t>();
    found.entry.name = directory.take(name_size);
    directory.take(std::size_t{extra_size} + comment_size);
    const std::string name = shown(found.entry.name);
    if ((flags & 1) != 0) throw FileError(file, join({name, " is encrypted"}));
    if (method != 0) throw FileError(file, join({name, " is compressed; numpy.savez writes arrays as they are"}));

    constexpr std::size_t sizes_of_names = 26;  // their place in the local header
    ByteReader local(archive.substr(std::min(found.begin, archive.size())));
    if (local.number<std::uint32_t>() != local_signature) throw DataError(join({name, " is not where it should be"}));
    local.take(sizes_of_names - 4);
    const auto local_name_size = local.number<std::uint16_t>();
    const auto local_extra_size = local.number<std::uint16_t>();
    if (local.take(local_name_size) != found.entry.name)
        throw DataError(join({name, " has another name in its place"}));
    local.take(local_extra_size);
    found.entry.bytes = local.take(size);
    found.end = static_cast<std::size_t>(found.entry.bytes.data() + size - archive.data());
    if (stored_size != size) throw DataError(join({name, " has two sizes"}));
    return found;
}

/// The record at the archive's end, with nothing but its comment behind it.
inline ByteReader find_end(std::string_view archive) {
    constexpr std::size_t longest_comment = 65535;
    for (std::size_t comment = 0; comment <= longest_comment && end_size + comment <= archive.size(); ++comment) {
        const std::string_view rest = archive.substr(archive.size() - end_size - comment);
        ByteReader end(rest);
        if (end.number<std::uint32_t>() == end_signature &&
            ByteReader(rest.substr(end_size - 2)).number<std::uint16_t>() == comment) {
            return end;
        }
    }
    throw DataError("it has no last record");
}

}  // namespace zip

/// The archive's bytes, of which there must be less than 4 GiB, in less than 65,536 entries.
inline std::string write_zip(const std::vector<ZipEntry>& entries) {
    ByteWriter out;
    std::vector<std::uint32_t> begins;
    const auto position = [&out] { return static_cast<std::uint32_t>(out.bytes().size()); };
    for (const ZipEntry& entry : entries) {
        begins.push_back(position());
        out.add(zip::local_signature);
        zip::add_description(out, entry);
        out.append(entry.name);
        out.append(entry.bytes);
    }
    const std::uint32_t directory = position();
    for (std::size_t i = 0; i < entries.size(); ++i) {
        out.add(zip::central_signature);
        out.add(std::uint16_t{20});  // the version of its maker
        zip::add_description(out, entries[i]);
        out.append(std::string_view("\0\0\0\0\0\0\0\0\0\0", 10));  // no comment, disk 0, no attributes
        out.add(begins[i]);
        out.append(entries[i].name);
    }
    const std::uint32_t directory_size = position() - directory;
    out.add(zip::end_signature);
    out.add(std::uint32_t{0});  // disks
    out.add(static_cast<std::uint16_t>(entries.size()));
    out.add(static_cast<std::uint16_t>(entries.size()));
    out.add(directory_size);
    out.add(directory);
    out.add(std::uint16_t{0});  // no comment
    return std::move(out).bytes();
}

/// The entries of an archive, to whose bytes they refer, in the order of its directory. Throws FileError for an archive
/// that is damaged, for entries that are compressed or encrypted, that overlap, or that have the same name.
inline std::vector<ZipEntry> read_zip(const std::string& file, std::string_view archive) {
    std::vector<zip::Found> found;
    try {
        ByteReader end = zip::find_end(archive);
        const auto disks = end.number<std::uint32_t>();
        const auto count_here = end.number<std::uint16_t>();
        const auto count = end.number<std::uint16_t>();
        const auto size = end.number<std::uint32_t>();
        const std::size_t begin = end.number<std::uint32_t>();
        if (disks != 0 || count_here != count || begin > archive.size() || size > archive.size() - begin) {
            throw DataError("its last record doesn't fit to it");
        }
        ByteReader directory(archive.substr(begin, size));
        for (std::size_t i = 0; i < count; ++i) found.push_back(zip::read_entry(file, directory, archive));
        if (!directory.at_end()) throw DataError("its directory has more entries than its last record says");
    } catch (const DataError& error) {
        throw FileError(file, join({"is not a ZIP archive, or is damaged: ", error.what()}));
    }
    std::vector<ZipEntry> entries;
    entries.reserve(found.size());
    for (const zip::Found& one : found) entries.push_back(one.entry);

    // Before any byte is read, so that an archive can't have the same ones read again and again.
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < found.size(); ++i) {
        if (found[i].begin >= found[i - 1].end) continue;
        throw FileError(file, join({"its entries ", shown(found[i - 1].entry.name), " and ", shown(found[i].entry.name),
                                    " overlap"}));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.entry.name < b.entry.name; });
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::string& name = found[i].entry.name;
        if (i > 0 && name == found[i - 1].entry.name) throw FileError(file, join({"has two entries ", shown(name)}));
        if (crc32(found[i].entry.bytes) != found[i].crc) {
            throw FileError(file, join({"is damaged: the bytes of ", shown(name), " have another checksum"}));
        }
    }
    return entries;
}

}  // namespace typenet::detail
