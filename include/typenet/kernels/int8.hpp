#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <typenet/core/bytes.hpp>
#include <typenet/core/finite.hpp>
#include <typenet/core/namespace.hpp>
#include <typenet/core/tensor.hpp>
#include <typenet/kernels/buffer.hpp>
#include <typenet/kernels/dense.hpp>
#include <typenet/kernels/loops.hpp>
#include <typenet/kernels/simd.hpp>
#include <typenet/kernels/sparse.hpp>

/// The product of a layer in 8 bits. It equals
///
///     byte[i] = round((x[i] - low) / step), limited to 0 ... 255
///     sum[k]  = sum over i of byte[i] weight[i][k]                          in whole numbers, exact
///     y[k]    = step scale[k] sum[k] + (bias[k] + low scale[k] sum over i of weight[i][k])
///
/// network/quantized.hpp has an Int8Affine for each of its 8-bit layers. Since the sums are exact, zeros may be skipped
/// and rows grouped in any way without changing a bit, and for the same bytes each processor has the same sums.
///
/// The weights are packed by quads: for four inputs, which a processor multiplies at once, the weights of all outputs,
/// four for each output.
namespace TYPENET {

/// How numbers become bytes: a byte b stands for low + step b.
struct ByteRange {
    float low = 0;
    float step = 1;

    friend bool operator==(const ByteRange&, const ByteRange&) = default;
};

/// A layer in 8 bits, as files and exports have it.
struct Int8Parameters {
    std::vector<std::int8_t> weights;  ///< [inputs, outputs], whole numbers
    std::vector<float> scales;         ///< [outputs]: what a weight of 1 stands for
    std::vector<float> biases;         ///< [outputs]
    ByteRange range;                   ///< of the inputs
};

/// Rounds finite weights [inputs, outputs] to the nearest multiple of their output's scale, which is the output's
/// largest |weight| / 127. An output's weights become 0, and so does its scale, where that would be subnormal. Biases,
/// [outputs], stay as they are.
inline Int8Parameters round_to_int8(const float* weights, const float* biases, std::size_t inputs, std::size_t outputs,
                                    ByteRange range) {
    constexpr float most = 127;
    Int8Parameters rounded{std::vector<std::int8_t>(inputs * outputs), std::vector<float>(outputs),
                           std::vector<float>(biases, biases + outputs), range};
    for (std::size_t k = 0; k < outputs; ++k) {
        float largest = 0;
        for (std::size_t i = 0; i < inputs; ++i) largest = std::max(largest, std::abs(weights[i * outputs + k]));
        if (largest < most * std::numeric_limits<float>::min()) continue;
        const float scale = rounded.scales[k] = largest / most;
        for (std::size_t i = 0; i < inputs; ++i) {
            const float value = std::clamp(std::round(weights[i * outputs + k] / scale), -most, most);
            rounded.weights[i * outputs + k] = static_cast<std::int8_t>(value);
        }
    }
    return rounded;
}

/// The end of a layer's product, y[k] = factors[k] sum[k] + offsets[k]; both are [outputs].
struct Int8Factors {
    std::vector<float> factors;  ///< step scale[k]
    std::vector<float> offsets;  ///< bias[k] + low scale[k] sum over i of weight[i][k]
};

/// Returns what a layer with these parameters multiplies its sums by and adds to them.
inline Int8Factors factors_of(const Int8Parameters& parameters) {
    const std::size_t outputs = parameters.biases.size();
    std::vector<std::int32_t> totals(outputs);
    for (std::size_t i = 0; i < parameters.weights.size(); ++i) totals[i % outputs] += parameters.weights[i];
    Int8Factors result{std::vector<float>(outputs), std::vector<float>(outputs)};
    const auto [low, step] = parameters.range;
    for (std::size_t k = 0; k < outputs; ++k) {
        const float scale = parameters.scales[k];
        result.factors[k] = step * scale;
        result.offsets[k] = parameters.biases[k] + low * scale * static_cast<float>(totals[k]);
    }
    return result;
}

/// A layer's y = x w + b in 8 bits; x [rows, K], y [rows, N]. Copies are deep. Const functions change nothing.
template <std::size_t K, std::size_t N>
class Int8Affine {
    static constexpr std::size_t width = simd::width<float>;
    static constexpr std::size_t round_up(std::size_t count, std::size_t to) { return (count + to - 1) / to * to; }

    static constexpr std::size_t quads = round_up(K, 4) / 4;
    static constexpr std::size_t columns = round_up(N, width);  ///< outputs, and zeros up to a whole pack

public:
    /// The most inputs for which no sum can overflow.
    static constexpr std::size_t most_inputs = std::numeric_limits<std::int32_t>::max() / (255 * 128);
    static_assert(K <= most_inputs);

    /// Rows that `multiply` can be given at once.
    static constexpr std::size_t most_rows = 64;

    /// How many bytes of scratch memory a row takes.
    static constexpr std::size_t row_bytes = round_up(K, 64);

    /// The vectors must have the sizes of K inputs and N outputs.
    explicit Int8Affine(const Int8Parameters& parameters)
        : range_(parameters.range),
          packed_(quads * columns * 4),
          scales_(N),
          biases_(N),
          factors_(columns),
          offsets_(columns) {
        std::copy_n(parameters.scales.begin(), N, scales_.data());
        std::copy_n(parameters.biases.begin(), N, biases_.data());
        const Int8Factors own = factors_of(parameters);
        std::copy_n(own.factors.begin(), N, factors_.data());
        std::copy_n(own.offsets.begin(), N, offsets_.data());
        for (std::size_t i = 0; i < K; ++i) {
            for (std::size_t k = 0; k < N; ++k) packed_.data()[place(i, k)] = parameters.weights[i * N + k];
        }
    }

    /// Returns the parameters that the constructor was given.
    [[nodiscard]] Int8Parameters parameters() const {
        Int8Parameters parameters{std::vector<std::int8_t>(K * N),
                                  std::vector<float>(scales_.data(), scales_.data() + N),
                                  std::vector<float>(biases_.data(), biases_.data() + N), range_};
        for (std::size_t i = 0; i < K; ++i) {
            for (std::size_t k = 0; k < N; ++k) parameters.weights[i * N + k] = packed_.data()[place(i, k)];
        }
        return parameters;
    }

    /// Returns whether no parameter is NaN or infinite, nor what a sum is multiplied by or added to.
    [[nodiscard]] bool all_finite() const noexcept {
        const auto finite = [](const Buffer<float>& numbers) {
            return simd::all_finite(numbers.data(), numbers.size());
        };
        return finite(scales_) && finite(biases_) && finite(factors_) && finite(offsets_);
    }

    /// Returns how inputs become bytes.
    [[nodiscard]] const ByteRange& range() const noexcept { return range_; }

    /// Computes y for up to most_rows rows. A row of x with NaN or an infinite number gets NaN. `bytes` is scratch
    /// memory of row_bytes for each row.
    void multiply(Rows<const float, K> x, Rows<float, N> y, std::uint8_t* bytes) const {
        std::array<bool, most_rows> finite{};
        for (std::size_t r = 0; r < x.count; ++r) finite[r] = write_bytes(x[r], bytes + r * row_bytes);
        multiply_bytes(bytes, y);
        for (std::size_t r = 0; r < x.count; ++r) {
            if (!finite[r]) std::fill_n(y[r], N, typenet::detail::nan<float>);
        }
    }

    /// Does the same for inputs that are bytes already.
    void multiply(Rows<const std::uint8_t, K> x, Rows<float, N> y, std::uint8_t* bytes) const {
        for (std::size_t r = 0; r < x.count; ++r) {
            std::copy_n(x[r], K, bytes + r * row_bytes);
            clear_rest(bytes + r * row_bytes);
        }
        multiply_bytes(bytes, y);
    }

private:
    using IntPack = simd::IntPack;

    // Packs of sums that stay in registers: those of one row, and those of a block of rows.
    static constexpr std::size_t row_packs = width == 16 ? 8 : 4;
    static constexpr std::size_t block_packs = 2;
    static constexpr std::size_t block_rows = width == 16 ? 6 : 4;  // g++ 12 spills more

    /// Some of the columns: the first one, and where their weights, factors and offsets are.
    struct Panel {
        std::size_t first;
        const std::int8_t* weights;
        const float* factors;
        const float* offsets;
    };

    /// Calls f.operator()<Packs, Tail>(panel) for each panel of up to Widest packs.
    template <std::size_t Widest, class F>
    void for_each_panel(F f) const {
        gemm::detail::for_each_panel<Widest, N, float>([&]<std::size_t Packs, std::size_t Tail>(std::size_t n) {
            f.template operator()<Packs, Tail>(
                Panel{n, packed_.data() + n * quads * 4, factors_.data() + n, offsets_.data() + n});
        });
    }

    /// Returns the index in packed_ of a weight. Panels of block_packs packs lie one after the other, and each in the
    /// order in which a block reads it.
    static constexpr std::size_t place(std::size_t input, std::size_t output) {
        constexpr std::size_t panel = block_packs * width;
        const std::size_t first = output / panel * panel;
        const std::size_t in_panel = input / 4 * std::min(panel, columns - first) + output - first;
        return (first * quads + in_panel) * 4 + input % 4;
    }

    static std::uint32_t quad_at(const std::uint8_t* bytes, std::size_t quad) {
        return load_number<std::uint32_t>(reinterpret_cast<const char*>(bytes + 4 * quad));  // the first is the lowest
    }

    /// Computes y from rows of bytes, each of which has row_bytes.
    void multiply_bytes(const std::uint8_t* bytes, Rows<float, N> y) const {
        std::size_t done = 0;
        if (y.count >= block_rows && !many_zeros(bytes, y.count)) {
            done = y.count / block_rows * block_rows;
            for_each_panel<block_packs>([&]<std::size_t Packs, std::size_t Tail>(const Panel& panel) {
                for (std::size_t row = 0; row < done; row += block_rows) {
                    multiply_block<Packs, Tail>(bytes + row * row_bytes, panel, y[row]);
                }
            });
        }
        for_each_panel<row_packs>([&]<std::size_t Packs, std::size_t Tail>(const Panel& panel) {
            for (std::size_t row = done; row < y.count; ++row) {
                multiply_row<Packs, Tail>(bytes + row * row_bytes, panel, y[row]);
            }
        });
    }

    /// Writes zeros behind the bytes of a row.
    static void clear_rest(std::uint8_t* row) { std::fill(row + K, row + row_bytes, std::uint8_t{0}); }

    /// Writes a row as bytes, and zeros behind them. Returns whether all numbers are finite; if not, the bytes say
    /// nothing, and `multiply` overwrites what they give.
    bool write_bytes(const float* x, std::uint8_t* to) const {
        using Pack = simd::Pack<float>;
        const Pack factor(1 / range_.step);
        const Pack start(0.5F - range_.low / range_.step);
        const auto write = [&](std::uint8_t* bytes, Pack v) {
            simd::store_bytes(bytes, simd::max(simd::fma(v, factor, start), Pack(0.0F)));
        };
        std::size_t i = 0;
        for (; i + width <= K; i += width) write(to + i, simd::load<float>(x + i));
        if constexpr (K % width != 0) {
            alignas(64) std::array<std::uint8_t, width> last;
            write(last.data(), simd::load_partial<float>(x + i, K - i));
            std::copy_n(last.data(), K - i, to + i);
        }
        clear_rest(to);
        return simd::all_finite(x, K);
    }

    /// Writes a panel's results for a row that begins at y.
    template <std::size_t Packs, std::size_t Tail>
    static void store(const Panel& panel, float* y, const IntPack* sum) {
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            const auto factor = simd::load<float>(panel.factors + p * width);
            const auto offset = simd::load<float>(panel.offsets + p * width);
            gemm::detail::store_pack<Packs, Tail, float>(y + panel.first, p,
                                                         simd::fma(simd::to_float(sum[p]), factor, offset));
        }
    }

    /// Adds one quad's products to the sums of `Packs` packs, which may be several panels.
    template <std::size_t Packs>
    static void add_quad(const std::int8_t* weights, std::size_t quad, std::uint32_t bytes, IntPack* sum) {
        constexpr std::size_t pack = 4 * width;  // bytes of weights
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) {
            const std::size_t panel = p / block_packs * block_packs;
            const std::size_t at = panel * quads + quad * std::min(block_packs, Packs - panel) + p - panel;
            sum[p] = simd::add_products(sum[p], weights + at * pack, bytes);
        }
    }

    /// Computes one row, and skips quads of zeros where there are many among 64.
    template <std::size_t Packs, std::size_t Tail>
    static void multiply_row(const std::uint8_t* bytes, const Panel& panel, float* y) {
        constexpr std::size_t chains = 2;  // of sums, which a processor can add to at the same time
        IntPack sum[chains][Packs];
        for (auto& chain : sum) std::fill_n(chain, Packs, IntPack(0));
        for (std::size_t first = 0; first < quads; first += word_bits) {
            const std::size_t count = std::min(word_bits, quads - first);
            const auto add = [&](std::size_t quad, IntPack* to) {
                add_quad<Packs>(panel.weights, first + quad, quad_at(bytes, first + quad), to);
            };
            std::uint64_t bits = 0;
            if constexpr (skips_zeros) bits = simd::nonzero_quads(bytes + 4 * first, count);
            const auto found = static_cast<std::size_t>(std::popcount(bits));
            if (skips_zeros && worth_skipping_zeros(found, count)) {
                const auto add_next = [&](IntPack* to) {
                    add(static_cast<std::size_t>(std::countr_zero(bits)), to);
                    bits &= bits - 1;
                };
                for (std::size_t i = 0; i < found / chains; ++i) {
#pragma GCC unroll 16
                    for (auto& chain : sum) add_next(chain);
                }
                if (bits != 0) add_next(sum[0]);
            } else {
                std::size_t quad = 0;
                for (; quad + chains <= count; quad += chains) {
#pragma GCC unroll 16
                    for (std::size_t c = 0; c < chains; ++c) add(quad + c, sum[c]);
                }
                for (; quad < count; ++quad) add(quad, sum[0]);
            }
        }
#pragma GCC unroll 16
        for (std::size_t p = 0; p < Packs; ++p) sum[0][p] = sum[0][p] + sum[1][p];
        store<Packs, Tail>(panel, y, sum[0]);
    }

    /// Whether x is wide enough for a search for its zeros to pay.
    static constexpr bool skips_zeros = K >= 256;

    /// Returns whether a few of the rows have so many quads of zeros that skipping them is faster.
    static bool many_zeros(const std::uint8_t* bytes, std::size_t rows) {
        if constexpr (!skips_zeros) return false;
        constexpr std::size_t samples = 4;
        std::size_t found = 0;
        std::size_t seen = 0;
        for (std::size_t r = 0; r < rows; r += rows / samples + 1, seen += quads) {
            for (std::size_t first = 0; first < quads; first += word_bits) {
                const std::size_t count = std::min(word_bits, quads - first);
                found += static_cast<std::size_t>(
                    std::popcount(simd::nonzero_quads(bytes + r * row_bytes + 4 * first, count)));
            }
        }
        return worth_skipping_zeros(found, seen);
    }

    /// Computes block_rows rows, which share each load of weights.
    template <std::size_t Packs, std::size_t Tail>
    static void multiply_block(const std::uint8_t* bytes, const Panel& panel, float* y) {
        IntPack sum[block_rows][Packs];
        for (auto& of_row : sum) std::fill_n(of_row, Packs, IntPack(0));
        for (std::size_t quad = 0; quad < quads; ++quad) {
#pragma GCC unroll 16
            for (std::size_t r = 0; r < block_rows; ++r) {
                add_quad<Packs>(panel.weights, quad, quad_at(bytes + r * row_bytes, quad), sum[r]);
            }
        }
#pragma GCC unroll 16
        for (std::size_t r = 0; r < block_rows; ++r) store<Packs, Tail>(panel, y + r * N, sum[r]);
    }

    ByteRange range_;
    Buffer<std::int8_t> packed_;  ///< see place()
    Buffer<float> scales_;        ///< [N]
    Buffer<float> biases_;        ///< [N]
    Buffer<float> factors_;       ///< [columns]: step scale
    Buffer<float> offsets_;       ///< [columns]: what is added to the products at the end
};

}  // namespace TYPENET
