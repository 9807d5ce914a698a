#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fuzz/fuzz.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/io/header.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/network/quantized.hpp>
#include <vector>

/// export_header with names, labels and numbers from the input. Either it throws OptionError or DataError, or the
/// header's namespace is made of identifiers, its string literals mean the labels, and its numbers are the network's.
///
/// An input: a byte for the options, the scale, the parameters, the namespace, and two labels.
namespace {

using namespace typenet;

using Network = Mlp<float, Input<1>, Dense<2, Softmax>>;

constexpr std::size_t int8_weights = 1, has_labels = 2, whole_numbers = 4;  // bits of the options

bool is_identifier(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool is_reserved = name.find("__") != std::string_view::npos ||
                             (name.size() > 1 && name[0] == '_' && name[1] >= 'A' && name[1] <= 'Z');
    return !name.empty() && is_letter(name[0]) && !is_reserved &&
           std::all_of(name.begin(), name.end(), [&](char c) { return is_letter(c) || is_digit(c); });
}

/// Returns the parts of a name between "::".
std::vector<std::string_view> parts(std::string_view name) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = name.find("::");
        parts.push_back(name.substr(0, end));
        if (end == std::string_view::npos) return parts;
        name.remove_prefix(end + 2);
    }
}

/// Reads pieces of C++ from a text. Each piece must be there.
class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}

    void find(std::string_view expected) {
        const std::size_t place = rest_.find(expected);
        fuzz::require(place != std::string_view::npos, "the header has all its parts");
        rest_.remove_prefix(place + expected.size());
    }
    void expect(std::string_view expected) {
        fuzz::require(rest_.starts_with(expected), "the header is as it should be");
        rest_.remove_prefix(expected.size());
    }
    /// Returns what a string literal means.
    std::string text() {
        std::string value;
        for (expect("\""); !rest_.starts_with("\""); rest_.remove_prefix(1)) {
            fuzz::require(!rest_.empty() && rest_[0] >= ' ' && rest_[0] <= '~', "string literals are plain text");
            value += rest_[0];
            if (rest_[0] != '\\') continue;
            int byte = 0;
            for (std::size_t i = 1; i <= 3; ++i) {
                fuzz::require(rest_.size() > 3 && rest_[i] >= '0' && rest_[i] <= '7', "escapes have three digits");
                byte = 8 * byte + (rest_[i] - '0');
            }
            fuzz::require(byte < 256, "escapes are bytes");
            value.back() = static_cast<char>(byte);
            rest_.remove_prefix(3);
        }
        expect("\"");
        return value;
    }
    /// Returns the value of a literal of type float.
    float number() {
        const std::string literal(rest_.substr(0, rest_.find_first_not_of("0123456789.e+-")));
        rest_.remove_prefix(literal.size());
        fuzz::require(literal.find_first_of(".e") != std::string::npos, "a number is no whole number");
        expect("f");
        return std::strtof(literal.c_str(), nullptr);
    }

private:
    std::string_view rest_;
};

/// Returns the number in the four bytes at the front of the input; what is missing of them is 0.
float number(fuzz::Input& input) {
    const std::string_view bytes = input.take(sizeof(float));
    float value = 0;
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), bytes.size());
    return value;
}

}  // namespace

std::vector<std::string> fuzz::seeds() {
    using namespace std::string_literals;
    const std::string numbers = "\0\0\0\x3f\0\0\x80\x3f\0\0\0\xc0\x0a\xd7\x23\x3c\0\0\0\0"s;
    std::vector<std::string> seeds;
    for (const std::string_view name : {"iris", "my::net_2", "class", "_X", "a__b", "1a", "a:b", "::", ""}) {
        seeds.push_back("\2"s + numbers + with_length(name) + with_length("setosa") + "\"\\?\0\x37\n\xC3\xA9"s);
    }
    seeds.push_back("\1"s + numbers + with_length("iris"));
    seeds.push_back("\5"s + numbers + with_length("iris"));
    return seeds;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::size_t options = input.byte();
    const float scale = number(input);
    Network network;
    for (float& parameter : network.parameters()) parameter = number(input);
    const std::string name(input.text());
    ModelInfo info{.input_scale = scale};
    if ((options & has_labels) != 0) {
        info.labels.emplace_back(input.text());
        info.labels.emplace_back(input.rest());
    }
    const bool is_int8 = (options & int8_weights) != 0;
    const bool is_whole = is_int8 && (options & whole_numbers) != 0;

    const std::vector<std::string_view> names = parts(name);
    const bool has_good_name = std::all_of(names.begin(), names.end(), is_identifier);
    const float* const parameters = network.parameters().data();
    Quantized<Network>::Int8Layers layers;
    std::get<0>(layers).emplace(round_to_int8(parameters, parameters + 2, 1, 2, {-1, 0.5F}));
    const Quantized<Network> in_int8(network, layers);
    static const std::filesystem::path path = fuzz::file("header.hpp", "");
    try {
        if (is_int8) {
            export_header(in_int8, path, {.name = name, .whole_numbers = is_whole}, info);
        } else {
            export_header(network, path, {.name = name}, info);
        }
    } catch (const OptionError&) {
        // Keywords and the names of <cstddef> have no capitals, macros have only one kind of letters.
        const auto may_be_taken = [](std::string_view part) {
            constexpr std::string_view small = "abcdefghijklmnopqrstuvwxyz";
            constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
            return part.find_first_of(small) == std::string_view::npos ||
                   (part.size() > 1 && part.find_first_of(capitals) == std::string_view::npos);
        };
        const auto is_ascii = [](const std::string& label) {
            return std::all_of(label.begin(), label.end(), [](char c) { return c >= 0; });
        };
        fuzz::require(!has_good_name || std::any_of(names.begin(), names.end(), may_be_taken) ||
                          !std::isfinite(scale) || scale == 0 ||
                          !std::all_of(info.labels.begin(), info.labels.end(), is_ascii),
                      "export_header refuses what its comment says it refuses");
        return 0;
    } catch (const DataError&) {
        fuzz::require(is_whole || !(is_int8 ? in_int8.all_finite() : network.all_finite()),
                      "finite numbers are exported, unless they are too large for whole numbers");
        return 0;
    }
    fuzz::require(has_good_name, "a namespace has a name");
    const std::string header = support::bytes_of(path);
    Reader reader(header);
    reader.find(is_whole ? "#include <cstddef>\n#include <cstdint>\n\nnamespace " : "#include <cstddef>\n\nnamespace ");
    reader.expect(name);
    reader.expect(" {\n\ninline constexpr std::size_t input_count = 1;\n");
    if (!info.labels.empty()) {
        reader.find("labels[2] = {");
        fuzz::require(reader.text() == info.labels[0], "the first label is the network's");
        reader.expect(", ");
        fuzz::require(reader.text() == info.labels[1], "the second label is the network's");
        reader.expect("};\n");
    }
    const auto expect_numbers = [&](std::string_view array, const float* numbers) {
        reader.find(array);
        for (std::size_t i = 0; i < 2; ++i) {
            reader.expect(" ");
            fuzz::require(reader.number() == numbers[i], "the numbers are the network's");
            reader.expect(",");
        }
        reader.expect("\n};\n");
    };
    if (is_whole) {
        const std::vector<std::int8_t> weights = std::get<0>(layers)->parameters().weights;
        reader.find("signed char weights_0[2] = {\n    " + std::to_string(weights[0]) + ", " +
                    std::to_string(weights[1]) + ",\n};\n");
        reader.find("std::int32_t factors_0[2] = {\n");
        reader.find("std::int64_t offsets_0[2] = {\n");
    } else if (is_int8) {
        const Int8Factors own = factors_of(std::get<0>(layers)->parameters());
        expect_numbers("float factors_0[2] = {\n   ", own.factors.data());
        expect_numbers("float offsets_0[2] = {\n   ", own.offsets.data());
    } else {
        expect_numbers("float weights_0[2] = {\n   ", parameters);
        expect_numbers("float biases_0[2] = {\n   ", parameters + 2);
    }
    reader.find("}  // namespace detail");
    if (scale != 1 && !is_whole) {
        reader.find("static_cast<float>(features[i]) * ");
        fuzz::require(reader.number() == scale, "the scale is the network's");
        reader.expect(";\n");
    }
    reader.find("}  // namespace ");
    reader.expect(name);
    reader.expect("\n");
    return 0;
}
