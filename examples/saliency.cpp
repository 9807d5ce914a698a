// What does a network look at? A picture of the places that count for its answer: each pixel is covered in turn, with
// its neighbours, and the drop in the class's probability is how much they matter (Zeiler, Fergus, "Visualizing and
// understanding convolutional networks", 2014, section 4.2). The images are noise with a ring or a cross somewhere.

#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <typenet/typenet.hpp>
#include <vector>

using namespace typenet;

constexpr std::size_t side = 14;
using Image = std::array<float, side * side>;
using Net = Mlp<float, Input<side * side>, Dense<64, ReLU>, Dense<32, ReLU>, Dense<2, Softmax>>;

/// Returns an image of noise with a ring (class 0) or a cross (class 1) of 5 x 5 pixels, whose middle is at (row,
/// column).
Image draw(Random& random, bool cross, std::size_t row, std::size_t column) {
    Image image;
    for (float& pixel : image) pixel = static_cast<float>(uniform(random, 0, 0.3));
    for (std::size_t r = 0; r < 5; ++r) {
        for (std::size_t c = 0; c < 5; ++c) {
            const bool ring = r == 0 || r == 4 || c == 0 || c == 4;
            const bool lines = r == c || r + c == 4;
            if (cross ? lines : ring) image[(row + r - 2) * side + column + c - 2] += 0.7F;
        }
    }
    return image;
}

std::size_t draw_middle(Random& random) { return 2 + static_cast<std::size_t>(uniform_index(random, side - 4)); }

/// Returns how much the probability of class `label` drops where a square of 3 x 3 around each pixel is grey.
Image saliency(const Net& net, const Image& image, std::size_t label) {
    const float before = net.predict(image)(label);
    Image result{};
    for (std::size_t r = 0; r < side; ++r) {
        for (std::size_t c = 0; c < side; ++c) {
            Image covered = image;
            for (std::size_t i = r == 0 ? 0 : r - 1; i < std::min(r + 2, side); ++i) {
                for (std::size_t k = c == 0 ? 0 : c - 1; k < std::min(c + 2, side); ++k) covered[i * side + k] = 0.15F;
            }
            result[r * side + c] = before - net.predict(covered)(label);
        }
    }
    return result;
}

int main() {
    Random random(Seed{1});
    std::vector<Image> images;
    std::vector<int> labels;
    for (int i = 0; i < 6000; ++i) {
        const std::size_t row = draw_middle(random);
        images.push_back(draw(random, i % 2 == 1, row, draw_middle(random)));
        labels.push_back(i % 2);
    }
    Net net(Seed{1});
    fit<CrossEntropy>(net, make_dataset<side * side>(images, labels), Adam{},
                      {.epochs = 30, .schedule = CosineDecay{}});

    int found = 0;  // of the pixels that matter most, those on the figure
    for (int i = 0; i < 100; ++i) {
        const std::size_t row = draw_middle(random);
        const std::size_t column = draw_middle(random);
        const Image image = draw(random, true, row, column);
        const Image map = saliency(net, image, 1);
        const auto most = static_cast<std::size_t>(std::max_element(map.begin(), map.end()) - map.begin());
        const auto apart = [](std::size_t a, std::size_t b) { return a > b ? a - b : b - a; };
        found += apart(most / side, row) <= 3 && apart(most % side, column) <= 3 ? 1 : 0;
        if (i > 0) continue;
        for (std::size_t r = 0; r < side; ++r) {  // the first image, and beside it what matters in it
            for (std::size_t c = 0; c < side; ++c) std::cout << (image[r * side + c] > 0.6F ? "##" : "..");
            std::cout << "   ";
            for (std::size_t c = 0; c < side; ++c) std::cout << (map[r * side + c] > 0.1F * map[most] ? "##" : "..");
            std::cout << '\n';
        }
    }
    std::cout << "in " << found << " of 100 images the place that matters most is on the cross\n";
    return found >= 90 ? 0 : 1;
}
