"""Writes networks.hpp beside it: what PyTorch computes and learns with small networks of each kind.

    python3 tests/golden/networks.py

Parameters, features and targets follow the formulas of tests/integration/golden.cpp and are exact in both programs.
"""

import pathlib

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
ROWS, INPUTS, HIDDEN, OUTPUTS, STEPS, RATE = 5, 4, 3, 3, 10, 0.25


def parameter(i):
    return ((37 * i + 11) % 64 - 32) / 64


def feature(i):
    return ((29 * i + 7) % 64 - 32) / 16


def target(i):
    """A number from 0 to 1 in quarters."""
    return (7 * i + 3) % 5 / 4


def label(row):
    return (2 * row + 1) % OUTPUTS


class Standardize(nn.Module):
    """Its deviations are 1 more than the formula gives, so that none is 0. It isn't trained."""

    def __init__(self, width):
        super().__init__()
        self.mean = nn.Parameter(torch.zeros(width), requires_grad=False)
        self.deviation = nn.Parameter(torch.ones(width), requires_grad=False)

    def forward(self, x):
        return (x - self.mean) / self.deviation


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


def flat(model, values):
    """The model's parameters, or their gradients, in the library's order: of a Dense layer [inputs, outputs]."""
    return [x for tensor in values(model) for x in (tensor.T if tensor.dim() == 2 else tensor).reshape(-1).tolist()]


def fill(model):
    i = 0
    with torch.no_grad():
        for module in model.modules():
            for name, tensor in module.named_parameters(recurse=False):
                numbers = [parameter(i + k) + (name == "deviation") for k in range(tensor.numel())]
                i += tensor.numel()
                shape = tensor.T.shape if tensor.dim() == 2 else tensor.shape
                values = torch.tensor(numbers).reshape(shape)
                tensor.copy_(values.T if tensor.dim() == 2 else values)


def dense(activation):
    return lambda: nn.Sequential(nn.Linear(INPUTS, HIDDEN), activation(), nn.Linear(HIDDEN, OUTPUTS))


def of_layers(*make):
    return lambda: nn.Sequential(*[layer() for layer in make])


def shares():
    """Targets that sum to 1 in each row."""
    numbers = torch.tensor([[1.0, 2.0, 1.0], [0.0, 0.0, 4.0], [2.0, 2.0, 0.0], [3.0, 1.0, 0.0], [1.0, 1.0, 2.0]])
    return numbers / 4


def mean_over_rows(loss_of_rows):
    """Class weights multiply a row's loss; the divisor stays the number of rows."""
    return lambda z, t: loss_of_rows(z, t).sum() / ROWS


def weighted_binary(z, t):
    """Weights 0.5 of "no" and 2 of "yes", which is 4 times as much."""
    return 0.5 * nn.functional.binary_cross_entropy_with_logits(z, t, pos_weight=torch.tensor(4.0))


def softmax_first(loss):
    return lambda z, t: loss(torch.softmax(z, 1), t)


LABELS = torch.tensor([label(row) for row in range(ROWS)])
NUMBERS = [[target(OUTPUTS * row + k) for k in range(OUTPUTS)] for row in range(ROWS)]
two_layers = (lambda: nn.Linear(INPUTS, HIDDEN), nn.Tanh, lambda: nn.Linear(HIDDEN, OUTPUTS))
mse, identity = nn.MSELoss(), lambda z: z


def softmax(z):
    return torch.softmax(z, 1)


# name: model, the final activation that the loss computes, loss, targets
NETWORKS = {
    **{
        name: (dense(activation), identity, mse, NUMBERS)
        for name, activation in {
            "identity": nn.Identity,
            "sigmoid": nn.Sigmoid,
            "tanh": nn.Tanh,
            "relu": nn.ReLU,
            "leaky_relu": lambda: nn.LeakyReLU(0.25),
            "elu": nn.ELU,
            "gelu": nn.GELU,
            "silu": nn.SiLU,
            "softplus": nn.Softplus,
        }.items()
    },
    "cross_entropy": (of_layers(*two_layers), softmax, nn.CrossEntropyLoss(), LABELS),
    "smoothed_cross_entropy": (of_layers(*two_layers), softmax, nn.CrossEntropyLoss(label_smoothing=0.25), LABELS),
    "weighted_cross_entropy": (
        of_layers(*two_layers),
        softmax,
        mean_over_rows(nn.CrossEntropyLoss(weight=torch.tensor([0.5, 2.0, 1.0]), reduction="none")),
        LABELS,
    ),
    "cross_entropy_of_shares": (of_layers(*two_layers), softmax, nn.CrossEntropyLoss(), shares()),
    "binary_cross_entropy": (of_layers(*two_layers), torch.sigmoid, nn.BCEWithLogitsLoss(), NUMBERS),
    "weighted_binary_cross_entropy": (of_layers(*two_layers), torch.sigmoid, weighted_binary, NUMBERS),
    "mean_absolute_error": (of_layers(*two_layers), identity, nn.L1Loss(), NUMBERS),
    "huber": (of_layers(*two_layers), identity, nn.HuberLoss(delta=0.5), NUMBERS),
    "squared_error_of_softmax": (of_layers(*two_layers), softmax, softmax_first(mse), NUMBERS),
    "layer_norm": (
        of_layers(two_layers[0], lambda: nn.LayerNorm(HIDDEN, eps=1e-5), two_layers[2]),
        identity,
        mse,
        NUMBERS,
    ),
    "standardize": (of_layers(lambda: Standardize(INPUTS), *two_layers), identity, mse, NUMBERS),
    "residual": (
        of_layers(
            *two_layers[:2],
            lambda: Residual(nn.LayerNorm(HIDDEN, eps=1e-5), nn.Linear(HIDDEN, HIDDEN), nn.ReLU()),
            two_layers[2],
        ),
        identity,
        mse,
        NUMBERS,
    ),
}


def run(make, activation, loss, targets):
    model = make()
    fill(model)
    x = torch.tensor([[feature(INPUTS * row + i) for i in range(INPUTS)] for row in range(ROWS)])
    t = torch.as_tensor(targets)
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=RATE)
    result = {"outputs": activation(model(x)).detach().reshape(-1).tolist()}
    for step in range(STEPS):
        optimizer.zero_grad()
        value = loss(model(x), t)
        value.backward()
        if step == 0:
            result["loss"] = [value.item()]
            gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in model.parameters()]
            result["gradient"] = flat(model, lambda _: gradients)
        optimizer.step()
    result["trained"] = flat(model, lambda m: [p.detach() for p in m.parameters()])
    return result


def main():
    lines = [
        "// Made by tests/golden/networks.py with PyTorch %s." % torch.__version__,
        "#pragma once",
        "",
        "#include <array>",
        "#include <cstddef>",
        "",
        "// clang-format off",
        "",
        "/// What each network gives for the rows (outputs), the mean loss, its gradient for all parameters, and the",
        "/// parameters after %d steps of gradient descent with the learning rate %s (trained)." % (STEPS, RATE),
        "namespace golden {",
        "",
        "template <std::size_t P>",
        "struct TrainedNetwork {",
        f"    std::array<double, {ROWS * OUTPUTS}> outputs;",
        "    double loss;",
        "    std::array<double, P> gradient;",
        "    std::array<double, P> trained;",
        "};",
    ]
    for name, network in NETWORKS.items():
        result = run(*network)
        lines += ["", f"inline constexpr TrainedNetwork<{len(result['trained'])}> {name} = {{"]
        for key, values in result.items():
            texts = [repr(value) for value in values]
            if key == "loss":
                lines += [f"    .loss = {texts[0]},"]
                continue
            lines += [f"    .{key} = {{"]
            lines += ["        " + ", ".join(texts[i : i + 4]) + "," for i in range(0, len(texts), 4)]
            lines += ["    },"]
        lines += ["};"]
    lines += ["", "}  // namespace golden", ""]
    pathlib.Path(__file__).with_suffix(".hpp").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
