#include "data.hpp"

#include <cstdint>
#include <cstdlib>
#include <utility>
#include <variant>
#include <vector>

#include <typenet/core/error.hpp>
#include <typenet/data/csv.hpp>
#include <typenet/data/idx.hpp>

#include "network.hpp"
#include "synthetic.hpp"

namespace mnist {

namespace {

namespace fs = std::filesystem;

struct PartNames {
    const char* csv;
    const char* images;
    const char* labels;
};

PartNames names_of(Part part) {
    return part == Part::train ? PartNames{"mnist_train.csv", "train-images-idx3-ubyte", "train-labels-idx1-ubyte"}
                               : PartNames{"mnist_test.csv", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
}

/// Returns the path of an IDX file in `folder`. It may also be spelled with a dot, as train-images.idx3-ubyte, and may
/// end in .gz. Where none of these exists, returns that of `name`.
fs::path find_idx(const fs::path& folder, const std::string& name) {
    std::string dotted = name;
    dotted[name.find("-idx")] = '.';
    for (const std::string& spelling : {name, dotted, name + ".gz", dotted + ".gz"}) {
        if (fs::exists(folder / spelling)) return folder / spelling;
    }
    return folder / name;
}

bool has_csv(const fs::path& folder, Part part) { return fs::exists(folder / names_of(part).csv); }

bool has_idx(const fs::path& folder, Part part) { return fs::exists(find_idx(folder, names_of(part).images)); }

bool has_digits(const fs::path& folder) {
    return has_csv(folder, Part::train) || has_csv(folder, Part::test) || has_idx(folder, Part::train) ||
           has_idx(folder, Part::test);
}

Source named_folder(const fs::path& folder) {
    if (!fs::is_directory(folder)) throw typenet::FileError(folder.string(), "is no folder");
    if (!has_digits(folder)) {
        throw typenet::FileError(folder.string(),
                                 "holds neither mnist_train.csv and mnist_test.csv nor MNIST's four IDX files, such as "
                                 "train-images-idx3-ubyte or train-images.idx3-ubyte, with or without .gz");
    }
    return {folder};
}

typenet::Dataset<784> draw(Part part) {
    // Two seeds, so that no digit is in both sets.
    constexpr std::size_t train_count = 60000;
    constexpr std::size_t test_count = 10000;
    const bool train = part == Part::train;
    DigitImages digits = draw_digits(train ? train_count : test_count, typenet::Seed{train ? 1U : 2U});
    return {typenet::Features<784>(std::move(digits.pixels), pixel_scale), typenet::Labels(std::move(digits.labels))};
}

}  // namespace

std::string Source::describe() const { return folder ? "MNIST from " + folder->string() : "synthetic digits"; }

Source find_digits(const std::string& option) {
    if (!option.empty()) return named_folder(option);
    if (const char* folder = std::getenv("TYPENET_MNIST_DIR"); folder != nullptr && *folder != '\0') {
        return named_folder(folder);
    }
    const fs::path usual = fs::path("data") / "mnist";
    if (has_digits(usual)) return {usual};
    return {};
}

typenet::Dataset<784> load_digits(const Source& source, Part part) {
    if (!source.folder) return draw(part);
    const fs::path& folder = *source.folder;
    const PartNames names = names_of(part);
    if (has_csv(folder, part)) {
        auto digits = typenet::load_csv<784>(
            folder / names.csv, {.label_column = 0, .scale = pixel_scale, .minimum = 0, .maximum = 255, .classes = 10});
        if (!std::holds_alternative<std::vector<std::uint8_t>>(digits.features().storage())) {
            throw typenet::FileError((folder / names.csv).string(), "has pixels that are not whole numbers");
        }
        return digits;
    }
    return typenet::load_idx<784>(find_idx(folder, names.images), find_idx(folder, names.labels),
                                  {.scale = pixel_scale, .classes = 10});
}

}  // namespace mnist
