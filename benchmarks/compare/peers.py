"""Shared by the Python peers: command line, MNIST, the tasks, the clock. command.hpp does the same for C++.

A peer is a module that defines
    use_threads(count)
    array(x), labels(y)           the peer's form of float32 features [rows, columns] and of integer labels
    batches(x, y, size)           all rows once, in a new random order
    Network(widths, hidden, seed) with step(x, y), which trains on one batch at `rate` and returns the sum of its rows'
                                  losses, and predictors(x), the peer's ways to compute probabilities for x
    versions()
or with
    load(file)                    bytes [rows, 784] and labels [rows] of a CSV file
    train_to_98(args)
for the tasks of these names. A module may define only some of them.
"""

import argparse
import json
import math
import os
import statistics
import time

import numpy

DIGITS = (784, 128, 64, 10)
LARGE = (784, 2048, 2048, 10)
SMALL = ((4, 16, 3), (16, 64, 64, 4))


def command():
    parser = argparse.ArgumentParser()
    parser.add_argument("task")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--data", default="")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def say(result):
    print(json.dumps(result), flush=True)


def mnist(folder, part):
    """Features in [0, 1] and labels of the raw IDX files of "train" or "t10k"."""
    with open(os.path.join(folder, part + "-images-idx3-ubyte"), "rb") as file:
        images = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 784)
    with open(os.path.join(folder, part + "-labels-idx1-ubyte"), "rb") as file:
        labels = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    return images * numpy.float32(1 / 255), labels.astype(numpy.int64)


def csv_file(args, part):
    return os.path.join(args.data, "csv", "mnist_" + part + ".csv")


def uniform(rows, columns, seed):
    """Random numbers, none of which is 0."""
    return 1 - numpy.random.default_rng(seed).random((rows, columns), dtype=numpy.float32)


def epoch(peer, net, x, y, size):
    """Trains one pass and returns its seconds and mean loss."""
    start = time.perf_counter()
    loss = sum(net.step(*batch) for batch in peer.batches(x, y, size)) / len(y)
    return time.perf_counter() - start, loss


def time_epochs(peer, args, x, y, size):
    """Returns the median seconds of three epochs after a warm-up epoch, and the loss of the last epoch."""
    net = peer.Network(DIGITS, "sigmoid", args.seed)
    passes = [epoch(peer, net, x, y, size) for _ in range(4)]
    return {"seconds": {args.task: statistics.median(p[0] for p in passes[1:])}, "loss": passes[-1][1]}


def time_large_epoch(peer, args, x, y):
    net = peer.Network(LARGE, "sigmoid", args.seed)
    epoch(peer, net, x[:1024], y[:1024], 256)
    seconds, loss = epoch(peer, net, x, y, 256)
    return {"seconds": {args.task: seconds}, "loss": loss}


def time_calls(function, inputs, passes=5):
    """Returns the seconds per call, cycling through `inputs`: the median over the passes, after a warm-up pass. A pass
    repeats all inputs so often that it lasts about least_seconds or longer. command.hpp must have the same value."""
    least_seconds = 0.02

    def one_pass(times):
        start = time.perf_counter()
        for _ in range(times):
            for one in inputs:
                function(*one)
        return time.perf_counter() - start

    times = max(1, math.ceil(least_seconds / one_pass(1)))
    one_pass(times)
    return statistics.median(one_pass(times) for _ in range(passes)) / (times * len(inputs))


def time_predictors(net, inputs):
    """Returns time_calls of the fastest of the network's predictors."""
    return min(time_calls(predict, [(x,) for x in inputs]) for predict in net.predictors(inputs[0]))


def time_small(peer, args, rows):
    seconds = {}
    for widths in SMALL:
        net = peer.Network(widths, "tanh", args.seed)
        features = uniform(64 * rows, widths[0], args.seed)
        classes = numpy.random.default_rng(args.seed).integers(0, widths[-1], 64 * rows)
        x = [peer.array(part) for part in numpy.split(features, 64)]
        y = [peer.labels(part) for part in numpy.split(classes, 64)]
        name = "-".join(map(str, widths))
        seconds[name + " step"] = time_calls(net.step, list(zip(x, y)) * 16)
        seconds[name + " predict"] = time_predictors(net, x * 16)
    return {"seconds": seconds}


def run(peer):
    args = command()
    if args.task == "versions":
        return say(peer.versions())
    if args.task == "load_csv":
        return say({"seconds": {args.task: time_calls(peer.load, [(csv_file(args, "train"),)], 3)}})
    if args.task == "load_table":
        table = os.path.join(args.data, "csv", "table.csv")
        return say({"seconds": {args.task: time_calls(peer.load_table, [(table,)], 3)}})
    if args.task == "csv_to_98":
        return say(peer.train_to_98(args))
    peer.use_threads(args.threads)
    kind, _, number = args.task.rpartition("_")
    if kind in ("epoch", "dense_epoch") or args.task == "large_epoch":
        x, y = mnist(args.data, "train")
        if args.task == "large_epoch":
            return say(time_large_epoch(peer, args, peer.array(x[:10000]), peer.labels(y[:10000])))
        if kind == "dense_epoch":
            x = uniform(*x.shape, args.seed)
        return say(time_epochs(peer, args, peer.array(x), peer.labels(y), int(number)))
    if kind == "small":
        return say(time_small(peer, args, int(number)))
    if args.task in ("infer_one", "infer_one_dense", "infer_10000"):
        x, _ = mnist(args.data, "t10k")
        if args.task == "infer_one_dense":
            x = uniform(*x.shape, args.seed)
        net = peer.Network(DIGITS, "sigmoid", args.seed)
        inputs = [peer.array(x)] if number == "10000" else [peer.array(x[i : i + 1]) for i in range(len(x))]
        return say({"seconds": {args.task: time_predictors(net, inputs)}})
    raise SystemExit("there is no task " + args.task)
