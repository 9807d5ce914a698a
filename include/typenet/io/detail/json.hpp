#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json_string.hpp>

/// Reads the headers of model files: JSON (RFC 8259), and the Python dictionary of an .npy file, which differs in a few
/// characters. The caller of a JsonReader says what must come next, and anything else is an error:
///
///     JsonReader json("a.safetensors", "the header", R"({"shape": [2, 3]})");
///     json.read_object([&](const std::string& name) { json.read(shape, most_dimensions); });
///     json.finish();
///
/// No tree of values is built. A file therefore can't nest deeper than the code that reads it, and the memory is that
/// of the texts and numbers that the caller asks for. read_safetensors, read_npz and list_entry are the callers.
namespace TYPENET::detail {

/// How many names an object may have, which is also the limit of ZIP archives: each costs far more memory than its few
/// characters in a file.
inline constexpr std::size_t most_names = 65'535;

enum class Notation {
    json,
    python  ///< 'text', (list), True, and a comma may stand after the last item
};

/// Reads a text from its beginning to its end. Each function skips blanks, reads one value, and throws FileError, with
/// the position, where something else comes.
class JsonReader {
public:
    /// `file` and `what` stand in messages, as in "digits.safetensors: the header is wrong at byte 7: ...".
    JsonReader(std::string file, std::string what, std::string_view text, Notation notation = Notation::json)
        : file_(std::move(file)),
          what_(std::move(what)),
          text_(text),
          rest_(text),
          is_python_(notation == Notation::python) {}

    /// Reads a string as UTF-8, without its quotes and escapes.
    void read(std::string& text) {
        const std::string_view quote = is_python_ ? "'" : "\"";
        if (!skip(quote)) fail("a text must stand here");
        text.clear();
        while (!rest_.starts_with(quote)) {
            const std::size_t length = utf8_length(rest_);
            if (length == 0 || static_cast<unsigned char>(rest_.front()) < ' ') fail("a text must be closed, in UTF-8");
            const std::string_view character = take(length);
            if (character == "\\") {
                read_escape(text);
            } else {
                text += character;
            }
        }
        take(1);
    }

    /// Reads a number that T can hold. Accepts a point without digits on one side, too.
    template <Number T>
    void read(T& number) {
        skip_blanks();
        const std::string_view digits = rest_.substr(0, rest_.find_first_not_of("+-.0123456789eE"));
        const std::string_view magnitude = digits.substr(digits.starts_with('-') ? 1 : 0);
        const bool has_leading_zero = magnitude.starts_with('0') && magnitude.find_first_of("0123456789", 1) == 1;
        const std::optional<T> value = parse_decimal<T>(digits);
        if (!value || has_leading_zero)
            fail(join({"a ", std::integral<T> ? "whole number" : "number", " must stand here"}));
        number = *value;
        take(digits.size());
    }

    /// Reads a truth value, which only Python's headers have.
    void read(bool& value) {
        value = skip("True");
        if (!value && !skip("False")) fail("True or False must stand here");
    }

    /// Reads a list of texts or of numbers. Throws FileError also for more than `longest` items.
    template <class Item>
    void read(std::vector<Item>& list, std::size_t longest) {
        expect(is_python_ ? "(" : "[");
        for (list.clear(); has_next(list.empty(), is_python_ ? ")" : "]");) {
            if (list.size() == longest) fail(join({"a list of at most ", longest, " items must end here"}));
            read(list.emplace_back());
        }
    }

    /// Reads an object. Calls read_value(name) for each name, which must read the value. Throws FileError also for a
    /// name that comes twice, and for more than most_names.
    template <class ReadValue>
    void read_object(ReadValue read_value) {
        expect("{");
        for (std::set<std::string> names; has_next(names.empty(), "}");) {
            std::string name;
            read(name);
            if (names.contains(name)) fail(join({shown(name), " comes twice"}));
            if (names.size() == most_names) fail(join({"an object of at most ", most_names, " names must end here"}));
            expect(":");
            read_value(std::as_const(name));
            names.insert(std::move(name));
        }
    }

    /// Throws FileError unless only blanks are left.
    void finish() {
        skip_blanks();
        if (!rest_.empty()) fail("nothing more must follow");
    }

    [[noreturn]] void fail(std::string_view reason) const {
        throw FileError(file_, join({what_, " is wrong at byte ", text_.size() - rest_.size() + 1, ": ", reason}));
    }

private:
    std::string_view take(std::size_t count) {
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(taken.size());
        return taken;
    }
    void skip_blanks() { take(std::min(rest_.find_first_not_of(" \t\n\r"), rest_.size())); }
    /// Skips blanks, then `expected` where it is next; returns whether it was.
    bool skip(std::string_view expected) {
        skip_blanks();
        return rest_.starts_with(expected) && !take(expected.size()).empty();
    }
    void expect(std::string_view expected) {
        if (!skip(expected)) fail(join({expected, " must stand here"}));
    }
    /// Skips the comma before a further item, or the end of a list or an object; returns whether an item must follow.
    bool has_next(bool is_first, std::string_view end) {
        if (skip(end)) return false;
        if (!is_first) expect(",");
        return is_first || !is_python_ || !skip(end);
    }

    /// Reads what follows a backslash, and appends the character that it means.
    void read_escape(std::string& text) {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        const std::string_view letter = take(1);
        if (letter != "u") {
            const std::size_t found = letter.empty() ? std::string_view::npos : letters.find(letter);
            if (found == std::string_view::npos) fail("this is no escape");
            text += meanings[found];
            return;
        }
        std::uint32_t code = read_hex();
        if (code >> 10 == 0xD800 >> 10 && rest_.starts_with("\\u")) {  // the first of a pair of surrogates
            take(2);
            const std::uint32_t second = read_hex();
            if (second >> 10 == 0xDC00 >> 10) code = 0x10000 + ((code & 0x3FF) << 10 | (second & 0x3FF));
        }
        if (code >> 11 == 0xD800 >> 11) fail("half of a surrogate pair is missing");
        if (code < 0x80) {
            text += static_cast<char>(code);
            return;
        }
        const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;  // bytes after the first, of 6 bits each
        text += static_cast<char>(0xFFU << (7 - more) | code >> 6 * more);
        for (int i = more; i-- > 0;) text += static_cast<char>(0x80 | (code >> 6 * i & 0x3F));
    }
    std::uint32_t read_hex() {
        const std::string_view digits = take(4);
        const char* const end = digits.data() + digits.size();
        std::uint32_t code = 0;
        if (digits.size() != 4 || std::from_chars(digits.data(), end, code, 16).ptr != end) {
            fail("four hexadecimal digits must end here");
        }
        return code;
    }

    std::string file_;
    std::string what_;
    std::string_view text_;
    std::string_view rest_;  ///< the end of text_ that is still to be read
    bool is_python_;
};

/// Reads a model's metadata: an object of texts.
inline std::map<std::string, std::string> read_metadata(JsonReader& json) {
    std::map<std::string, std::string> metadata;
    json.read_object([&](const std::string& name) { json.read(metadata[name]); });
    return metadata;
}

}  // namespace TYPENET::detail
