#include "model.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/core/text.hpp>
#include <typenet/io/detail/json.hpp>
#include <typenet/io/detail/npz_file.hpp>
#include <typenet/io/detail/restore_model.hpp>
#include <typenet/io/detail/safetensors_reader.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/platform/file_reader.hpp>

// inspect_model reads a file into the library's StoredModel, prints it, and calls print_types. Where the metadata hold
// an architecture, layers_of turns that into C++. Elsewhere layers_of_tensors groups the tensors into modules, puts
// these in order, and asks layer_of what each is in the library.
namespace inspect {

using typenet::FileError;
using typenet::detail::find_entry;
using typenet::detail::join;
using typenet::detail::join_list;
using typenet::detail::parse_decimal;
using typenet::detail::shape_text;
using typenet::detail::shown;
using typenet::detail::StoredModel;
using typenet::detail::StoredTensor;

namespace {

constexpr std::string_view unknown = "/* ? */";

/// Returns a layer of an architecture as C++ writes it: Dropout<1/5> is Dropout<std::ratio<1, 5>>.
std::string with_ratio(std::string layer) {
    const std::size_t slash = layer.find('/');
    if (slash == std::string::npos) return layer;
    const std::size_t first = layer.rfind('<', slash) + 1;
    const std::size_t last = std::min(layer.find('>', slash), layer.size());
    const std::string ratio =
        join({"std::ratio<", layer.substr(first, slash - first), ", ", layer.substr(slash + 1, last - slash - 1), ">"});
    return layer.replace(first, last - first, ratio);
}

/// Returns the layers that an architecture lists, as C++ writes them, with the layers before a SkipSum as a Residual.
std::vector<std::string> layers_of(std::string_view architecture) {
    std::vector<std::string> layers;
    std::vector<std::size_t> lengths;  // how many layers of the architecture each stands for
    while (!architecture.empty()) {
        std::size_t end = 0;
        for (int depth = 0; end < architecture.size() && (depth > 0 || architecture[end] != ','); ++end) {
            depth += architecture[end] == '<' ? 1 : architecture[end] == '>' ? -1 : 0;
        }
        std::string layer(architecture.substr(0, end));
        architecture.remove_prefix(std::min(end + 2, architecture.size()));
        std::size_t length = 1;
        if (layer.starts_with("SkipSum<")) {
            const std::size_t skipped = parse_decimal<std::size_t>(layer.substr(8, layer.size() - 9)).value_or(0);
            std::string inner;
            while (length <= skipped && !layers.empty()) {
                inner = join({layers.back(), inner.empty() ? "" : ", ", inner});
                length += lengths.back();
                layers.pop_back();
                lengths.pop_back();
            }
            layer = join({"Residual<", inner, ">"});
        }
        layers.push_back(with_ratio(std::move(layer)));
        lengths.push_back(length);
    }
    return layers;
}

/// The tensors whose names are equal but for their last part, such as fc1.weight and fc1.bias.
struct Module {
    std::string name;
    std::map<std::string, const StoredTensor*> tensors = {};

    /// Returns a tensor's shape; an empty one where the module has no such tensor.
    [[nodiscard]] std::vector<std::size_t> shape(const char* tensor) const {
        const auto found = tensors.find(tensor);
        return found == tensors.end() ? std::vector<std::size_t>() : found->second->shape;
    }
};

/// Returns the modules in the order of the file.
std::vector<Module> modules_of(const StoredModel& model) {
    std::vector<Module> modules;
    for (const StoredTensor& tensor : model.tensors) {
        const std::size_t dot = tensor.name.rfind('.');
        const std::string name = dot == std::string::npos ? "" : tensor.name.substr(0, dot);
        auto found = std::find_if(modules.begin(), modules.end(), [&](const Module& m) { return m.name == name; });
        if (found == modules.end()) found = modules.insert(found, Module{name});
        found->tensors[tensor.name.substr(dot == std::string::npos ? 0 : dot + 1)] = &tensor;
    }
    return modules;
}

/// Returns a name with zeros before its numbers, so that fc10 comes after fc9.
std::string sort_key(const std::string& name) {
    std::string key;
    for (std::size_t i = 0; i < name.size();) {
        const std::size_t end = std::min(name.find_first_not_of("0123456789", i), name.size());
        if (end == i) {
            key += name[i++];
        } else {
            key += std::string(20 - std::min<std::size_t>(20, end - i), '0') + name.substr(i, end - i);
            i = end;
        }
    }
    return key;
}

/// What a module is in the library.
struct Layer {
    std::string text;
    std::size_t inputs;
    std::size_t outputs;
};

/// Throws FileError where the library has no such layer.
Layer layer_of(const std::string& file, const Module& module, bool is_last, std::string_view activation) {
    const auto weight = module.shape("weight");
    const auto bias = module.shape("bias");
    const auto mean = module.shape("mean");
    const bool is_pair = module.tensors.size() == 2;
    if (is_pair && weight.size() == 2 && bias.size() == 1) {
        if (bias[0] == weight[0]) return {join({"Dense<", weight[0], ", ", activation, ">"}), weight[1], weight[0]};
        throw FileError(file, join({"the weights of ", shown(module.name), " have the shape ", shape_text(weight),
                                    " for ", bias[0], " biases; the library's are [outputs, inputs]"}));
    }
    if (is_pair && weight.size() == 1 && bias == weight) return {"LayerNorm", weight[0], weight[0]};
    if (is_pair && mean.size() == 1 && module.shape("deviation") == mean) {
        return {is_last ? "Unstandardize" : "Standardize", mean[0], mean[0]};
    }
    std::vector<std::string> tensors;
    for (const auto& [name, tensor] : module.tensors) {
        tensors.push_back(join({shown(tensor->name, 60), " ", shape_text(tensor->shape)}));
    }
    throw FileError(file, join({"the library has no layer with these tensors alone: ", join_list(tensors)}));
}

/// Returns the layers that names and shapes tell, in the order of the names. Throws FileError where they tell none.
std::vector<std::string> layers_of_tensors(const std::string& file, const StoredModel& model) {
    std::vector<Module> modules = modules_of(model);
    std::sort(modules.begin(), modules.end(),
              [](const Module& a, const Module& b) { return sort_key(a.name) < sort_key(b.name); });
    std::vector<std::string> texts;
    std::size_t width = 0;
    for (std::size_t i = 0; i < modules.size(); ++i) {
        const bool is_last = i + 1 == modules.size();
        // Where nn.Sequential numbers the modules, there is none between this one and the next, not even an activation.
        const auto number = parse_decimal<std::size_t>(modules[i].name);
        const auto next = is_last ? std::nullopt : parse_decimal<std::size_t>(modules[i + 1].name);
        const bool has_none = number && next && *next == *number + 1;
        const Layer layer = layer_of(file, modules[i], is_last, has_none ? "Identity" : unknown);
        if (i == 0) texts.push_back(join({"Input<", layer.inputs, ">"}));
        if (i != 0 && layer.inputs != width) {
            throw FileError(file, join({shown(modules[i].name), " has ", layer.inputs, " inputs, but ",
                                        shown(modules[i - 1].name), " before it has ", width, " outputs"}));
        }
        texts.push_back(layer.text);
        width = layer.outputs;
    }
    return texts;
}

/// Prints the types to paste.
void print_types(const std::string& file, const StoredModel& model, std::ostream& out) {
    const std::string* const architecture = find_entry(model, "architecture");
    std::vector<std::string> layers = architecture != nullptr ? layers_of(shown(*architecture, architecture->size()))
                                                              : layers_of_tensors(file, model);
    if (const std::string* const text = find_entry(model, "columns"); text != nullptr && !layers.empty()) {
        std::vector<std::string> columns;
        typenet::detail::JsonReader(file, "the metadata's columns", *text).read(columns, typenet::detail::most_names);
        out << "using Row = Columns<" << shown(join_list(columns), text->size()) << ">;\n";
        layers[0] = "Row";
    }
    const bool are_double = std::all_of(model.tensors.begin(), model.tensors.end(),
                                        [](const StoredTensor& tensor) { return tensor.dtype == "F64"; });
    out << "using Net = Mlp<" << (are_double ? "double, " : "float, ") << join_list(layers) << ">;\n";
    if (architecture == nullptr) {
        out << "// " << unknown
            << " stands for an activation, which the file doesn't name. load takes the tensors where\n"
            << "// their names are those of nn.Sequential, such as 0.weight, an activation being a module, too.\n";
    }
}

}  // namespace

bool is_model(const std::filesystem::path& path) {
    if (path.extension() == ".safetensors" || path.extension() == ".npz") return true;
    std::array<char, 9> begin{};
    const std::string_view bytes(begin.data(), typenet::FileReader(path).read(begin.data(), begin.size()));
    return bytes.starts_with("PK\3\4") || (bytes.size() > 8 && bytes[7] == '\0' && bytes[8] == '{');
}

void inspect_model(const std::filesystem::path& path, std::ostream& out) {
    const std::string file = path.string();
    const std::string stored = typenet::read_file(path);
    const StoredModel model = stored.starts_with("PK") ? typenet::detail::read_npz(file, stored)
                                                       : typenet::detail::read_safetensors(file, stored);
    if (model.tensors.empty()) throw FileError(file, "has no tensors");
    std::size_t width = 0;
    for (const StoredTensor& tensor : model.tensors) width = std::max(width, shown(tensor.name).size());
    out << file << ": " << model.tensors.size() << (model.tensors.size() == 1 ? " tensor\n\n" : " tensors\n\n");
    for (const StoredTensor& tensor : model.tensors) {
        const std::string name = shown(tensor.name);
        out << name << std::string(width - name.size() + 2, ' ') << shown(tensor.dtype) << "  "
            << shape_text(tensor.shape) << '\n';
    }
    if (!model.metadata.empty()) out << '\n';
    for (const auto& [key, value] : model.metadata) out << shown(key) << " = " << shown(value, 100) << '\n';
    out << '\n';
    print_types(file, model, out);
}

}  // namespace inspect
