"""Writes optimizers.hpp beside it: where PyTorch's optimizers take some parameters in some steps.

    python3 tests/golden/optimizers.py
"""

import pathlib

import numpy
import torch

PARAMETERS = 21  # not a multiple of any number of lanes
STEPS = 20


def start():
    return [(i - 10) / 8 for i in range(PARAMETERS)]


def gradient(i, step):
    """Exact in single precision: from 2^-34 to 11/16 in size, some of them 0, and all of the last parameter."""
    if i == PARAMETERS - 1:
        return 0.0
    return ((7 * i + 11 * step + 3 * i * step) % 23 - 11) * 2.0 ** (5 * (i % 7) - 34)


def rate_at(step, rate):
    """It changes once."""
    return rate if step < STEPS // 2 else rate / 2


def run_torch(make, **options):
    w = torch.tensor(start(), dtype=torch.float64, requires_grad=True)
    optimizer = make([w], **options)
    rate = optimizer.param_groups[0]["lr"]
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = rate_at(step, rate)
        w.grad = torch.tensor([gradient(i, step) for i in range(PARAMETERS)], dtype=torch.float64)
        optimizer.step()
    return w.detach().numpy()


def run_lion(lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
    w = numpy.array(start())
    m = numpy.zeros(PARAMETERS)
    for step in range(STEPS):
        g = numpy.array([gradient(i, step) for i in range(PARAMETERS)])
        c = betas[0] * m + (1 - betas[0]) * g
        # Single precision must find the same signs.
        size = betas[0] * abs(m) + (1 - betas[0]) * abs(g)
        assert numpy.all((abs(c) > 1e-5 * size) | (size == 0))
        w = w - rate_at(step, lr) * (numpy.sign(c) + weight_decay * w)
        m = betas[1] * m + (1 - betas[1]) * g
    return w


def run_nadam_rule(mu_again, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, momentum_decay=4e-3):
    w = numpy.array(start())
    m = numpy.zeros(PARAMETERS)
    v = numpy.zeros(PARAMETERS)
    product = 1.0
    for step in range(STEPS):
        t = step + 1
        g = numpy.array([gradient(i, step) for i in range(PARAMETERS)]) + weight_decay * w
        mu = betas[0] * (1 - 0.5 * 0.96 ** (t * momentum_decay))
        mu_next = betas[0] * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
        product *= mu
        product_next = product * mu_next * (mu if mu_again else 1)
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g * g
        ahead = mu_next * m / (1 - product_next) + (1 - mu) * g / (1 - product)
        w = w - rate_at(step, lr) * ahead / (numpy.sqrt(v / (1 - betas[1] ** t)) + eps)
    return w


def run_nadam(**options):
    """By the rule as PyTorch documents it. Before 2.0 its code had mu_t twice in the product up to t + 1."""
    old = int(torch.__version__.split(".")[0]) < 2
    difference = abs(run_nadam_rule(old, **options) - run_torch(torch.optim.NAdam, **options)).max()
    assert difference < 1e-12, difference
    return run_nadam_rule(False, **options)


SGD, ADAGRAD, RMSPROP = torch.optim.SGD, torch.optim.Adagrad, torch.optim.RMSprop
ADAM, ADAMW = torch.optim.Adam, torch.optim.AdamW
RUNS = {
    "sgd": (
        lambda **options: run_torch(SGD, **options),
        {
            "plain": dict(lr=0.1),
            "weight_decay": dict(lr=0.1, weight_decay=0.1),
            "momentum": dict(lr=0.1, momentum=0.9),
            "nesterov": dict(lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True),
        },
    ),
    "adagrad": (
        lambda **options: run_torch(ADAGRAD, **options),
        {
            "plain": dict(),
            "weight_decay": dict(lr=0.05, weight_decay=0.1, eps=1e-4),
            "learning_rate_decay": dict(lr=0.05, lr_decay=0.1),
            "initial_sum": dict(lr=0.05, initial_accumulator_value=0.1),
        },
    ),
    "rmsprop": (
        lambda **options: run_torch(RMSPROP, **options),
        {
            "plain": dict(),
            "weight_decay": dict(lr=0.02, alpha=0.9, eps=1e-4, weight_decay=0.1),
            "momentum": dict(lr=0.002, momentum=0.8),
            "centered": dict(centered=True),
            "centered_momentum": dict(lr=0.002, alpha=0.9, momentum=0.8, centered=True, weight_decay=0.1),
        },
    ),
    "adam": (
        lambda **options: run_torch(ADAM, **options),
        {
            "plain": dict(),
            "weight_decay": dict(lr=0.02, weight_decay=0.1),
            "betas": dict(lr=0.02, betas=(0.8, 0.95), eps=1e-4),
        },
    ),
    "adamw": (
        lambda **options: run_torch(ADAMW, **options),
        {
            "plain": dict(),
            "weight_decay": dict(lr=0.02, weight_decay=0.5),
            "betas": dict(lr=0.02, betas=(0.8, 0.95), eps=1e-4, weight_decay=0),
        },
    ),
    "nadam": (
        run_nadam,
        {
            "plain": dict(),
            "weight_decay": dict(lr=0.02, weight_decay=0.1),
            "betas": dict(lr=0.02, betas=(0.8, 0.95), eps=1e-4, momentum_decay=0.1),
        },
    ),
    "lion": (
        run_lion,
        {
            "plain": dict(),
            "weight_decay": dict(lr=0.02, weight_decay=0.5),
            "betas": dict(lr=0.02, betas=(0.7, 0.8)),
        },
    ),
}


def text_of(options):
    return ", ".join(f"{name}={value}" for name, value in options.items()) or "defaults"


def main():
    torch.set_default_dtype(torch.float64)
    lines = [
        "// Made by tests/golden/optimizers.py with PyTorch %s and NumPy %s." % (torch.__version__, numpy.__version__),
        "// Lion, which that PyTorch lacks, is its paper's rule in NumPy; Nadam is PyTorch's documented rule in NumPy, from",
        "// which the code of PyTorch before 2.0 differs.",
        "#pragma once",
        "",
        "#include <array>",
        "#include <cstddef>",
        "",
        "// clang-format off",
        "",
        "/// Parameters after 20 steps. Gradients and first parameters are those of tests/support/optimizers.hpp; the",
        "/// learning rate is halved after 10 steps.",
        "namespace golden {",
        "",
        f"inline constexpr std::size_t parameter_count = {PARAMETERS};",
        f"inline constexpr std::size_t step_count = {STEPS};",
        "using Parameters = std::array<double, parameter_count>;",
    ]
    for optimizer, (run, settings) in RUNS.items():
        lines += ["", f"namespace {optimizer} {{"]
        for name, options in settings.items():
            values = [repr(float(value)) for value in run(**options)]
            lines += ["", f"/// {text_of(options)}", f"inline constexpr Parameters {name} = {{"]
            lines += ["    " + ", ".join(values[i : i + 5]) + "," for i in range(0, PARAMETERS, 5)]
            lines += ["};"]
        lines += ["", f"}}  // namespace {optimizer}"]
    lines += ["", "}  // namespace golden", ""]
    pathlib.Path(__file__).with_suffix(".hpp").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
