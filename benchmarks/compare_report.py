"""Writes what compare.py measured: tables, the document docs/performance.md, and its chart."""

import dataclasses
import html
import math
import statistics

COLORS = {"PyTorch": "#e0703a", "LibTorch": "#a63d2f", "NumPy": "#4c86c6", "dlib": "#3fa06a", "scikit-learn": "#c9a227",
          "ONNX Runtime": "#7d8590", "pandas": "#a56cc1"}
TABLES = {
    "training": ("epoch_32", "epoch_64", "epoch_128", "epoch_512", "dense_epoch_64", "dense_epoch_128", "large_epoch"),
    "prediction": ("infer_one", "infer_one_dense", "infer_10000"),
    "small networks": ("small_1", "small_32"),
    "from files": ("load_csv", "load_table", "csv_to_98"),
}
# The tasks and threads of the chart: few enough to be read at a glance.
CHARTED = (("epoch_64", 1), ("epoch_64", 2), ("dense_epoch_64", 1), ("dense_epoch_64", 2), ("large_epoch", 1),
           ("infer_one", 1), ("infer_10000", 1), ("small_1", 1), ("small_32", 1), ("load_csv", 1), ("csv_to_98", 1))
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


def by_task(result):
    """Returns the measurements of a result as [task, threads][peer]: a list with what each round gave."""
    tasks = {}
    for one in result["measurements"]:
        tasks.setdefault((one["task"], one["threads"]), {})[one["peer"]] = one["rounds"]
    return tasks


def rows_of(result):
    """Returns what was measured as a list of rows, in the order of the tasks."""
    rows = []
    for (task, threads), by_peer in by_task(result).items():
        for name in by_peer["typenet"][0].get("seconds", {}):
            seconds = {peer: [one["seconds"][name] for one in rounds] for peer, rounds in by_peer.items()}
            ratios = {peer: [theirs / ours for theirs, ours in zip(values, seconds["typenet"])]
                      for peer, values in seconds.items() if peer != "typenet"}
            rows.append(Row(task, name, threads, seconds, ratios))
    return rows


def peers_in(lines):
    """Returns the peers that any of the dictionaries `lines` has, in the order of the columns."""
    found = set().union(*lines)
    return [peer for peer in COLORS if peer in found]


def duration(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}" if seconds / size < 1000 else f"{seconds / size:.0f} {unit}"
    return "0"


def ratio_text(ratio):
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.1f}" if ratio < 100 else f"{ratio:.0f}"


def threads_text(threads):
    return f"{threads} thread{'s' * (threads > 1)}"


def median_of(rounds, key):
    return statistics.median(one[key] for one in rounds)


def table(header, lines):
    separator = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join("| " + " | ".join(line) + " |" for line in (header, separator, *lines)) + "\n"


def cell(row, peer):
    """Returns the peer's time, and below it how many times as long as typenet's it is."""
    if peer not in row.seconds:
        return ""
    time = duration(statistics.median(row.seconds[peer]))
    if peer not in row.ratios:
        return time
    median, least, most = map(ratio_text, (statistics.median(row.ratios[peer]), min(row.ratios[peer]),
                                           max(row.ratios[peer])))
    return f"{time}<br>**{median}**" + (f" ({least} to {most})" if least != most else "")


def times(result):
    parts = []
    rows = rows_of(result)
    for threads, words in ((1, "One thread"), (2, "Two threads")):
        for name, tasks in TABLES.items():
            chosen = [row for row in rows if row.threads == threads and row.task in tasks]
            if chosen:
                peers = ["typenet", *peers_in(row.ratios for row in chosen)]
                lines = [[row.title, *(cell(row, peer) for peer in peers)] for row in chosen]
                parts += [f"### {words}: {name}\n", table(["", *peers], lines)]
    return parts


def losses(result):
    found = [(TITLES[task], {peer: median_of(rounds, "loss") for peer, rounds in by_peer.items()})
             for (task, threads), by_peer in by_task(result).items()
             if threads == 1 and "loss" in by_peer["typenet"][0]]
    if not found:
        return []
    peers = ["typenet", *peers_in(by_peer for _, by_peer in found)]
    lines = [[title, *(f"{by_peer[peer]:.4f}" if peer in by_peer else "" for peer in peers)]
             for title, by_peer in found]
    return ["### All of them learn\n", "The mean training loss in the last epoch, as the median of the rounds.\n",
            table(["", *peers], lines)]


def peak(result):
    tasks = by_task(result)
    peaks = [one["gflops"] for one in tasks.get(("fma_peak", 1), {}).get("typenet", [])]
    if not peaks:
        return []
    lines = []
    for task in ("epoch_64", "dense_epoch_64"):
        if (task, 1) in tasks:
            rounds = tasks[task, 1]["typenet"]
            rates = [EPOCH_GFLOP / one["seconds"][task] for one in rounds]
            shares = [100 * rate / one["float"] for rate, one in zip(rates, peaks)]
            lines.append([TITLES[task], f"{statistics.median(rates):.0f}", f"{statistics.median(shares):.0f} %",
                          f"{rounds[0]['allocations_a_step']:.0f}"])
    return ["### Share of the processor's peak\n",
            f"With fused multiply-adds on registers alone, one core reached {median_of(peaks, 'float'):.0f} GFLOP/s in "
            f"float and {median_of(peaks, 'double'):.0f} in double.\n",
            table(["typenet", "GFLOP/s", "share of the peak", "heap allocations a step"], lines)]


def to_98(result):
    lines = []
    for (task, threads), by_peer in by_task(result).items():
        if task == "csv_to_98":
            for peer, rounds in by_peer.items():
                name = "pandas and PyTorch" if peer == "pandas" else peer
                lines.append([f"{name}, {threads_text(threads)}",
                              duration(statistics.median(one["seconds"][task] for one in rounds)),
                              f"{median_of(rounds, 'epochs'):g}", f"{100 * median_of(rounds, 'accuracy'):.2f} %",
                              f"{median_of(rounds, 'megabytes'):.0f} MB"])
    if not lines:
        return []
    return ["### From CSV to 98 % accuracy\n", table(["", "time", "epochs", "accuracy", "peak memory"], lines)]


def tables(result):
    """Returns all tables of a result with their headings."""
    return "\n".join([*times(result), *losses(result), *peak(result), *to_98(result)])


def section(result):
    """Returns the part of the document about one kind of processor."""
    processor, versions = result["processor"], result["versions"]
    cores = processor["cores"]
    found_core, core = result["kernels"]
    notes = ""
    if core:
        notes += f"""
This OpenBLAS doesn't know the processor's model, and by default chooses its {found_core} kernels, which are much
slower than its best ones. That would be unfair to the peers that use it, so these ran with
`OPENBLAS_CORETYPE={core}`.
"""
    if result["missing"]:
        notes += f"\nLeft out, since they weren't on this machine: {', '.join(result['missing'])}.\n"
    notes += "".join(f"\n{remark}\n" for remark in result.get("remarks", []))
    return f"""## {processor["kind"]}

| | |
|---|---|
| date | {result["date"]} |
| typenet | {versions["typenet"]}, commit {result["commit"]} |
| processor | {processor["name"]}, {processor["model"]}; {cores} core{"s" * (cores != 1)} |
| instructions | {processor["instructions"] or "neither AVX2 nor AVX-512"} |
| caches | {processor["caches"]} |
| compiler | {versions["compiler"]}, `-O3 -march=native` |
| BLAS of the peers that use one | {versions.get("BLAS", "not OpenBLAS")} |
| peers | {", ".join(f"{peer} {versions[peer]}" for peer in COLORS if peer in versions)} |
| rounds | {result["rounds"]} |
{notes}
{tables(result)}"""


def page(results):
    """Returns the document, with a section for each of the results. The chart is of the first."""
    sections = "\n".join(map(section, results))
    kinds = " and ".join(result["processor"]["kind"] for result in results)
    return f"""# Performance

<!-- Written by benchmarks/compare.py: a change here is lost with the next run. -->

This page compares typenet with other libraries that do the same work. Each library runs at the best setting that we
found for it. The figures of a section are from one run on one machine: {kinds}.

![How many times as long the others take](performance.svg)

Each cell has the library's time, as the median of the rounds. Below it stands that time divided by typenet's: the
median of the rounds, and in parentheses the least and the most. A ratio above 1 means that typenet is faster; below 1
the other library is. To compare on your own machine:

```sh
sh benchmarks/compare.sh FOLDER    # FOLDER has MNIST's four IDX files, raw or gzipped
```

The script installs what it needs from Debian, builds, measures, stores the figures in `benchmarks/results`, and writes
this page. `--rounds N` sets the number of rounds. `--only TASK,...` measures only some tasks, prints their tables, and
writes nothing. `--onnxruntime FOLDER` names a folder in which `npm install onnxruntime-node` was run, since Debian has
no package of ONNX Runtime; without it that column is left out.

{sections}
## What is measured

- **Training.** An epoch's network is 784-128-64-10 with sigmoid, sigmoid and softmax, in float32, with Glorot-uniform
  weights. Plain gradient descent with rate 0.1 minimises the mean cross-entropy. An epoch covers all 60,000 training
  images, in a new random order: shuffling, gathering the rows, forward, loss, backward, update. The figure is the
  median of three epochs, after one that warms up. 81 % of MNIST's pixels are 0, and a library can skip them. "Without
  zeros" is the same on uniform random inputs, which leave nothing to skip. The large network sees 10,000 rows an epoch,
  and is timed for one epoch after a short one.
- **Prediction.** Computes probabilities from rows that are ready in memory as float32. Single predictions take another
  row each call.
- **Small networks.** They have tanh inside and softmax at the end. 64 batches take turns.
- **From files.** Loading reads the file from the file cache into features and labels in memory. All libraries store the
  digits' values as bytes. The whole process is timed from its start to its end, Python's start and imports too. It
  reads both CSV files, trains 784-128-64-10 by the recipe `default` of the MNIST program, tests after each epoch, and
  stops when it classifies 98 % of the test images correctly. To stop by the test images is right for a race and wrong
  for choosing a network.
- **Learning.** Each round has another seed. The inputs without zeros are random and so are their labels, so that there
  is nothing to learn: the loss to expect is ln 10 = 2.3026.
- **Share of the peak.** An epoch of 784-128-64-10 takes {EPOCH_GFLOP} GFLOP, counted as if no input were 0. Skipped
  work counts as done, so that a share can exceed 100 %.

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
- **LibTorch**: PyTorch's C++ API with the same operations, without Python. Batches are copied into tensors that stay.
  Predictions run in inference mode, into new tensors or into existing ones, whichever is faster.
- **NumPy**: written by hand. It works in place, and products go into existing memory.
- **dlib**: tensors are filled by hand; `compute_parameter_gradients` and `update_parameters` do the rest. Its
  templates are compiled with the same options as typenet's; its library is Debian's, built for any processor. It also
  computes the gradient of the inputs, which nothing needs, and has no option not to.
- **scikit-learn**: `MLPClassifier`, whose `partial_fit` of all rows is one epoch, and `predict_proba`. The check for
  values that aren't finite is off. The weights start as the other libraries' do.
- **ONNX Runtime**: its package for Node.js, with the network that `export_onnx` wrote, all optimizations of the graph,
  and the threads of the table. Each call is awaited. Results go into new tensors or into existing ones, whichever is
  faster.
- **pandas**: `read_csv` with one type for all columns, and without a search for missing values. The table of mixed
  columns goes through `read_csv`, with texts as categories, and `get_dummies` into a matrix of floats, as typenet's is.
  The process to 98 % uses pandas and PyTorch, even where `numpy.loadtxt` reads faster, because that is what people
  write.
- **Two threads**: each of the other libraries but ONNX Runtime is tried with two threads; then with OpenMP's threads
  sleeping while they wait; then with OpenBLAS on one thread. It keeps what was fastest for the task.

The script unsets `OPENBLAS_CORETYPE` and `OPENBLAS_L2_SIZE` at the start.

## What to keep in mind

- Each section is one machine with one set of versions, Debian's but for ONNX Runtime. PyTorch does better or worse with
  other BLAS libraries, and in later versions.
- Python itself accounts for much of the time of PyTorch, NumPy and scikit-learn on small networks and single rows, and
  Node.js for much of ONNX Runtime's on single rows. Their users wait for it, but it says little about their kernels.
- Sections compare libraries on a processor, and not processors: their runs may be of different versions of typenet.
- If the machine is shared, times vary between rounds. The ranges beside the ratios show by how much.
- mlpack, OpenNN, rl_tools and RTNeural aren't measured, since Debian 12 has no packages of their C++ libraries. Neither
  is LIBXSMM, whose package has kernels and no program that trains a network. We know of no published figures for these
  tasks.
"""


def chart(result):
    """Returns an SVG with bars from 1 to each ratio, on a logarithmic axis, in the reader's light or dark scheme."""
    rows = [row for row in rows_of(result) if (row.task, row.threads) in CHARTED]
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
    legend, at = [], 20
    for peer in peers_in(row.ratios for row in rows):
        legend.append(f'<rect x="{at}" y="52" width="12" height="12" fill="{COLORS[peer]}"/>'
                      f'<text x="{at + 17}" y="62">{peer}</text>')
        at += 120
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
        f'<text x="{left + width / 2}" y="{y + 38}" text-anchor="middle">times as long as typenet, logarithmic; '
        f'{html.escape(result["processor"]["name"])}, {result["date"]}</text>',
        "</svg>",
    ]) + "\n"
