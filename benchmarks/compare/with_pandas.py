"""pandas: alone for load_csv and load_table, with PyTorch for csv_to_98."""

import pandas

import peers


def versions():
    return {"pandas": pandas.__version__}


def load(file):
    """Loads with read_csv's fastest settings: one type for all columns, no search for missing values."""
    values = pandas.read_csv(file, dtype="uint8", na_filter=False).to_numpy()
    return values[:, 1:], values[:, 0]


def load_table(file):
    """Loads a table of numbers and texts, and makes a feature of each of the texts' values."""
    with open(file, encoding="ascii") as lines:
        names = next(lines).strip().split(",")
    texts = dict.fromkeys(names[6:], "category")
    table = pandas.read_csv(file, dtype={**dict.fromkeys(names[:6], "float32"), **texts})
    labels = table.pop("answer").cat.codes.to_numpy()
    return pandas.get_dummies(table, dtype="float32").to_numpy(), labels


def train_to_98(args):
    """Trains by the recipe "default" of examples/mnist: the same hyperparameters and the same optimizer."""
    import torch
    import with_torch

    with_torch.use_threads(args.threads)

    def tensors(name):
        x, y = load(peers.csv_file(args, name))
        return torch.from_numpy(x).float().contiguous().div_(255), torch.from_numpy(y).long()

    train, test = tensors("train"), tensors("test")
    epochs, size = 10, 32
    net = with_torch.Network(peers.DIGITS, "sigmoid", args.seed, momentum=0.9, weight_decay=3e-5)
    steps = epochs * -(-len(train[1]) // size)
    done = 0
    for epoch in range(1, epochs + 1):
        for batch in with_torch.batches(*train, size):
            net.rate = 0.5 * (1 - done / steps)
            net.step(*batch)
            done += 1
        with torch.inference_mode():
            accuracy = (net.logits(test[0]).argmax(1) == test[1]).float().mean().item()
        if accuracy >= 0.98:
            break
    return {"seconds": {}, "epochs": epoch, "accuracy": accuracy}


if __name__ == "__main__":
    import with_pandas

    peers.run(with_pandas)
