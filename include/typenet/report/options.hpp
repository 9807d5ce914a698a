#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <typenet/core/namespace.hpp>

namespace TYPENET {

/// The shape of rows that are grey images: height x width pixels, row by row from the top.
struct ImageShape {
    std::size_t height = 0;  ///< 0 in both: rows are no images
    std::size_t width = 0;   ///< in pixels
};

/// Options of `write_report`. All texts may hold any characters.
struct ReportOptions {
    std::string title = "Training report";       ///< the heading
    std::string data_name = "validation";        ///< what the rows are that the network is tried on, such as "test"
    std::string validation_name = "validation";  ///< what the validation rows of the history are
    std::vector<std::string> class_names = {};   ///< empty: those of the data, or else the labels
    std::vector<std::string> input_names = {};   ///< one for each input; empty: those of the network's Columns
    std::vector<std::string> output_names = {};  ///< one for each output, where these are numbers or yes-no questions
    ImageShape image = {};                       ///< where rows are images, they and the first weights are drawn
    std::vector<std::pair<std::string, std::string>> settings = {};  ///< how the network was trained: names and texts
    std::string command = {};   ///< the command that trained the network; empty: none is shown
    std::size_t mistakes = 24;  ///< how many of the worst mistakes are shown
    std::size_t sampled_rows =
        1000;                 ///< rows, evenly spread, of which outputs of layers and points of charts are taken
    std::size_t threads = 1;  ///< that share the predictions; 0: the library chooses. No effect on the numbers
};

}  // namespace TYPENET
