#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/text.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/file_reader.hpp>
#include <typenet/platform/folder_lock.hpp>
#include <typenet/platform/path_text.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/tally.hpp>
#include <typenet/train/training_run.hpp>

/// Stores a training after every epoch, or every few, so that it can be resumed after a stop.
/// Entry points: the callback Checkpoint, and load_checkpoint, which reads only the parameters.
/// `fit` calls Checkpoint's `check` (makes and locks the folder, and writes a file on trial), then `resume` (reads the
/// file of an earlier run), then `after_epoch` (replaces the file), and `suspend` if the training ends within an epoch.
/// store_run and read_run turn a run into the file's contents and back; seal_checkpoint and open_checkpoint put the
/// contents into a file and take them out of it. The file consists of 16 bytes of magic, the format's version and the
/// file's size as 64-bit numbers, the contents as a ByteWriter makes them, and a hash of everything before it. A file
/// in which any byte was changed is refused.
namespace TYPENET {

namespace detail {

inline constexpr std::string_view checkpoint_magic = "typenet training";  // 16 bytes
inline constexpr std::uint64_t checkpoint_version = 3;
inline constexpr std::size_t checkpoint_header = checkpoint_magic.size() + 2 * sizeof(std::uint64_t);

inline std::uint64_t hash_of(std::string_view bytes) {
    Hash hash;
    hash.add(std::as_bytes(std::span(bytes.data(), bytes.size())));
    return hash.value();
}

/// Returns a file with these contents.
inline std::string seal_checkpoint(std::string_view contents) {
    const std::uint64_t size = checkpoint_header + contents.size() + sizeof size;
    ByteWriter file;
    file.append(checkpoint_magic);
    file.add(checkpoint_version);
    file.add(size);
    file.append(contents);
    file.add(hash_of(file.bytes()));
    return std::move(file).bytes();
}

/// Returns the contents of a file; `name` is the file's, for messages. Throws FileError unless it is whole and
/// unchanged.
inline std::string_view open_checkpoint(const std::string& name, std::string_view file) {
    if (!file.starts_with(checkpoint_magic) || file.size() < checkpoint_header) {
        throw FileError(name, "is not a checkpoint");
    }
    ByteReader header(file.substr(checkpoint_magic.size()));
    const auto version = header.number<std::uint64_t>();
    const auto size = header.number<std::uint64_t>();
    if (version != checkpoint_version) {
        throw FileError(name, join({"is a checkpoint of version ", version, ", or damaged; this library reads version ",
                                    checkpoint_version}));
    }
    constexpr std::size_t least = checkpoint_header + sizeof(std::uint64_t);
    if (size != file.size() || size < least) {
        throw FileError(name, join({"is damaged: it has ", file.size(), " bytes and should have ", size}));
    }
    const std::string_view hashed = file.substr(0, file.size() - sizeof(std::uint64_t));
    if (ByteReader(file.substr(hashed.size())).number<std::uint64_t>() != hash_of(hashed)) {
        throw FileError(name, "is damaged: its bytes don't match the hash at its end");
    }
    return hashed.substr(checkpoint_header);
}

/// Texts by name: a run's description, and the states of its callbacks.
using NamedTexts = RunDescription;

inline void write_texts(ByteWriter& out, const NamedTexts& texts) {
    out.add(std::uint64_t{texts.size()});
    for (const auto& [name, text] : texts) {
        out.add(std::string_view(name));
        out.add(std::string_view(text));
    }
}

inline NamedTexts read_texts(ByteReader& in) {
    NamedTexts texts;
    for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
        const std::string_view name = in.text();
        texts.emplace_back(name, in.text());
    }
    return texts;
}

/// Returns the text with this name, or `otherwise` where there is none.
inline std::string_view find_text(const NamedTexts& texts, std::string_view name, std::string_view otherwise) {
    const auto found = std::find_if(texts.begin(), texts.end(), [&](const auto& entry) { return entry.first == name; });
    return found == texts.end() ? otherwise : found->second;
}

/// A run as a file holds it. The views refer to the file's bytes.
struct StoredRun {
    NamedTexts description;
    std::string_view parameters;
    std::vector<EpochRecord> epochs;
    std::uint64_t steps_done = 0;
    std::uint64_t epochs_done = 0;
    Tally unfinished;  ///< of the epoch within which the training was stopped, if it was
    double unfinished_seconds = 0;
    std::string_view optimizer_vectors;
    std::vector<double> optimizer_numbers;
    std::string_view treatment;  ///< what treatment_of returned
    NamedTexts callbacks;        ///< what each callback's save_state returned
};

/// Writes a field of an EpochRecord. A count has 64 bits in files, whatever its type has.
template <class Field>
void write_field(ByteWriter& out, const Field& field) {
    if constexpr (std::is_same_v<Field, std::size_t>) {
        out.add(std::uint64_t{field});
    } else {
        out.add(field);
    }
}
template <class Field>
void read_field(ByteReader& in, Field& field) {
    if constexpr (std::is_same_v<Field, std::size_t>) {
        field = static_cast<Field>(in.number<std::uint64_t>());
    } else {
        in.read(field);
    }
}

/// Returns how the parameters are updated at the moment, which callbacks may change: the learning rate, and each
/// layer's factor and penalties.
template <class Run>
std::vector<double> treatment_of(Run& run) {
    std::vector<double> numbers{run.trainer().learning_rate()};
    for (std::size_t i = 0; i < Run::Network::Layers::length; ++i) {
        const LayerTraining& layer = std::as_const(run.network()).training(i);
        numbers.insert(numbers.end(), {layer.rate_factor, layer.l1, layer.l2});
    }
    return numbers;
}
/// Puts back what treatment_of returned.
template <class Run>
void restore_treatment(std::span<const double> numbers, Run& run) {
    run.trainer().set_learning_rate(numbers[0]);
    Run::Network::Layers::for_each([&]<std::size_t I>() {
        const auto layer = numbers.subspan(1 + 3 * I, 3);
        run.network().template training<I>() = {.rate_factor = layer[0], .l1 = layer[1], .l2 = layer[2]};
    });
}

/// Returns the contents of a run's file.
template <class Run>
std::string store_run(const NamedTexts& description, Run& run) {
    using T = typename Run::Network::Scalar;
    ByteWriter out;
    write_texts(out, description);
    out.add(std::span<const T>(run.network().parameters()));
    out.add(std::uint64_t{run.history().epochs.size()});
    for (const EpochRecord& epoch : run.history().epochs) {
        for_each_field(epoch, [&](std::string_view, const auto& field) { write_field(out, field); });
    }
    const auto& state = run.trainer().state();
    out.add(state.steps);
    out.add(state.epochs);
    const Tally& unfinished = state.unfinished;
    for (const double sum : {unfinished.loss_sum, unfinished.correct, unfinished.weight}) out.add(sum);
    out.add(std::uint64_t{unfinished.rows});
    out.add(run.unfinished_seconds());
    const auto& memory = run.trainer().optimizer_memory();
    out.add(std::span<const T>(memory.vectors.data(), memory.vectors.size()));
    out.add(std::uint64_t{memory.numbers.size()});
    for (const double number : memory.numbers) out.add(number);
    out.add(std::span<const double>(treatment_of(run)));
    NamedTexts callbacks;
    for (const CallbackState& callback : run.callback_states()) callbacks.emplace_back(callback.name, callback.save());
    write_texts(out, callbacks);
    return std::move(out).bytes();
}

inline StoredRun read_run(ByteReader in) {
    StoredRun run;
    run.description = read_texts(in);
    run.parameters = in.text();
    for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
        for_each_field(run.epochs.emplace_back(), [&](std::string_view, auto& field) { read_field(in, field); });
    }
    run.steps_done = in.number<std::uint64_t>();
    run.epochs_done = in.number<std::uint64_t>();
    for (double* const sum : {&run.unfinished.loss_sum, &run.unfinished.correct, &run.unfinished.weight}) in.read(*sum);
    read_field(in, run.unfinished.rows);
    in.read(run.unfinished_seconds);
    run.optimizer_vectors = in.text();
    for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
        run.optimizer_numbers.push_back(in.number<double>());
    }
    run.treatment = in.text();
    run.callbacks = read_texts(in);
    if (!in.at_end()) throw DataError("there are more bytes than announced");
    return run;
}

/// Returns how many bytes a file may grow in the course of a training: records of epochs, and, for each callback that
/// keeps something, the size of the network's parameters, as EarlyStopping does.
template <class Run>
std::size_t expected_growth(Run& run) {
    const std::size_t epochs = std::min<std::size_t>(run.plan().epochs, 10'000);
    return epochs * sizeof(EpochRecord) +
           run.callback_states().size() * std::as_bytes(std::span(run.network().parameters())).size();
}

/// Throws FileError, with all that differs, unless the stored description has each entry of `now` with the same text.
inline void require_same_training(const std::string& name, const NamedTexts& stored, const NamedTexts& now) {
    std::string differences;
    for (const auto& [what, text] : now) {
        const std::string_view before = find_text(stored, what, "unknown");
        if (before == text) continue;
        differences += join({differences.empty() ? "" : "; ", "its ", what, " was ", before, " and is now ", text});
    }
    if (!differences.empty()) throw FileError(name, join({"is of a different training: ", differences}));
}

/// Calls read(name, contents) for a checkpoint's file. Throws FileError where the file can't be read or is damaged.
template <class Read>
void read_checkpoint(const std::filesystem::path& path, Read read) {
    const std::string name = path_text(path);
    const std::string bytes = read_file(path);
    try {
        read(name, ByteReader(open_checkpoint(name, bytes)));
    } catch (const DataError& error) {
        throw FileError(name, join({"is damaged: ", error.what()}));
    }
}

}  // namespace detail

/// What happens when a checkpoint can't be written in the course of a training, for instance because the disk is full
/// or no longer there.
enum class OnFailure {
    stop,  ///< `fit` throws the FileError; the network is as trained so far
    warn,  ///< a sentence is printed to std::cerr, and the training goes on
};

/// The options of `Checkpoint`.
struct CheckpointOptions {
    std::size_t every = 1;  ///< epochs from one stored state to the next, at least 1; the last of the training's
                            ///< `epochs` is always stored, and the step after which a callback stopped the training
    bool resume = false;    ///< whether the training goes on from the folder's file; without a file it starts anew
    OnFailure on_failure = OnFailure::stop;  ///< whether the training ends where a file can't be written
};

/// A callback that stores the training in a folder, as `checkpoint.typenet`: parameters, the optimizer's state, the
/// learning rate and how each layer is trained, the history, the positions of the schedule and the random numbers, and
/// the states of other callbacks. With `resume`, the same program can be stopped at any time and run again until the
/// training is done:
/// ```cpp
/// fit<CrossEntropy>(net, train, Adam{}, {.epochs = 50}, Checkpoint("state", {.resume = true}));
/// ```
/// A resumed training ends with the same parameters as one that was never stopped, bit for bit, for any number of
/// threads. It must have the same network type, data, loss, optimizer and options; only `epochs`, `threads` and the
/// callbacks may differ. A schedule that depends on the length of the training uses the new `epochs`.
/// The folder is made where it is missing. The file is replaced as a whole, so that after a crash the previous file is
/// still there. One training at a time may use a folder.
class Checkpoint {
public:
    /// Throws OptionError where `every` is 0.
    explicit Checkpoint(const std::filesystem::path& folder, const CheckpointOptions& options = {})
        : folder_(folder), file_(folder / "checkpoint.typenet"), options_(options) {
        detail::require_count("Checkpoint", "every", options.every);
    }

    /// Makes the folder and locks it, until the training has ended or this Checkpoint and its copies are destroyed.
    /// Writes a trial file and removes it. Throws FileError where that fails, where another training uses the folder,
    /// or where its disk hasn't room for two files of the largest size that is expected: the old one and the one that
    /// replaces it.
    template <class Run>
    void check(const TrainingPlan&, Run& run) {
        std::error_code error;
        std::filesystem::create_directories(folder_, error);
        if (error)
            throw FileError(detail::path_text(folder_), detail::join({"cannot be made a folder: ", error.message()}));
        if (!lock_) lock_ = std::make_shared<FolderLock>(folder_, "is in use by another training");
        description_ = run.description();
        std::string bytes = detail::seal_checkpoint(detail::store_run(description_, run));
        const std::size_t largest = bytes.size() + detail::expected_growth(run);
        const std::uintmax_t now = std::filesystem::file_size(file_, error);
        bytes.resize(2 * largest - (error ? 0 : std::min<std::size_t>(largest, static_cast<std::size_t>(now))), 'x');
        std::filesystem::path trial = file_;
        trial += detail::temporary_ending;  // so that the next training removes one that a killed process left
        replace_file(trial, std::as_bytes(std::span(bytes)));
        std::filesystem::remove(trial, error);
    }

    /// Throws FileError, and leaves the run as it was, where the file is damaged or of a different training.
    template <class Run>
    void resume(Run& run) {
        std::error_code ignored;
        const bool missing = std::filesystem::status(file_, ignored).type() == std::filesystem::file_type::not_found;
        if (!options_.resume || missing) return;
        detail::read_checkpoint(file_, [&](const std::string& name, ByteReader contents) {
            restore(name, detail::read_run(contents), run);
        });
    }

    /// Where the new file can't be written, an earlier one stays as it was. Throws FileError then, unless on_failure
    /// says otherwise.
    template <class Run>
    void after_epoch(const EpochRecord& epoch, Run& run) {
        if (epoch.epoch % options_.every == 0 || epoch.epoch == run.plan().epochs) store(run);
    }

    /// Stores a training that was stopped within an epoch, as by StopOn. Fails as after_epoch does.
    template <class Run>
    void suspend(Run& run) {
        store(run);
    }

    /// Leaves the folder to other trainings.
    void on_train_end(const History&) { lock_.reset(); }

private:
    template <class Run>
    void store(Run& run) const {
        const std::string bytes = detail::seal_checkpoint(detail::store_run(description_, run));
        try {
            replace_file(file_, std::as_bytes(std::span(bytes)));
        } catch (const FileError& error) {
            if (options_.on_failure == OnFailure::stop) throw;
            std::cerr << detail::join(
                {"typenet: no checkpoint after epoch ", run.plan().epochs_done, ": ", error.what(), "\n"});
        }
    }

    template <class Run>
    void restore(const std::string& name, detail::StoredRun stored, Run& run) const {
        using T = typename Run::Network::Scalar;
        detail::require_same_training(name, stored.description, description_);
        auto& state = run.trainer().state();
        const std::span<T> parameters = run.network().parameters();
        auto& memory = run.trainer().optimizer_memory();
        const std::span<T> vectors(memory.vectors.data(), memory.vectors.size());
        if (stored.parameters.size() != parameters.size_bytes() ||
            stored.optimizer_vectors.size() != vectors.size_bytes()) {
            throw FileError(name, "is damaged: its arrays don't have the sizes that its description asks for");
        }
        const std::size_t rows = stored.unfinished.rows;
        if (rows >= run.data().size() || rows % run.trainer().batch_size() != 0 ||
            (rows == 0 && stored.epochs.empty())) {
            throw FileError(name, "is damaged: a training can't have been stopped there");
        }
        std::vector<double> treatment = detail::treatment_of(run);
        copy_bytes(stored.treatment, std::span(treatment));
        if (!std::all_of(treatment.begin(), treatment.end(), [](double x) { return detail::is_finite(x) && x >= 0; })) {
            throw FileError(name, "is damaged: its learning rates and penalties can't be such");
        }
        for (const CallbackState& callback : run.callback_states()) {
            callback.restore(detail::find_text(stored.callbacks, callback.name, {}));
        }
        copy_bytes(stored.parameters, parameters);
        copy_bytes(stored.optimizer_vectors, vectors);
        // The sizes may differ: an AnyOptimizer has room for more numbers than the optimizer that it holds.
        std::copy_n(stored.optimizer_numbers.begin(), std::min(memory.numbers.size(), stored.optimizer_numbers.size()),
                    memory.numbers.begin());
        detail::restore_treatment(treatment, run);
        state.steps = stored.steps_done;
        state.epochs = stored.epochs_done;
        state.unfinished = stored.unfinished;
        run.unfinished_seconds() = stored.unfinished_seconds;
        run.history().epochs = std::move(stored.epochs);  // moved: from the first copy on nothing can throw
    }

    std::filesystem::path folder_;
    std::filesystem::path file_;
    CheckpointOptions options_;
    detail::RunDescription description_;
    std::shared_ptr<FolderLock> lock_;  // held from check() on
};

/// Reads the parameters of a checkpoint into a network. Throws FileError, and leaves the network as it was, where the
/// file is missing, damaged or of another network type.
/// ```cpp
/// load_checkpoint(net, "state/checkpoint.typenet");
/// ```
template <AnyNetwork Network>
void load_checkpoint(Network& network, const std::filesystem::path& path) {
    detail::read_checkpoint(path, [&](const std::string& name, ByteReader contents) {
        const detail::NamedTexts stored = detail::read_texts(contents);
        detail::require_same_training(name, stored, {{"network", detail::describe_network<Network>()}});
        contents.array(network.parameters());
    });
}

}  // namespace TYPENET
