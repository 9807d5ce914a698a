"""Runs the same work with typenet and its peers, side by side, and writes docs/performance.md and performance.svg.

    compare.py --programs FOLDER --data FOLDER [--onnxruntime FOLDER] [--rounds N] [--only TASK,...]
    compare.py --page

The folder of --programs has compare_typenet, compare_dlib and compare_libtorch, the folder of --data has MNIST's four
IDX files, raw or gzipped. In each round every task is run by all its peers, one after the other, each in its own
process; the order rotates from round to round. A ratio compares times of one round, since the machine's speed varies
between rounds; the report gives the median over the rounds. What was measured is stored in results/ in the place of
the last run on this kind of processor, and the documents are written from all that is stored there. With --only the
tables go to stdout, and nothing is stored or written. --page only writes the documents.

A peer whose program doesn't run here is left out, as is ONNX Runtime where there is no Node.js or no onnxruntime-node:
that is looked for in the folder node_modules of --onnxruntime, or by NODE_PATH.
"""

import argparse
import dataclasses
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import compare_report  # noqa: E402  (beside this file)
import compare_results  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
IDX_FILES = {"train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
             "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")}


# The threads of OpenMP and OpenBLAS can slow each other down. With two threads each peer is tried once with each of
# these settings, and then uses the fastest.
THREAD_SETTINGS = ({}, {"OMP_WAIT_POLICY": "passive"}, {"OPENBLAS_NUM_THREADS": "1"})


# The texts in each column of the table of mixed columns; typenet.cpp has them as a type.
TABLE_TEXTS = {"work": "private state own none", "school": "first second third", "status": "single married divorced",
               "job": "clerk craft sales tech", "role": "husband wife child", "town": "north south",
               "sex": "male female", "country": "here there elsewhere"}


PEERS = ("typenet", "PyTorch", "LibTorch", "NumPy", "dlib")
SKLEARN = (*PEERS, "scikit-learn")
PREDICTORS = (*SKLEARN, "ONNX Runtime")


@dataclasses.dataclass(frozen=True)
class Task:
    name: str
    peers: tuple = PEERS
    threads: tuple = (1,)


TASKS = (
    Task("epoch_32"),
    Task("epoch_64", SKLEARN, threads=(1, 2)),
    Task("epoch_128", SKLEARN, threads=(1, 2)),
    Task("epoch_512"),
    Task("dense_epoch_64", threads=(1, 2)),
    Task("dense_epoch_128", threads=(1, 2)),
    Task("large_epoch", threads=(1, 2)),
    Task("infer_one", PREDICTORS),
    Task("infer_one_dense", PREDICTORS),
    Task("infer_10000", PREDICTORS, threads=(1, 2)),
    Task("small_1"),
    Task("small_32"),
    Task("load_csv", ("typenet", "NumPy", "pandas")),
    Task("load_table", ("typenet", "pandas")),
    Task("csv_to_98", ("typenet", "pandas"), threads=(1, 2)),
    Task("fma_peak", ("typenet",)),
)


def prepare(source, folder):
    """Writes MNIST's raw IDX files from `source` to `folder`, and its CSV files to csv/ there."""
    os.mkdir(os.path.join(folder, "csv"))
    for part, names in IDX_FILES.items():
        contents = []
        for name in names:
            path = os.path.join(source, name)
            if os.path.exists(path):
                with open(path, "rb") as file:
                    contents.append(file.read())
            elif os.path.exists(path + ".gz"):
                with gzip.open(path + ".gz") as file:
                    contents.append(file.read())
            else:
                raise SystemExit(f"{source} has neither {name} nor {name}.gz; examples/mnist/download.cmake gets them")
            with open(os.path.join(folder, name), "wb") as file:
                file.write(contents[-1])
        pixels, labels = memoryview(contents[0])[16:], contents[1][8:]
        texts = [str(value) for value in range(256)]
        with open(os.path.join(folder, "csv", f"mnist_{part}.csv"), "w", encoding="ascii") as file:
            header = [f"{row}x{column}" for row in range(1, 29) for column in range(1, 29)]
            file.write(",".join(["label", *header]) + "\n")
            for i, label in enumerate(labels):
                row = pixels[784 * i : 784 * (i + 1)]
                file.write(f"{label}," + ",".join([texts[value] for value in row]) + "\n")
    write_table(os.path.join(folder, "csv", "table.csv"))


def write_table(name):
    """Writes 300,000 rows of 14 columns, six of numbers and eight of texts, and the answer. One age in ten is missing."""
    draw = random.Random(1)
    texts = {column: [f"{column}-{value}" for value in values.split()] for column, values in TABLE_TEXTS.items()}
    with open(name, "w", encoding="ascii") as file:
        file.write(",".join(["age", "weight", "years", "gain", "loss", "hours", *texts, "answer"]) + "\n")
        for _ in range(300_000):
            numbers = ("" if draw.random() < 0.1 else draw.randrange(17, 90), draw.randrange(12_285, 1_484_705),
                       draw.randrange(1, 17), round(draw.uniform(0, 99_999), 2), round(draw.random(), 4),
                       draw.randrange(1, 99))
            row = [*map(str, numbers), *map(draw.choice, texts.values()), draw.choice(("no", "yes"))]
            file.write(",".join(row) + "\n")


class Programs:
    """The programs of all peers, and the environment in which OpenBLAS uses its best kernels for this processor."""

    def __init__(self, folder, onnxruntime):
        here = os.path.join(HERE, "compare")
        self.commands = {peer: [os.path.join(folder, "compare_" + peer.lower())]
                         for peer in ("typenet", "LibTorch", "dlib")}
        for peer in ("PyTorch", "NumPy", "scikit-learn", "pandas"):
            script = {"PyTorch": "torch", "scikit-learn": "sklearn"}.get(peer, peer.lower())
            self.commands[peer] = [sys.executable, os.path.join(here, f"with_{script}.py")]
        self.commands["ONNX Runtime"] = ["node", os.path.join(here, "with_onnxruntime.mjs")]
        self.environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1")
        if onnxruntime:
            self.environment["NODE_PATH"] = os.path.join(os.path.abspath(onnxruntime), "node_modules")
        for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
            self.environment.pop(name, None)
        self.settings = {}
        self.versions = {}
        self.missing = []
        for peer in self.commands:
            try:
                self.versions.update(self.ask(peer, stderr=subprocess.DEVNULL))
            except (OSError, subprocess.CalledProcessError):
                if peer == "typenet":
                    raise
                self.missing.append(peer)
                print(f"{peer} is left out, since this doesn't run here: {' '.join(self.commands[peer])} versions",
                      flush=True)
        self.found_core = self.versions.pop("core", None)
        self.core = compare_results.better_core(self.found_core)
        if self.core:
            self.environment["OPENBLAS_CORETYPE"] = self.core
            print(f"OpenBLAS doesn't know this processor and chooses its {self.found_core} kernels; all peers will "
                  f"use {self.core} instead", flush=True)
            self.versions["BLAS"] = self.ask("NumPy")["BLAS"]

    def ask(self, peer, **options):
        return json.loads(subprocess.check_output(self.commands[peer] + ["versions"], env=self.environment, **options))

    def run(self, peer, task, threads, data, seed):
        """Runs one process at the peer's best setting, which the first call finds, and returns its result."""
        if threads == 1 or peer in ("typenet", "ONNX Runtime"):
            return self.run_with({}, peer, task, threads, data, seed)
        key = peer, task, threads
        if key not in self.settings:
            times = [self.run_with(setting, *key, data, seed)["seconds"][task] for setting in THREAD_SETTINGS]
            self.settings[key] = THREAD_SETTINGS[times.index(min(times))]
        return self.run_with(self.settings[key], *key, data, seed)

    def run_with(self, setting, peer, task, threads, data, seed):
        """Runs one process and returns its result; to that of csv_to_98 adds the process's seconds and peak memory."""
        command = [*self.commands[peer], task, "--threads", str(threads), "--data", data, "--seed", str(seed)]
        count = str(threads)
        environment = {**self.environment, "OPENBLAS_NUM_THREADS": count, "OMP_NUM_THREADS": count, **setting}
        start = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
        result = json.loads(output)
        if task == "csv_to_98":
            result["seconds"][task] = seconds
            result["megabytes"] = usage.ru_maxrss / 1024
        return result


def measure(programs, tasks, rounds, data):
    """Runs all tasks in all rounds and returns the measurements of a result, see compare_results.py."""
    found = {}
    for number in range(rounds):
        for task in tasks:
            peers = [peer for peer in task.peers if peer not in programs.missing]
            turn = number % len(peers)
            for threads in task.threads:
                start = time.perf_counter()
                for peer in peers[turn:] + peers[:turn]:
                    result = programs.run(peer, task.name, threads, data, number + 1)
                    found.setdefault((task.name, threads, peer), []).append(result)
                print(f"round {number + 1} of {rounds}: {task.name}, {threads} thread{'s' * (threads > 1)}: "
                      f"{time.perf_counter() - start:.1f} s", flush=True)
    return [{"task": task, "threads": threads, "peer": peer, "rounds": all_rounds}
            for (task, threads, peer), all_rounds in found.items()]


def write_documents():
    documents = os.path.join(os.path.dirname(HERE), "docs")
    results = compare_results.load()
    if not results:
        raise SystemExit("nothing is stored yet")
    for name, content in (("performance.md", compare_report.page(results)),
                          ("performance.svg", compare_report.chart(results[0]))):
        with open(os.path.join(documents, name), "w", encoding="utf-8") as file:
            file.write(content)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--programs", metavar="FOLDER")
    parser.add_argument("--data", metavar="FOLDER")
    parser.add_argument("--onnxruntime", metavar="FOLDER")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", metavar="TASK,...")
    parser.add_argument("--page", action="store_true")
    args = parser.parse_args()
    if args.page:
        return write_documents()
    if not args.programs or not args.data:
        parser.error("--programs and --data are needed")
    wanted = [name for name in args.only.split(",") if name]
    unknown = set(wanted) - {task.name for task in TASKS}
    if unknown or args.rounds < 1:
        parser.error(f"no such task: {', '.join(sorted(unknown))}" if unknown else "--rounds must be at least 1")
    tasks = [task for task in TASKS if not wanted or task.name in wanted]
    programs = Programs(args.programs, args.onnxruntime)
    with tempfile.TemporaryDirectory() as data:
        prepare(args.data, data)
        programs.run("typenet", "export_onnx", 1, data, 1)
        measurements = measure(programs, tasks, args.rounds, data)
    result = compare_results.describe(programs, args.rounds, measurements)
    print(compare_report.tables(result))
    if not wanted:
        compare_results.save(result)
        write_documents()


if __name__ == "__main__":
    main()
