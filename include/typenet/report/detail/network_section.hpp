#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/report/detail/chart.hpp>
#include <typenet/report/detail/html.hpp>
#include <typenet/report/detail/layer_summary.hpp>
#include <typenet/report/detail/page.hpp>
#include <typenet/report/detail/picture.hpp>
#include <typenet/report/detail/report_data.hpp>
#include <typenet/report/options.hpp>

/// The part of a report about what the layers hold and put out: `network_section`.
namespace TYPENET::detail {

inline std::string layer_title(std::size_t index, const LayerSummary& layer) {
    return html::count(index) + ": " + layer.name;
}

inline std::string layer_table(const ReportData& report) {
    html::Table table("Layers, with the outputs for " + html::count_of(report.sampled_rows, "row"),
                      {"layer", "parameters", "weights: mean", "weights: deviation", "units", "always 0",
                       "always the same", "outputs: mean", "outputs: deviation"});
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerSummary& layer = report.layers[i];
        const auto if_any = [](const Distribution& numbers, double value) {
            return numbers.empty() ? std::string() : html::significant(value, 3);
        };
        table.add_row({html::escaped(layer_title(i, layer)), html::count(layer.parameters),
                       if_any(layer.weights, layer.weights.mean()), if_any(layer.weights, layer.weights.deviation()),
                       html::count(layer.units), html::count(layer.zero_units), html::count(layer.constant_units),
                       if_any(layer.outputs, layer.outputs.mean()), if_any(layer.outputs, layer.outputs.deviation())});
    }
    return table.text();
}

inline std::string layer_charts(const ReportData& report) {
    std::string rows;
    for (std::size_t i = 0; i < report.layers.size(); ++i) {
        const LayerSummary& layer = report.layers[i];
        std::string figures;
        if (layer.has_units && !layer.outputs.empty()) {
            const bool has_zeros = layer.outputs.zeros() >= 0.0005;
            figures += chart::histogram_chart(
                "Outputs of " + layer_title(i, layer),
                has_zeros ? html::percent(layer.outputs.zeros(), 1) + " are 0 and not drawn" : "", "output",
                has_zeros ? layer.outputs.histogram_without_zeros() : layer.outputs.histogram(), 'b');
        }
        if (!layer.weights.empty()) {
            figures +=
                chart::histogram_chart("Weights of " + layer_title(i, layer), "", "weight", layer.weights.histogram());
        }
        rows += html::charts(figures, "charts pair");
    }
    return rows;
}

/// Returns the weights of the first units of the first layer, each unit's as an image of the rows' shape, all in one
/// picture: the stronger the colour, the larger the weight.
inline std::string weight_pictures(const ReportData& report, const ImageShape& shape) {
    if (report.first_weights.size() == 0) return {};
    constexpr std::size_t gap = 2;
    const std::size_t pixels = shape.height * shape.width;
    const std::size_t units =
        std::min({report.first_weights.shape()[1], std::size_t{64}, std::max<std::size_t>(1, most_pixels / pixels)});
    const std::size_t across = std::min<std::size_t>(units, 8);
    const std::size_t down = (units + across - 1) / across;
    // All but one of 200 weights have a colour of their own; the others have the strongest.
    std::vector<double> sizes;
    for (std::size_t p = 0; p < pixels; ++p) {
        for (std::size_t u = 0; u < units; ++u) {
            const double weight = report.first_weights(p, u);
            if (is_finite(weight)) sizes.push_back(std::abs(weight));
        }
    }
    if (sizes.empty()) return {};
    const auto limit = sizes.begin() + static_cast<std::ptrdiff_t>((sizes.size() - 1) * 199 / 200);
    std::nth_element(sizes.begin(), limit, sizes.end());
    const double most = *limit;

    Picture picture{.width = across * (shape.width + gap) - gap, .height = down * (shape.height + gap) - gap};
    constexpr std::uint8_t outside = 0;
    constexpr int zero = 128;
    for (int i = 0; i < 256; ++i) {  // from orange by transparent to blue
        const double strength = std::abs(i - zero) / 127.0;
        const auto opacity = static_cast<std::uint8_t>(std::min(255.0, 255 * std::sqrt(strength)));
        picture.palette.push_back(i < zero ? Picture::Color{224, 110, 20, opacity}
                                           : Picture::Color{20, 125, 200, opacity});
    }
    picture.palette[outside] = {128, 128, 128, 70};
    picture.pixels.assign(picture.width * picture.height, outside);
    for (std::size_t u = 0; u < units; ++u) {
        const std::size_t top = u / across * (shape.height + gap);
        const std::size_t left = u % across * (shape.width + gap);
        for (std::size_t p = 0; p < pixels; ++p) {
            const double weight = report.first_weights(p, u);
            const double part = most > 0 && is_finite(weight) ? std::clamp(weight / most, -1.0, 1.0) : 0;
            picture.pixels[(top + p / shape.width) * picture.width + left + p % shape.width] =
                static_cast<std::uint8_t>(zero + std::lround(127 * part));
        }
    }
    const std::string title = "Weights of the first " + html::count(units) + " of " +
                              html::count_of(report.first_weights.shape()[1], "unit") + " of layer " +
                              html::count(report.first_weights_layer);
    const std::string image = R"(<img class="weights" src=")" + picture_address(picture) + "\" width=\"" +
                              std::to_string(picture.width) + "\" height=\"" + std::to_string(picture.height) +
                              "\" alt=\"" + html::escaped(title) + ", each as an image\"/>";
    return chart::figure(title,
                         html::element("span class=\"note\"",
                                       "blue: above 0, orange: below; full colour from " + html::significant(most, 3)),
                         image);
}

inline std::string network_section(const ReportData& report, const ReportOptions& options) {
    std::string content =
        html::paragraph("A unit that is always 0, or always the same, tells the next layer nothing.") +
        layer_table(report);
    if (options.image.height > 0) content += weight_pictures(report, options.image);
    return html::section("Network", content + layer_charts(report));
}

}  // namespace TYPENET::detail
