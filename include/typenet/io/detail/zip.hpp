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
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>

/// ZIP archives below 4 GiB whose entries are not compressed: what numpy.savez writes. write_zip and read_zip are the
/// entry points. An archive has, for each entry, a local header and the entry's bytes; then a directory, which
/// describes the entries again and says where each is; then an end record, which says where the directory is. read_zip
/// goes backwards: find_end, then read_entry for each entry of the directory, then overlaps, names and checksums.
/// Source: PKWARE, APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
namespace TYPENET::detail {

struct ZipEntry {
    std::string name;
    std::string_view bytes;
};

namespace zip {

inline constexpr std::uint32_t local_signature = 0x04034b50;
inline constexpr std::uint32_t central_signature = 0x02014b50;
inline constexpr std::uint32_t end_signature = 0x06054b50;
inline constexpr std::size_t end_size = 22;  // without a comment

/// Writes numbers one after the other.
inline void add(ByteWriter& out, auto... numbers) { (out.add(numbers), ...); }

/// Reads numbers one after the other.
inline void read(ByteReader& in, auto&... numbers) { (in.read(numbers), ...); }

/// Writes the fields that a local header and an entry of the directory have in common.
inline void add_description(ByteWriter& out, const ZipEntry& entry) {
    constexpr std::uint16_t version = 20;
    constexpr std::uint32_t no_flags_and_stored = 0;
    constexpr std::uint32_t midnight_of_first_of_january_1980 = (1 << 5 | 1) << 16;
    constexpr std::uint16_t no_extra_field = 0;
    const auto size = static_cast<std::uint32_t>(entry.bytes.size());
    add(out, version, no_flags_and_stored, midnight_of_first_of_january_1980, crc32(entry.bytes), size, size,
        static_cast<std::uint16_t>(entry.name.size()), no_extra_field);
}

/// An entry that the directory describes.
struct Found {
    ZipEntry entry;
    std::uint32_t begin = 0;  ///< offset of its local header in the archive
    std::size_t end = 0;      ///< offset of the first byte after its bytes
    std::uint32_t crc = 0;    ///< the checksum that its bytes should have
};

/// Reads the next entry of the directory, and finds its bytes in `archive`. Throws FileError for an entry that is
/// compressed or encrypted, DataError for one that is damaged.
inline Found read_entry(const std::string& file, ByteReader& directory, std::string_view archive) {
    std::uint32_t signature, versions, time, stored_size, size, disk, attributes;
    std::uint16_t flags, method, name_size, extra_size, comment_size;
    Found found;
    read(directory, signature, versions, flags, method, time, found.crc, stored_size, size, name_size, extra_size,
         comment_size, disk, attributes, found.begin);
    if (signature != central_signature) throw DataError("its directory is damaged");
    found.entry.name = directory.take(name_size);
    directory.take(std::size_t{extra_size} + comment_size);
    const std::string name = shown(found.entry.name);
    if ((flags & 1) != 0) throw FileError(file, join({name, " is encrypted"}));
    if (method != 0) throw FileError(file, join({name, " is compressed; numpy.savez writes arrays as they are"}));

    constexpr std::size_t sizes_of_names = 26;  // their offset in the local header
    ByteReader local(archive.substr(std::min<std::size_t>(found.begin, archive.size())));
    if (local.number<std::uint32_t>() != local_signature)
        throw DataError(join({name, " is not where the directory says"}));
    local.take(sizes_of_names - sizeof signature);
    read(local, name_size, extra_size);
    if (local.take(name_size) != found.entry.name)
        throw DataError(join({name, " has another name in its local header"}));
    local.take(extra_size);
    found.entry.bytes = local.take(size);
    found.end = static_cast<std::size_t>(found.entry.bytes.data() + size - archive.data());
    if (stored_size != size) throw DataError(join({name, " has two sizes"}));
    return found;
}

/// Returns a reader behind the signature of the end record, which only a comment may follow. Throws DataError where
/// there is none.
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
    throw DataError("it has no end record");
}

}  // namespace zip

/// Returns the bytes of an archive, which must stay below 4 GiB and 65,536 entries.
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
        out.add(std::uint16_t{20});  // version of the program that wrote it
        zip::add_description(out, entries[i]);
        out.append(std::string_view("\0\0\0\0\0\0\0\0\0\0", 10));  // no comment, disk 0, no attributes
        out.add(begins[i]);
        out.append(entries[i].name);
    }
    const std::uint32_t directory_size = position() - directory;
    const auto count = static_cast<std::uint16_t>(entries.size());
    constexpr std::uint32_t disks = 0;
    constexpr std::uint16_t no_comment = 0;
    zip::add(out, zip::end_signature, disks, count, count, directory_size, directory, no_comment);
    return std::move(out).bytes();
}

/// Returns the entries of an archive in the order of its directory; they refer to its bytes. Throws FileError for an
/// archive that is damaged, and for entries that are compressed or encrypted, overlap, or have the same name.
inline std::vector<ZipEntry> read_zip(const std::string& file, std::string_view archive) {
    std::vector<zip::Found> found;
    try {
        ByteReader end = zip::find_end(archive);
        std::uint32_t disks, size, begin;
        std::uint16_t count_here, count;
        zip::read(end, disks, count_here, count, size, begin);
        if (disks != 0 || count_here != count || begin > archive.size() || size > archive.size() - begin) {
            throw DataError("its end record doesn't fit the file");
        }
        ByteReader directory(archive.substr(begin, size));
        for (std::size_t i = 0; i < count; ++i) found.push_back(zip::read_entry(file, directory, archive));
        if (!directory.at_end()) throw DataError("its directory has more entries than its end record says");
    } catch (const DataError& error) {
        throw FileError(file, join({"is not a ZIP archive, or is damaged: ", error.what()}));
    }
    std::vector<ZipEntry> entries;
    entries.reserve(found.size());
    for (const zip::Found& one : found) entries.push_back(one.entry);

    // Overlaps are refused before checksums are computed: a small archive could otherwise name the same bytes 65,535
    // times.
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < found.size(); ++i) {
        if (found[i].begin >= found[i - 1].end) continue;
        throw FileError(file, join({"the entries ", shown(found[i - 1].entry.name), " and ", shown(found[i].entry.name),
                                    " overlap"}));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.entry.name < b.entry.name; });
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::string& name = found[i].entry.name;
        if (i > 0 && name == found[i - 1].entry.name)
            throw FileError(file, join({"has two entries named ", shown(name)}));
        if (crc32(found[i].entry.bytes) != found[i].crc) {
            throw FileError(file, join({"is damaged: the bytes of ", shown(name), " have another checksum"}));
        }
    }
    return entries;
}

}  // namespace TYPENET::detail
