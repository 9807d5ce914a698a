"""Writes what compare.py measured: tables, the document docs/performance.md, and its chart."""

import dataclasses
import datetime
import glob
import html
import math
import os
import statistics

PEERS = ("PyTorch", "NumPy", "dlib", "pandas")
COLORS = {"PyTorch": "#e0703a", "NumPy": "#4c86c6", "dlib": "#3fa06a", "pandas": "#a56cc1"}
TITLES = {
    "epoch_32": "MNIST epoch, batches of 32",
    "epoch_64": "MNIST epoch, batches of 64",
    "epoch_128": "MNIST epoch, batches of 128",
    "epoch_512": "MNIST epoch, batches of 512",
    "dense_epoch_64": "epoch without zeros, batches of 64",
    "dense_epoch_128": "epoch without zeros, batches of 128",
    "large_epoch": "784-2048-2048-10, 10,000 rows, batches of 256",
    "infer_one": "predict one image",
    "infer_one_dense": "predict one row without zeros",
    "infer_10000": "predict 10,000 images in one call",
    "load_csv": "load the 110 MB CSV file",
    "load_table": "load 39 MB of 14 mixed columns",
    "csv_to_98": "whole process, CSV to 98 % accuracy",
}
EPOCH_GFLOP = 27.3  # of an epoch of 784-128-64-10: 60,000 rows, 2 (2 * 109,184 + 8,832) each, zeros counted too


@dataclasses.dataclass(frozen=True)
class Row:
    task: str
    measure: str
    threads: int
    seconds: dict  # [peer]: a list with a value for each round
    ratios: dict  # [peer], without typenet: its seconds divided by typenet's, for each round

    @property
    def title(self):
        if self.measure in TITLES:
            return TITLES[self.measure]
        network, what = self.measure.split()  # in the tasks small_1 and small_32
        count = self.task.rpartition("_")[2]
        return f"{network}: {what}, {count} row{'s' * (count != '1')}"


def better_core(found):
    """Returns the kernels that OpenBLAS should use, or None if it chose well. `found` is what it chose: for a model
    that it doesn't know it chooses kernels of old processors, even if this one has instructions for better ones."""
    if found not in ("Prescott", "Core2", "Generic"):
        return None
    flags = set(cpu_field("flags").split())
    if {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= flags:
        return "SkylakeX"
    return "Haswell" if {"avx2", "fma"} <= flags else None


def cpu_field(name):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.partition(":")[2].strip() for line in file if line.startswith(name)), "")


def caches():
    texts = []
    for index in sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index*")):
        def read(name, folder=index):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                return file.read().strip()
        if read("type") != "Instruction":
            texts.append(f"L{read('level')} {int(read('size').rstrip('K')):,} KiB")
    return ", ".join(texts)


def duration(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds / size < 1000 else f"{seconds / size:.0f} {unit}"
    return "0"


def ratio_text(ratio):
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"


def table(header, lines):
    separator = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in (header, separator, *lines)) + "\n"


class Report:
    def __init__(self, rows, results, programs, rounds):
        self.rows, self.results, self.programs, self.rounds = rows, results, programs, rounds

    def table_of(self, rows, cell, peers):
        peers = [peer for peer in peers if any(peer in row.seconds for row in rows)]
        return table(["", *peers], [[row.title, *(cell(row, peer) for peer in peers)] for row in rows])

    def times(self, rows):
        def cell(row, peer):
            return duration(statistics.median(row.seconds[peer])) if peer in row.seconds else ""
        return self.table_of(rows, cell, ("typenet", *PEERS))

    def ratios(self, rows):
        def cell(row, peer):
            values = row.ratios.get(peer)
            if not values:
                return ""
            median, least, most = map(ratio_text, (statistics.median(values), min(values), max(values)))
            return f"**{median}** ({least} to {most})"
        return self.table_of(rows, cell, PEERS)

    def tables(self):
        """Returns all tables with their headings: times and ratios by count of threads, then the others."""
        parts = []
        for threads, words in ((1, "One thread"), (2, "Two threads")):
            rows = [row for row in self.rows if row.threads == threads]
            if rows:
                parts += [f"## {words}\n", "Times, each the median of the rounds:\n", self.times(rows)]
            if any(row.ratios for row in rows):
                parts += ["The other library's time divided by typenet's: the median of the rounds (least to most):\n",
                          self.ratios(rows)]
        return "\n".join([*parts, *self.losses(), *self.peak(), *self.to_98()])

    def losses(self):
        lines = []
        peers = ("typenet", "PyTorch", "NumPy", "dlib")
        for (task, threads), by_peer in self.results.items():
            if threads == 1 and "loss" in by_peer["typenet"][0]:
                losses = [f"{statistics.median(one['loss'] for one in by_peer[peer]):.4f}" for peer in peers]
                lines.append([TITLES[task], *losses])
        if not lines:
            return []
        return ["## All of them learn\n", "The mean training loss in the last epoch, as the median of the rounds. Each "
                "round has another seed. The inputs without zeros are random and so are their labels, so that there is "
                "nothing to learn: the loss to expect is ln 10 = 2.3026.\n", table(["", *peers], lines)]

    def peak(self):
        peaks = self.results.get(("fma_peak", 1), {}).get("typenet", [])
        if not peaks:
            return []
        parts = ["## Share of the processor's peak\n",
                 "The peak is the most that one core reached with fused multiply-adds on registers alone: "
                 f"{statistics.median(one['gflops']['float'] for one in peaks):.0f} GFLOP/s in float and "
                 f"{statistics.median(one['gflops']['double'] for one in peaks):.0f} in double. An epoch of "
                 f"784-128-64-10 takes {EPOCH_GFLOP} GFLOP, counted as if no input were 0. Skipped work counts as "
                 "done, so that a share can exceed 100 %.\n"]
        lines = []
        for row in self.rows:
            if row.measure in ("epoch_64", "dense_epoch_64") and row.threads == 1 and "typenet" in row.seconds:
                rates = [EPOCH_GFLOP / seconds for seconds in row.seconds["typenet"]]
                shares = [100 * rate / one["gflops"]["float"] for rate, one in zip(rates, peaks)]
                steps = self.results[row.task, 1]["typenet"][0]["allocations_a_step"]
                lines.append([row.title, f"{statistics.median(rates):.0f}", f"{statistics.median(shares):.0f} %",
                              f"{steps:.0f}"])
        return [*parts, table(["typenet", "GFLOP/s", "share of the peak", "heap allocations a step"], lines)]

    def to_98(self):
        lines = []
        for (task, threads), by_peer in self.results.items():
            if task == "csv_to_98":
                for peer, rounds in by_peer.items():
                    if "unavailable" not in rounds[0]:
                        def median(key, all_rounds=rounds):
                            return statistics.median(one[key] for one in all_rounds)
                        name = "pandas and PyTorch" if peer == "pandas" else peer
                        lines.append([f"{name}, {threads} thread{'s' * (threads > 1)}",
                                      duration(statistics.median(one["seconds"][task] for one in rounds)),
                                      f"{median('epochs'):g}", f"{100 * median('accuracy'):.2f} %",
                                      f"{median('megabytes'):.0f} MB"])
        if not lines:
            return []
        return ["## From CSV to 98 % accuracy\n",
                "One process, timed from its start to its end. It reads both CSV files, trains 784-128-64-10 by the "
                "recipe `default` of the MNIST program, and tests after each epoch. It stops when it classifies 98 % "
                "of the test images correctly. Python's start and imports count. To stop by the test images is right "
                "for a race and wrong for choosing a network.\n",
                table(["", "time", "epochs", "accuracy", "peak memory"], lines)]

    def markdown(self):
        versions = self.programs.versions
        cores = os.cpu_count()
        flags = cpu_field("flags").split()
        wide = ", ".join(flag for flag in ("avx2", "fma", "avx512f") if flag in flags) or "neither AVX2 nor AVX-512"
        told = ""
        if self.programs.core:
            told = ("\nThis OpenBLAS doesn't know the processor's model, and by default chooses its "
                    f"{self.programs.found_core} kernels, which are\nmuch slower than its best ones. That would be "
                    f"unfair to the peers, so all programs, typenet's too, ran with\n"
                    f"`OPENBLAS_CORETYPE={self.programs.core}`.")
        return f"""# Performance

<!-- Written by benchmarks/compare.py: a change here is lost with the next run. -->

This page compares typenet with other libraries that do the same work. Each library runs at the best setting that we
found for it. All figures are from one run on one machine.

![How many times as long the others take](performance.svg)

A ratio above 1 means that typenet is faster; below 1 the other library is. To compare on your own machine:

```sh
sh benchmarks/compare.sh FOLDER    # FOLDER has MNIST's four IDX files, raw or gzipped
```

The script installs what it needs from Debian, builds, measures, and writes this page. `--rounds N` sets the number of
rounds. `--only TASK,...` measures only some tasks, prints their rows, and writes nothing.

## Machine

| | |
|---|---|
| date | {datetime.date.today().isoformat()} |
| processor | {cpu_field("model name")}, family {cpu_field("cpu family")}, model {cpu_field("model")}; {cores} core{"s" * (cores != 1)} |
| instructions | {wide} |
| caches | {caches()} |
| compiler | {versions["compiler"]}, `-O3 -march=native` |
| BLAS of all | {versions["BLAS"]} |
| peers | PyTorch {versions["torch"]}, NumPy {versions["numpy"]}, pandas {versions["pandas"]}, dlib {versions["dlib"]} |
| rounds | {self.rounds} |

The script unsets `OPENBLAS_CORETYPE` and `OPENBLAS_L2_SIZE` at the start.{told}

{self.tables()}
## What is measured

- **Epochs.** The network is 784-128-64-10 with sigmoid, sigmoid and softmax, in float32, with Glorot-uniform weights.
  Plain gradient descent with rate 0.1 minimises the mean cross-entropy. An epoch covers all 60,000 training images, in
  a new random order: shuffling, gathering the rows, forward, loss, backward, update. The figure is the median of three
  epochs, after one that warms up. 81 % of MNIST's pixels are 0, and a library can skip them. "Without zeros" is the
  same on uniform random inputs, which leave nothing to skip. The large network sees 10,000 rows an epoch, and is timed
  for one epoch after a short one.
- **Prediction.** Computes probabilities from rows that are ready in memory as float32. Single predictions take another
  row each call.
- **Small networks.** They have tanh inside and softmax at the end. 64 batches take turns.
- **Loading.** Reads the file from the file cache into features and labels in memory. All three libraries store the
  values as bytes.

Short calls are repeated in passes of at least 20 ms; the median of five passes counts. Each measurement is a process
of its own. In each round, all libraries run a task one right after the other; each round begins with another library.
Ratios are taken within a round.

## Settings

- **typenet**: `fit`, `Trainer` and `predict`, as a user calls them. Its loader checks every field and its range.
- **PyTorch**: tensors that stay in memory, and no DataLoader. A batch takes one `index_select`; a layer takes one
  `addmm` with weights [inputs, outputs], and activates in place. `torch.autograd.grad` and one `torch._foreach_add_`
  serve all parameters. Denormals are flushed. We chose this because it was faster than `nn.Sequential` with
  `optim.SGD`, by up to 20 % when we tried both. Predictions run in inference mode, either as they are or traced and
  frozen, whichever is faster.
- **NumPy**: written by hand. It works in place, and products go into existing memory.
- **dlib**: tensors are filled by hand; `compute_parameter_gradients` and `update_parameters` do the rest. Its
  templates are compiled with the same options as typenet's; its library is Debian's, built for any processor. It also
  computes the gradient of the inputs, which nothing needs, and has no option not to.
- **Two threads**: each of the other libraries is tried with two threads; then with OpenMP's threads sleeping while
  they wait; then with OpenBLAS on one thread. It keeps what was fastest for the task.
- **pandas**: `read_csv` with one type for all columns, and without a search for missing values. `numpy.loadtxt` is
  {self.loadtxt()}. The table of mixed columns goes through `read_csv`, with texts as categories, and `get_dummies`
  into a matrix of floats, as typenet's is. The process to 98 % still uses pandas, because that is what people write.

## What to keep in mind

- This is one machine with one set of versions, Debian's. PyTorch does better or worse with other BLAS libraries, and
  in later versions.
- Python itself accounts for much of PyTorch's and NumPy's time on small networks and single rows. Their users wait for
  it, but it says little about their kernels.
- If the machine is shared, times vary between rounds. The ranges beside the ratios show by how much.
"""

    def loadtxt(self):
        row = next(row for row in self.rows if row.measure == "load_csv")
        numpy, pandas = (statistics.median(row.seconds[peer]) for peer in ("NumPy", "pandas"))
        return f"{'faster' if numpy < pandas else 'slower'} here ({duration(numpy)} against {duration(pandas)})"

    def chart(self):
        return chart([row for row in self.rows if row.ratios])


def chart(rows):
    """Returns an SVG with bars from 1 to each ratio, on a logarithmic axis, in the reader's light or dark scheme."""
    titles = [row.title + (f", {row.threads} threads" if row.threads > 1 else "") for row in rows]
    # A letter of 12 pixels is about 6.6 wide.
    left, width, bar, gap, top = 30 + math.ceil(6.6 * max(map(len, titles))), 560, 11, 9, 84
    values = [statistics.median(v) for row in rows for v in row.ratios.values()]
    low = min(0.5, *values)
    high = max(2.0, *values)
    ticks = [t * 10**e for e in range(-2, 5) for t in (1, 2, 5) if low <= t * 10**e <= high * 1.3]
    low, high = min(low, ticks[0]), max(high, ticks[-1])

    def x(ratio):
        return left + width * math.log(ratio / low) / math.log(high / low)

    shapes, y = [], top
    for row, title in zip(rows, titles):
        height = bar * len(row.ratios)
        shapes.append(f'<text x="{left - 10}" y="{y + height / 2 + 4:.1f}" text-anchor="end">{html.escape(title)}</text>')
        for peer, ratios in row.ratios.items():
            ratio = statistics.median(ratios)
            begin, end = sorted((x(1), x(ratio)))
            shapes.append(f'<rect x="{begin:.1f}" y="{y + 1}" width="{end - begin:.1f}" height="{bar - 2}" '
                          f'fill="{COLORS[peer]}"/>')
            side = f'x="{end + 4:.1f}"' if ratio >= 1 else f'x="{begin - 4:.1f}" text-anchor="end"'
            shapes.append(f'<text {side} y="{y + bar - 2}" class="value">{ratio_text(ratio)}</text>')
            y += bar
        y += gap
    grid = []
    for tick in ticks:
        kind = "one" if tick == 1 else "grid"
        grid.append(f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{top - 8}" y2="{y}" class="{kind}"/>')
        grid.append(f'<text x="{x(tick):.1f}" y="{y + 16}" text-anchor="middle">{tick:g}</text>')
    legend, at = [], left
    for peer in PEERS:
        legend.append(f'<rect x="{at}" y="52" width="12" height="12" fill="{COLORS[peer]}"/>'
                      f'<text x="{at + 17}" y="62">{peer}</text>')
        at += 90
    total_width, total_height = left + width + 60, y + 52
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total_width} {total_height}" width="{total_width}" '
        f'height="{total_height}" role="img">',
        "<title>Time of each peer divided by typenet's</title>",
        "<style>",
        "text { font: 12px sans-serif; fill: #24292f } .head { font-size: 16px; font-weight: bold }",
        ".value { font-size: 9px } .page { fill: #ffffff } .grid { stroke: #d0d7de } .one { stroke: #24292f }",
        "@media (prefers-color-scheme: dark) {",
        "text { fill: #e6edf3 } .page { fill: #0d1117 } .grid { stroke: #30363d } .one { stroke: #e6edf3 }",
        "}",
        "</style>",
        f'<rect width="{total_width}" height="{total_height}" rx="8" class="page"/>',
        '<text x="20" y="30" class="head">Time of each peer divided by typenet\'s (right of 1: typenet is faster)</text>',
        *legend, *grid, *shapes,
        f'<text x="{left + width / 2}" y="{y + 38}" text-anchor="middle">times as long as typenet, logarithmic</text>',
        "</svg>",
    ]) + "\n"
