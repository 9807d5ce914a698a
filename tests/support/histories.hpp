#pragma once

#include <sstream>
#include <string>
#include <typenet/callbacks/csv_logger.hpp>
#include <typenet/train/history.hpp>

namespace support {

/// Returns all that a history holds but the seconds, which no two trainings share, with the digits that tell numbers
/// apart.
inline std::string without_seconds(typenet::History history) {
    for (typenet::EpochRecord& epoch : history.epochs) epoch.seconds = 0;
    std::ostringstream text;
    typenet::write_csv(text, history);
    return text.str();
}

}  // namespace support
