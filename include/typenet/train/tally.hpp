#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>

#include <typenet/core/namespace.hpp>
#include <typenet/core/random.hpp>

/// What an epoch consists of: an order of the rows, and sums over the batches that are taken from it.
namespace TYPENET {

/// Sums over the rows of a batch, or of all batches of an epoch so far. A row counts by its weight, with the loss that
/// it had before its own step.
struct Tally {
    double loss_sum = 0;   ///< of losses times weights
    double correct = 0;    ///< weights of the rows classified correctly, if the training classifies
    double weight = 0;     ///< weights of all rows; the count of rows where they have no weights
    std::size_t rows = 0;  ///< count of rows
    bool finite = true;    ///< whether all losses, and all gradients of layers' outputs, were finite

    /// Adds the sums of a batch.
    void add(const Tally& batch) {
        loss_sum += batch.loss_sum;
        correct += batch.correct;
        weight += batch.weight;
        rows += batch.rows;
        finite = finite && batch.finite;
    }

    /// Returns the mean loss over the rows; NaN where all of them weigh 0.
    [[nodiscard]] double loss() const { return loss_sum / weight; }

    /// Returns the fraction of rows classified correctly, from 0 to 1; NaN where all of them weigh 0.
    [[nodiscard]] double accuracy() const { return correct / weight; }
};

namespace detail {

/// Writes the order in which an epoch takes the rows. It depends on the seed and the epoch alone.
inline void order_rows(std::span<std::uint32_t> order, bool shuffled, Seed seed, std::uint64_t epoch) {
    std::iota(order.begin(), order.end(), 0U);
    if (!shuffled) return;
    Random random(seed, Purpose::row_order, epoch);
    shuffle(order, random);
}

}  // namespace detail

}  // namespace TYPENET
