// Compares exported headers with the networks from which they were made: header_check FOLDER. FOLDER is one that
// `models write FOLDER` has filled.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "digits.hpp"
#include "digits_int8.hpp"
#include "digits_whole.hpp"
#include "doubles.hpp"
#include "elu_whole.hpp"
#include "gelu_whole.hpp"
#include "leaky_relu_whole.hpp"
#include "logits.hpp"
#include "normalized.hpp"
#include "passengers.hpp"
#include "raw_whole.hpp"
#include "relu_whole.hpp"
#include "residuals.hpp"
#include "silu_whole.hpp"
#include "softplus_whole.hpp"
#include "tanh_whole.hpp"
#include "values_whole.hpp"
#include "with_elu.hpp"
#include "with_gelu.hpp"
#include "with_leaky_relu.hpp"
#include "with_relu.hpp"
#include "with_silu.hpp"
#include "with_softplus.hpp"
#include "with_tanh.hpp"
#include "yes_or_no.hpp"
#include "yes_or_no_whole.hpp"

namespace {

template <class Number>
std::vector<Number> read_numbers(const std::string& name) {
    std::ifstream file(name, std::ios::binary | std::ios::ate);
    std::vector<Number> numbers(static_cast<std::size_t>(file.tellg()) / sizeof(Number));
    file.seekg(0);
    file.read(reinterpret_cast<char*>(numbers.data()), static_cast<std::streamsize>(numbers.size() * sizeof(Number)));
    if (!file || numbers.empty()) std::printf("%s cannot be read\n", name.c_str());
    return numbers;
}

std::size_t decide(const float* outputs, std::size_t count) {
    if (count == 1) return outputs[0] >= 0.5F ? 1 : 0;
    return static_cast<std::size_t>(std::max_element(outputs, outputs + count) - outputs);
}

/// The outputs of a header of whole numbers as floats.
template <std::size_t N>
struct Outputs {
    float values[N];

    float operator[](std::size_t i) const { return values[i]; }
};

/// Pixels in the unit of a header of whole numbers.
std::array<std::int64_t, 784> in_units(const unsigned char* pixels, std::int64_t unit) {
    std::array<std::int64_t, 784> whole{};
    std::transform(pixels, pixels + 784, whole.begin(), [unit](unsigned char pixel) { return pixel * unit; });
    return whole;
}

class Check {
public:
    explicit Check(const std::string& folder)
        : folder_(folder + "/"),
          pixels_(read_numbers<unsigned char>(folder_ + "pixels")),
          missing_(read_numbers<float>(folder_ + "missing")) {}

    /// Prints the largest difference, relative to outputs above 1, and how many images are classified differently.
    template <class Predict, class Classify>
    void run(const char* name, const std::vector<float>& expected, Predict predict, Classify classify,
             std::size_t classified_otherwise = 0, double largest_difference = 1e-5) {
        run_on(pixels_, name, expected, predict, classify, classified_otherwise, largest_difference);
    }
    /// The same for images with missing values.
    template <class Predict, class Classify>
    void run_missing(const char* name, const std::vector<float>& expected, Predict predict, Classify classify) {
        run_on(missing_, name, expected, predict, classify, 0, 1e-5);
    }

    /// Compares the outputs for rows of columns, which have been computed in both programs.
    void run_rows(const char* name, const std::vector<passengers::Outputs>& rows) {
        const std::vector<float> expected = outputs_of(name);
        double worst = 0;
        std::size_t i = 0;
        for (const passengers::Outputs& row : rows) {
            for (const float y : row.values) {
                const double difference = i < expected.size() ? std::abs(static_cast<double>(y - expected[i++])) : 1;
                if (difference > worst || std::isnan(difference)) worst = difference;  // a NaN stays
            }
        }
        const bool is_well = i == expected.size() && worst <= 1e-6;
        std::printf("%-19s %5zu rows, largest difference %.2g%s\n", name, rows.size(), worst,
                    is_well ? "" : "  FAILED");
        all_well_ = all_well_ && is_well;
    }

    [[nodiscard]] std::vector<float> outputs_of(const std::string& name) const {
        return read_numbers<float>(folder_ + name + ".outputs");
    }
    [[nodiscard]] std::size_t rows_of(const std::string& name, std::size_t outputs) const {
        return outputs_of(name).size() / outputs;
    }
    [[nodiscard]] bool all_well() const { return all_well_; }

private:
    template <class Pixel, class Predict, class Classify>
    void run_on(const std::vector<Pixel>& pixels, const char* name, const std::vector<float>& expected, Predict predict,
                Classify classify, std::size_t classified_otherwise, double largest_difference) {
        double worst = 0;
        std::size_t otherwise = 0;
        std::size_t rows = 0;
        for (std::size_t i = 0; i < expected.size(); ++rows) {
            const Pixel* const image = pixels.data() + rows * 784;
            const auto outputs = predict(image);
            const std::size_t count = sizeof outputs.values / sizeof outputs.values[0];
            otherwise += classify(image) != decide(expected.data() + i, count);
            for (std::size_t k = 0; k < count; ++k, ++i) {
                const double difference = std::abs(static_cast<double>(outputs[k] - expected[i]));
                const double relative = difference / std::max(1.0, std::abs(static_cast<double>(expected[i])));
                if (relative > worst || std::isnan(relative)) worst = relative;  // a NaN stays
            }
        }
        const bool is_well = rows >= 1000 && worst <= largest_difference && otherwise <= classified_otherwise;
        std::printf("%-19s %5zu images, largest difference %.2g, %zu classified otherwise%s\n", name, rows, worst,
                    otherwise, is_well ? "" : "  FAILED");
        all_well_ = all_well_ && is_well;
    }

    std::string folder_;
    std::vector<unsigned char> pixels_;
    std::vector<float> missing_;
    bool all_well_ = true;
};

}  // namespace

#define RUN(name)                                                                       \
    check.run(                                                                          \
        #name, check.outputs_of(#name), [](const auto* x) { return name::predict(x); }, \
        [](const auto* x) { return name::classify(x); })

// A header of whole numbers: of 1000 images, one may be classified otherwise.
#define RUN_WHOLE(name, largest_difference)                                                               \
    check.run(                                                                                            \
        #name, check.outputs_of(#name),                                                                   \
        [](const unsigned char* x) {                                                                      \
            const auto found = name::predict(in_units(x, name::input_unit));                              \
            Outputs<name::output_count> outputs{};                                                        \
            for (std::size_t k = 0; k < name::output_count; ++k) {                                        \
                outputs.values[k] = static_cast<float>(found[k]) / static_cast<float>(name::output_unit); \
            }                                                                                             \
            return outputs;                                                                               \
        },                                                                                                \
        [](const unsigned char* x) { return name::classify(in_units(x, name::input_unit)); },             \
        check.rows_of(#name, name::output_count) / 1000, largest_difference)

#define RUN_MISSING(name)                                                                                      \
    check.run_missing(                                                                                         \
        #name " with NaN", check.outputs_of(#name ".missing"), [](const auto* x) { return name::predict(x); }, \
        [](const auto* x) { return name::classify(x); })

int main(int argc, char** argv) {
    if (argc != 2) return 1;
    Check check(argv[1]);
    RUN(digits);
    RUN(digits_int8);
    RUN_WHOLE(digits_whole, 0.01);
    RUN_WHOLE(raw_whole, 0.01);
    RUN_WHOLE(values_whole, 0.05);
    RUN_WHOLE(yes_or_no_whole, 0.01);
    RUN_WHOLE(relu_whole, 0.01);
    RUN_WHOLE(leaky_relu_whole, 0.01);
    RUN_WHOLE(tanh_whole, 0.01);
    RUN_WHOLE(elu_whole, 0.01);
    RUN_WHOLE(gelu_whole, 0.01);
    RUN_WHOLE(silu_whole, 0.01);
    RUN_WHOLE(softplus_whole, 0.01);
    RUN(logits);
    RUN(doubles);
    RUN(normalized);
    RUN(residuals);
    RUN(with_elu);
    RUN(with_gelu);
    RUN(with_leaky_relu);
    RUN(with_relu);
    RUN(with_silu);
    RUN(with_softplus);
    RUN(with_tanh);
    RUN(yes_or_no);
    check.run_rows(
        "passengers",
        {passengers::predict(34, 7.25F, "male", "1st", true), passengers::predict(2, 0, "female", "2\"nd", false),
         passengers::predict(std::numeric_limits<float>::quiet_NaN(), 80, "female", "4th", false),
         passengers::predict(1e-3F, -3, "male", "", true)});
    RUN_MISSING(doubles);
    RUN_MISSING(normalized);
    // The price of weights of 8 bits: at most 20 of 10,000 images may be classified differently.
    check.run(
        "int8 for float", check.outputs_of("digits"), [](const auto* x) { return digits_int8::predict(x); },
        [](const auto* x) { return digits_int8::classify(x); }, 20, 1);
    return check.all_well() ? 0 : 1;
}
