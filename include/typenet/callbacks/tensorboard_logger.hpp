#pragma once

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/concepts.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/protobuf.hpp>
#include <typenet/core/text.hpp>
#include <typenet/platform/detail/system.hpp>
#include <typenet/platform/path_text.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/train/history.hpp>

/// A log that TensorBoard shows: `TensorBoardLogger`.
/// An event file is a sequence of records. A record is a message of the type Event and, before it, its length; each is
/// followed by its checksum. The numbers of the fields are those of TensorBoard's event.proto and summary.proto.
namespace TYPENET {

namespace detail {

/// Returns a checksum as records have it: a CRC-32C of bytes that hold a CRC-32C would be a poor one.
constexpr std::uint32_t masked_crc32c(std::string_view bytes) noexcept {
    const std::uint32_t crc = crc32c(bytes);
    return (crc >> 15 | crc << 17) + 0xA282EAD8U;
}

/// Returns the record of an event: 8 bytes of length, 4 of checksum, the event, 4 of checksum.
inline std::string event_record(std::string_view event) {
    ByteWriter record;
    record.add(std::uint64_t{event.size()});
    record.add(masked_crc32c(record.bytes()));
    record.append(event);
    record.add(masked_crc32c(event));
    return std::move(record).bytes();
}

/// Returns a HistogramProto of at least one finite number: 30 buckets of one width from the smallest to the largest.
template <class T>
ProtobufMessage histogram_of(std::span<const T> numbers) {
    constexpr std::size_t buckets = 30;
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    const auto low = static_cast<double>(*least);
    const auto high = static_cast<double>(*most);
    const double width = (high - low) / buckets;
    std::vector<double> counts(width > 0 ? buckets : 1);
    double sum = 0;
    double sum_of_squares = 0;
    for (const T number : numbers) {
        const auto x = static_cast<double>(number);
        sum += x;
        sum_of_squares += x * x;
        const auto bucket = width > 0 ? static_cast<std::size_t>((x - low) / width) : 0;
        ++counts[std::min(bucket, counts.size() - 1)];
    }
    ByteWriter limits;  // the right end of each bucket
    ByteWriter heights;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        limits.add(i + 1 < counts.size() ? low + width * static_cast<double>(i + 1) : high);
        heights.add(counts[i]);
    }
    ProtobufMessage histogram;
    histogram.add(1, low).add(2, high).add(3, static_cast<double>(numbers.size())).add(4, sum).add(5, sum_of_squares);
    histogram.add(6, limits.bytes()).add(7, heights.bytes());
    return histogram;
}

}  // namespace detail

/// The options of `TensorBoardLogger`.
struct TensorBoardOptions {
    std::size_t histograms_every = 0;  ///< epochs from one histogram of each layer's parameters to the next;
                                       ///< 0 for no histograms
};

/// A callback that writes a log for TensorBoard into a folder, after each epoch: `tensorboard --logdir runs` shows all
/// folders in `runs`, also while they grow.
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 20, .validation = &validation},
///                   TensorBoardLogger("runs/first", {.histograms_every = 5}));
/// ```
/// The step of an entry is its epoch. The scalars are loss/train, loss/validation, accuracy/train, accuracy/validation
/// and learning_rate, those of them that are measured; the histograms are layer_0/weight, layer_0/bias and so on, one
/// for each entry of a layer's `tensors`, with its name. A training adds a file to the folder, which is made where it
/// is missing. If it is resumed, its file says from which epoch on it replaces the others. A killed training leaves
/// whole records, and at most one that is cut off. Every hook throws FileError where the file can't be written.
class TensorBoardLogger {
public:
    /// Writes a new file in `folder`, which is made if it is missing.
    explicit TensorBoardLogger(std::filesystem::path folder, const TensorBoardOptions& options = {})
        : folder_(std::move(folder)), options_(options) {}

    /// Makes the folder, and tries whether a file can be made in it.
    void check(const TrainingPlan&) {
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
        if (error) {
            throw FileError(detail::path_text(folder_), detail::join({"cannot be made a folder: ", error.message()}));
        }
        create_file();
        file_.reset();
        std::filesystem::remove(path_, error);  // another callback may still refuse the training
    }

    void on_train_begin(const TrainingPlan& plan) {
        create_file();
        write(event().add(3, "brain.Event:2"));
        if (plan.epochs_done == 0) return;
        // A SessionLog with status START: what other files have from this step on isn't shown.
        const detail::ProtobufMessage start = std::move(detail::ProtobufMessage().add(1, std::uint64_t{1}));
        write(event().add(2, std::uint64_t{plan.epochs_done + 1}).add(7, start));
    }

    template <class Run>
    void on_epoch_end(const EpochRecord& epoch, Run& run) {
        detail::ProtobufMessage summary;
        const auto add_scalar = [&](std::string_view tag, const std::optional<double>& number) {
            if (!number) return;
            summary.add(1, detail::ProtobufMessage().add(1, tag).add(2, static_cast<float>(*number)));
        };
        add_scalar("loss/train", epoch.loss);
        add_scalar("loss/validation", epoch.validation_loss);
        add_scalar("accuracy/train", epoch.accuracy);
        add_scalar("accuracy/validation", epoch.validation_accuracy);
        add_scalar("learning_rate", epoch.learning_rate);
        if (options_.histograms_every > 0 && epoch.epoch % options_.histograms_every == 0) {
            add_histograms(summary, std::as_const(run.network()));
        }
        write(event().add(2, std::uint64_t{epoch.epoch}).add(5, summary));
    }

private:
    void create_file() {
        // TensorBoard reads the files of a folder by their names, in alphabetical order. Other trainings may begin in
        // the same second.
        const auto seconds = static_cast<std::uint64_t>(now());
        std::size_t number = 1000;  // four digits, so that the order of the numbers is that of the names
        do {
            path_ = folder_ / detail::join({"events.out.tfevents.", seconds, ".typenet.", number++});
            file_.reset(detail::system::create_file(path_));
        } while (!file_ && errno == EEXIST);
        if (!file_) detail::fail_to_write(path_, "cannot be written");
    }

    /// Returns the seconds since 1970.
    static double now() {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }

    /// Returns an Event that has only its time.
    static detail::ProtobufMessage event() { return std::move(detail::ProtobufMessage().add(1, now())); }

    template <class Network>
    static void add_histograms(detail::ProtobufMessage& summary, const Network& network) {
        Network::Layers::for_each([&]<std::size_t I>() {
            using Layer = typename Network::template Layer<I>;
            const auto parameters = network.parameters().subspan(Network::Layers::offsets[I],
                                                                 Layer::parameter_rows * Layer::parameter_columns);
            for (const LayerTensor& tensor : Layer::tensors) {
                const std::string tag = detail::join({"layer_", I, "/", tensor.name});
                const auto histogram = detail::histogram_of(parameters.subspan(tensor.first, tensor.size()));
                summary.add(1, detail::ProtobufMessage().add(1, tag).add(5, histogram));
            }
        });
    }

    void write(const detail::ProtobufMessage& event) {
        const std::string record = detail::event_record(event.bytes());
        if (std::fwrite(record.data(), 1, record.size(), file_.get()) != record.size() ||
            std::fflush(file_.get()) != 0) {
            detail::fail_to_write(path_, "cannot be written");
        }
    }

    std::filesystem::path folder_;
    TensorBoardOptions options_;
    std::filesystem::path path_;  // of the file, chosen by create_file()
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{nullptr, &std::fclose};
};

}  // namespace TYPENET
