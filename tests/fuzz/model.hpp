#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fuzz/fuzz.hpp>
#include <string>
#include <string_view>
#include <typenet/activations.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/random.hpp>
#include <typenet/io/detail/model_metadata.hpp>
#include <typenet/io/detail/restore_model.hpp>
#include <typenet/io/detail/stored_model.hpp>
#include <typenet/io/model_info.hpp>
#include <typenet/layers/dense.hpp>
#include <typenet/network/mlp.hpp>
#include <utility>
#include <vector>

/// What the targets of both formats of model files share.
namespace fuzz {

using ModelNetwork = typenet::Mlp<float, typenet::Input<2>, typenet::Dense<2, typenet::Sigmoid>>;

/// Returns models that ModelNetwork reads: one as the library stores it, one without metadata, one of each dtype, and
/// one with arrays in the other order.
inline std::vector<typenet::detail::StoredModel> models() {
    using typenet::detail::StoredModel;
    static const ModelNetwork network(typenet::Seed{1});
    std::vector<StoredModel> models;
    models.reserve(6);  // tensors refer to the numbers of their model
    const typenet::ModelInfo info{.input_scale = 0.5F, .labels = {"\"no\"", "y\u00E9s"}, .metadata = {{"a\n", "b"}}};
    models.push_back(typenet::detail::store_model("seeds", network, info));
    for (const char* dtype : {"F32", "F64", "F16", "BF16", "F32"}) {
        StoredModel model = typenet::detail::store_parameters(network);
        for (typenet::detail::StoredTensor& tensor : model.tensors) {
            static const std::string zeros(64, '\0');
            const std::size_t size = tensor.bytes.size() / sizeof(float) * typenet::detail::size_of_dtype(dtype);
            if (size != tensor.bytes.size()) tensor.bytes = std::string_view(zeros).substr(0, size);
            tensor.dtype = dtype;
            tensor.column_major = models.size() == 5;
        }
        models.push_back(std::move(model));
    }
    return models;
}

/// Writes a model's checksum over the one that stands in `file`, if there is one and it has the same length. `read` is
/// detail::read_safetensors or detail::read_npz.
template <class Read>
void repair_checksum(std::string& file, Read read) {
    try {
        const std::string copy = file;
        const typenet::detail::StoredModel model = read("copy", copy);
        const std::string* const stored = typenet::detail::find_entry(model, "checksum");
        const std::string checksum = typenet::detail::checksum(model);
        if (stored == nullptr || stored->size() != checksum.size()) return;
        const std::size_t place = file.find(*stored);
        if (place != std::string::npos) file.replace(place, checksum.size(), checksum);
    } catch (const typenet::FileError&) {  // then loading throws it, too
    }
}

/// Loads a model file. Either load throws FileError and leaves the network as it was, or the file's checksum and the
/// sizes of its tensors are right, the network's parameters are finite, and saving and loading them again gives the
/// same parameters and the same words. Returns whether the file was loaded.
template <class Read, class Load, class Save>
bool check_model(std::string_view bytes, Read read, Load load, Save save) {
    ModelNetwork network(typenet::Seed{2});
    typenet::ModelInfo info;
    try {
        info = load(network, file("model", bytes));
    } catch (const typenet::FileError&) {
        require(typenet::parameter_hash(network) == typenet::parameter_hash(ModelNetwork(typenet::Seed{2})),
                "a network stays as it was when a file is refused");
        return false;
    }
    const typenet::detail::StoredModel model = read("model", bytes);
    const std::string* const checksum = typenet::detail::find_entry(model, "checksum");
    require(checksum == nullptr || *checksum == typenet::detail::checksum(model),
            "a file with a wrong checksum is refused");
    for (const typenet::detail::StoredTensor& tensor : model.tensors) {
        std::size_t size = typenet::detail::size_of_dtype(tensor.dtype);
        for (const std::size_t extent : tensor.shape) size *= extent;
        require(size == tensor.bytes.size(), "a file whose tensors have other sizes than their shapes is refused");
    }
    const auto parameters = network.parameters();
    require(std::all_of(parameters.begin(), parameters.end(), [](float value) { return std::isfinite(value); }),
            "what was loaded is finite");
    const std::filesystem::path saved = file("saved", "");
    save(network, saved, info);
    ModelNetwork again(typenet::Seed{3});
    const typenet::ModelInfo info_again = load(again, saved);
    require(typenet::parameter_hash(network) == typenet::parameter_hash(again), "saved parameters are loaded again");
    require(info.labels == info_again.labels && info.metadata == info_again.metadata &&
                info.input_scale == info_again.input_scale,
            "saved words are loaded again");
    return true;
}

}  // namespace fuzz
