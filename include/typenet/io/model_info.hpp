#pragma once

#include <map>
#include <string>
#include <vector>

#include <typenet/core/namespace.hpp>

namespace TYPENET {

/// What a model file says beside its parameters.
struct ModelInfo {
    /// The factor by which raw features were multiplied for training, such as 1/255 for bytes. Exported models multiply
    /// by it; `predict` doesn't.
    float input_scale = 1;
    /// A name for each class: as many as the network has outputs, or two where it has one; or none.
    std::vector<std::string> labels = {};
    /// Further entries of the file's metadata.
    std::map<std::string, std::string> metadata = {};
};

}  // namespace TYPENET
