#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/error.hpp>
#include <typenet/core/hash.hpp>
#include <typenet/core/text.hpp>
#include <typenet/network/mlp.hpp>
#include <typenet/platform/mapped_file.hpp>
#include <typenet/platform/replace_file.hpp>
#include <typenet/train/callback.hpp>
#include <typenet/train/history.hpp>
#include <typenet/train/monitor.hpp>
#include <typenet/train/training_run.hpp>

/// Trainings that are stored after an epoch and go on from there. The file: 16 bytes of magic, the format's version and
/// the file's size as 64-bit numbers, the contents (a ByteWriter's), and a hash of all that stands before it.
namespace typenet {

namespace detail {

inline constexpr std::string_view checkpoint_magic = "typenet training";  // 16 bytes
inline constexpr std::uint64_t checkpoint_version = 1;
inline constexpr std::size_t checkpoint_header = checkpoint_magic.size() + 2 * sizeof(std::uint64_t);

inline std::uint64_t hash_of(std::string_view bytes) {
    Hash hash;
    hash.add(std::as_bytes(std::span(bytes)));
    return hash.value();
}

/// A whole file from its contents.
inline std::string seal_checkpoint(std::string_view contents) {
    const std::uint64_t size = checkpoint_header + contents.size() + sizeof size;
    std::string file(checkpoint_magic);
    ByteWriter header;
    header.add(checkpoint_version);
    header.add(size);
    file.append(header.bytes()).append(contents);
    ByteWriter end;
    end.add(hash_of(file));
    return file += end.bytes();
}

/// The contents of a file. Throws FileError unless it is whole and unchanged.
inline std::string_view open_checkpoint(const std::string& name, std::string_view file) {
    if (!file.starts_with(checkpoint_magic) || file.size() < checkpoint_header) {
        throw FileError(name, "is no checkpoint");
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
        throw FileError(name, "is damaged: its bytes don't have the hash that stands at its end");
    }
    return hashed.substr(checkpoint_header);
}

/// A run as it was stored. The views refer to the file's bytes.
struct StoredRun {
    RunDescription description;
    std::string_view parameters;
    std::vector<EpochRecord> epochs;
    std::uint64_t steps_done = 0;
    std::uint64_t epochs_done = 0;
    std::string_view vectors;  // the optimizer's, as the next
    std::vector<double> numbers;
    std::vector<std::pair<std::string_view, std::string_view>> callbacks;
};

template <class Run>
std::string store_run(const RunDescription& description, Run& run) {
    using T = typename Run::Network::Scalar;
    ByteWriter out;
    out.add(std::uint64_t{description.size()});
    for (const auto& [what, text] : description) {
        out.add(std::string_view(what));
        out.add(std::string_view(text));
    }
    out.add(std::span<const T>(run.network().parameters()));
    out.add(std::uint64_t{run.history().epochs.size()});
    for (const EpochRecord& epoch : run.history().epochs) {
        out.add(std::uint64_t{epoch.epoch});
        out.add(epoch.loss);
        out.add(epoch.accuracy);
        out.add(epoch.validation_loss);
        out.add(epoch.validation_accuracy);
        out.add(epoch.learning_rate);
        out.add(epoch.seconds);
    }
    const auto& state = run.trainer().state();
    out.add(state.steps);
    out.add(state.epochs);
    out.add(std::span<const T>(state.vectors.data(), state.vectors.size()));
    out.add(std::uint64_t{state.numbers.size()});
    for (const double number : state.numbers) out.add(number);
    out.add(std::uint64_t{run.callback_states().size()});
    for (const CallbackState& callback : run.callback_states()) {
        out.add(std::string_view(callback.name));
        out.add(std::string_view(callback.save()));
    }
    return std::move(out).bytes();
}

inline RunDescription read_description(ByteReader& in) {
    RunDescription description;
    for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
        const std::string_view what = in.text();
        description.emplace_back(what, in.text());
    }
    return description;
}

inline StoredRun read_run(ByteReader in) {
    StoredRun run;
    run.description = read_description(in);
    run.parameters = in.text();
    for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
        EpochRecord epoch;
        epoch.epoch = in.number<std::uint64_t>();
        epoch.loss = in.number<double>();
        epoch.accuracy = in.optional_number<double>();
        epoch.validation_loss = in.optional_number<double>();
        epoch.validation_accuracy = in.optional_number<double>();
        epoch.learning_rate = in.number<double>();
        epoch.seconds = in.number<double>();
        run.epochs.push_back(epoch);
    }
    run.steps_done = in.number<std::uint64_t>();
    run.epochs_done = in.number<std::uint64_t>();
    run.vectors = in.text();
    for (auto left = in.number<std::uint64_t>(); left > 0; --left) run.numbers.push_back(in.number<double>());
    for (auto left = in.number<std::uint64_t>(); left > 0; --left) {
        const std::string_view name = in.text();
        run.callbacks.emplace_back(name, in.text());
    }
    if (!in.at_end()) throw DataError("there are more bytes than announced");
    return run;
}

/// What differs between two descriptions with entries of the same names; nothing where they are the same.
inline std::string differences(const RunDescription& stored, const RunDescription& now) {
    std::string text;
    for (const auto& entry : now) {
        const auto found = std::find_if(stored.begin(), stored.end(),
                                        [&](const auto& candidate) { return candidate.first == entry.first; });
        const std::string& was = found == stored.end() ? "unknown" : found->second;
        if (was == entry.second) continue;
        text += join({text.empty() ? "" : "; ", "its ", entry.first, " was ", was, " and is now ", entry.second});
    }
    return text;
}

}  // namespace detail

struct CheckpointOptions {
    std::size_t every = 1;   ///< epochs between files; the last epoch of those planned gets one always; at least 1
    bool best_only = false;  ///< the file is replaced only by what is better
    Monitor monitor = Monitor::validation_loss;  ///< what `best_only` goes by
    bool resume = false;                         ///< the training goes on from the file
};

/// A callback that stores the training as `checkpoint.typenet` in a folder: parameters, the optimizer's state, the
/// history, the positions of schedule and random numbers, and what other callbacks keep. The file is replaced as a
/// whole (replace_file).
/// Resumed after any epoch, a training ends with the parameters of one that was never stopped, bit for bit, whatever
/// the number of threads, where it is given the same network type, data, loss, optimizer and options; FileError says
/// what differs. `epochs` may differ, but takes part in schedules that end with them.
class Checkpoint {
public:
    /// Throws OptionError for `every` 0.
    explicit Checkpoint(const std::filesystem::path& folder, const CheckpointOptions& options = {})
        : folder_(folder), file_(folder / "checkpoint.typenet"), options_(options) {
        detail::require_option(options.every > 0, "Checkpoint", "every", 0, "it must be at least 1");
    }

    /// Throws FileError where there is no such folder, or it can't take a file of the size that is needed, and
    /// OptionError where the training doesn't measure what is monitored.
    template <class Run>
    void check(const TrainingPlan& plan, Run& run) {
        if (options_.best_only) detail::require_monitored("Checkpoint", options_.monitor, plan);
        std::error_code ignored;
        if (!std::filesystem::is_directory(folder_, ignored)) {
            throw FileError(folder_.string(), "is no folder; checkpoints go into one that is there");
        }
        description_ = run.description();
        std::filesystem::path trial = file_;
        trial += ".trial";
        write(trial, run);
        std::filesystem::remove(trial, ignored);
    }

    /// Throws FileError, and leaves the run as it was, when the file is missing, damaged, or of a different run.
    template <class Run>
    void resume(Run& run) {
        best_ = {options_.monitor};
        if (!options_.resume) return;
        const std::string name = file_.string();
        const MappedFile mapped(file_);
        try {
            restore(name, detail::read_run(ByteReader(detail::open_checkpoint(name, mapped.bytes()))), run);
        } catch (const DataError& error) {
            throw FileError(name, detail::join({"is damaged: ", error.what()}));
        }
        best_.add(run.history().epochs.back());
    }

    /// Throws FileError, and leaves an earlier file as it was, when the new one can't be written.
    template <class Run>
    void after_epoch(const EpochRecord& epoch, Run& run) {
        if (epoch.epoch % options_.every != 0 && epoch.epoch != run.plan().epochs) return;
        if (options_.best_only && !best_.add(epoch)) return;
        write(file_, run);
    }

private:
    template <class Run>
    void write(const std::filesystem::path& path, Run& run) const {
        const std::string bytes = detail::seal_checkpoint(detail::store_run(description_, run));
        replace_file(path, std::as_bytes(std::span(bytes)));
    }

    template <class Run>
    void restore(const std::string& name, const detail::StoredRun& stored, Run& run) const {
        using T = typename Run::Network::Scalar;
        const std::string difference = detail::differences(stored.description, description_);
        if (!difference.empty()) throw FileError(name, detail::join({"is of a different training: ", difference}));
        auto& state = run.trainer().state();
        const std::span<T> parameters = run.network().parameters();
        const std::span<T> vectors(state.vectors.data(), state.vectors.size());
        auto& numbers = state.numbers;
        if (stored.parameters.size() != parameters.size_bytes() || stored.vectors.size() != vectors.size_bytes() ||
            stored.epochs.empty()) {
            throw FileError(name, "is damaged: its parts don't have the sizes that its description asks for");
        }
        for (const CallbackState& callback : run.callback_states()) {
            const auto found = std::find_if(stored.callbacks.begin(), stored.callbacks.end(),
                                            [&](const auto& entry) { return entry.first == callback.name; });
            callback.restore(found == stored.callbacks.end() ? std::string_view() : found->second);
        }
        copy_bytes(stored.parameters, parameters);
        copy_bytes(stored.vectors, vectors);
        // An AnyOptimizer has room for more of them than the one that it holds.
        for (std::size_t i = 0; i < std::min(numbers.size(), stored.numbers.size()); ++i) {
            numbers[i] = stored.numbers[i];
        }
        state.steps = stored.steps_done;
        state.epochs = stored.epochs_done;
        run.history().epochs = stored.epochs;
    }

    std::filesystem::path folder_;
    std::filesystem::path file_;
    CheckpointOptions options_;
    detail::RunDescription description_;
    detail::BestEpoch best_{Monitor::validation_loss};
};

/// Reads the parameters of a checkpoint into a network. Throws FileError, and leaves the network as it was, when the
/// file is missing or damaged, or of another network type.
template <AnyNetwork Network>
void load_checkpoint(Network& network, const std::filesystem::path& path) {
    const std::string name = path.string();
    const MappedFile mapped(path);
    const std::string_view contents = detail::open_checkpoint(name, mapped.bytes());
    try {
        ByteReader in(contents);
        const std::string difference =
            detail::differences(detail::read_description(in), {{"network", detail::describe_network<Network>()}});
        if (!difference.empty()) throw FileError(name, detail::join({"is of a different training: ", difference}));
        in.array(network.parameters());
    } catch (const DataError& error) {
        throw FileError(name, detail::join({"is damaged: ", error.what()}));
    }
}

}  // namespace typenet
