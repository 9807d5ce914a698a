"""PyTorch at its fastest for these tasks: float32 tensors in memory, no DataLoader, weights [inputs, outputs] so that a
layer is one addmm, activations in place, torch.autograd.grad, and one fused update of all parameters. One index_select
per batch is the fastest way to copy its rows."""

import math

import torch

rate = 0.1


def versions():
    return {"PyTorch": torch.__version__}


def use_threads(count):
    torch.set_num_threads(count)
    torch.set_flush_denormal(True)


array = torch.from_numpy
labels = torch.from_numpy


def batches(x, y, size):
    order = torch.randperm(len(y))
    for rows, classes in zip(order.split(size), y[order].split(size)):
        yield x.index_select(0, rows), classes


class Network(torch.nn.Module):
    def __init__(self, widths, hidden, seed, momentum=0.0, weight_decay=0.0):
        super().__init__()
        torch.manual_seed(seed)
        self.weights = torch.nn.ParameterList()
        self.biases = torch.nn.ParameterList()
        for inputs, outputs in zip(widths, widths[1:]):
            limit = math.sqrt(6 / (inputs + outputs))
            self.weights.append(torch.nn.Parameter(torch.empty(inputs, outputs).uniform_(-limit, limit)))
            self.biases.append(torch.nn.Parameter(torch.zeros(outputs)))
        self.layers = list(zip(self.weights, self.biases))
        self.all = list(self.parameters())
        self.activate = {"sigmoid": torch.sigmoid_, "tanh": torch.tanh_}[hidden]
        self.rate, self.momentum, self.weight_decay = rate, momentum, weight_decay
        self.velocity = [torch.zeros_like(p) for p in self.all]

    def logits(self, x):
        *hidden, (last_w, last_b) = self.layers
        for w, b in hidden:
            x = self.activate(torch.addmm(b, x, w))
        return torch.addmm(last_b, x, last_w)

    def forward(self, x):
        return torch.softmax(self.logits(x), 1)

    def step(self, x, y):
        loss = torch.nn.functional.cross_entropy(self.logits(x), y)
        gradients = torch.autograd.grad(loss, self.all)
        with torch.no_grad():
            if self.weight_decay:
                gradients = torch._foreach_add(gradients, self.all, alpha=self.weight_decay)
            if self.momentum:
                torch._foreach_mul_(self.velocity, self.momentum)
                torch._foreach_add_(self.velocity, gradients)
                gradients = self.velocity
            torch._foreach_add_(self.all, gradients, alpha=-self.rate)
        return loss.item() * len(y)

    def predictors(self, x):
        """Returns the network's prediction as it is, and traced and frozen."""
        ways = [self.forward, torch.jit.freeze(torch.jit.trace(self.eval(), x))]
        return [torch.inference_mode()(way) for way in ways]


if __name__ == "__main__":
    import peers
    import with_torch

    peers.run(with_torch)
