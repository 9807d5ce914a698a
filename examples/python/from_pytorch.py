"""Trains a network with PyTorch that tells materials apart, and writes what examples/from_pytorch.cpp reads:

    python3 from_pytorch.py FOLDER

FOLDER/materials.safetensors has the network's weights, FOLDER/materials.csv rows with the outputs that PyTorch computes
for them."""
import json
import pathlib
import sys

import torch
from torch import nn

import models

MATERIALS = ("ash", "aluminium", "glass")


class Standardize(nn.Module):
    """Has the names of the library's layer, so that the network takes measurements in their own units there too."""

    def __init__(self, x):
        super().__init__()
        self.register_buffer("mean", x.mean(dim=0))
        self.register_buffer("deviation", x.std(dim=0, unbiased=False))

    def forward(self, x):
        return (x - self.mean) / self.deviation


def measure(count):
    """Draws density in kg/m3, hardness (Vickers) and thermal conductivity in W/(m K), with a label for each row."""
    means = torch.tensor([[680.0, 40, 0.2], [2700, 90, 200], [2500, 550, 1.0]])
    label = torch.randint(len(MATERIALS), (count,))
    return means[label] * torch.exp(0.9 * torch.randn(count, 3)), label


def main(folder):
    torch.manual_seed(1)
    x, label = measure(2000)
    net = nn.Sequential(Standardize(x), nn.Linear(3, 16), nn.ReLU(), nn.Dropout(0.1), nn.LayerNorm(16),
                        nn.Linear(16, 8), nn.GELU(), nn.Linear(8, 3))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(200):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x), label).backward()
        optimizer.step()

    net.eval()
    x, label = measure(1000)
    with torch.no_grad():
        y = torch.softmax(net(x), dim=1)
    print(f"PyTorch {torch.__version__}: test accuracy {(y.argmax(dim=1) == label).float().mean():.3f}")
    models.write(folder / "materials.safetensors", net.state_dict(), {"labels": json.dumps(MATERIALS)})
    with open(folder / "materials.csv", "w", encoding="utf-8") as file:
        print("density", "hardness", "conductivity", *MATERIALS, sep=",", file=file)
        for row in torch.cat([x, y], dim=1).tolist():
            print(*row, sep=",", file=file)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
