"""Checks the files that `models write FOLDER` wrote, with PyTorch, NumPy, ONNX's checker and OpenCV, and writes files
for `models compare FOLDER`: check_models.py FOLDER. Where a package is missing, it says so and does nothing."""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "examples" / "python"))
try:
    import cv2
    import numpy as np
    import onnx
    import onnx.numpy_helper
    import torch

    import models
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit()

ROWS = 1000
failures = []


def report(name, worst, bound):
    print(f"{name:48} {worst:.2g}")
    if not worst <= bound:
        failures.append(name)


def difference(found, expected):
    """Returns the largest difference, relative to numbers above 1."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    assert found.shape == expected.shape, (found.shape, expected.shape)
    return float(np.max(np.abs(found - expected) / np.maximum(1, np.abs(expected))))


# PyTorch: makes an nn.Sequential of an architecture as model files name it.


class Standardize(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.mean = torch.nn.Parameter(torch.zeros(size))
        self.deviation = torch.nn.Parameter(torch.ones(size))

    def forward(self, x):
        return torch.where(torch.isnan(x), torch.zeros_like(x), (x - self.mean) / self.deviation)


class Unstandardize(Standardize):
    def forward(self, x):
        return x * self.deviation + self.mean


class Skip(torch.nn.Identity):
    """Adds the input of the layer that is `length` layers before this one."""

    def __init__(self, length):
        super().__init__()
        self.length = length


ACTIVATIONS = {"Sigmoid": torch.nn.Sigmoid, "Tanh": torch.nn.Tanh, "ReLU": torch.nn.ReLU, "ELU": torch.nn.ELU,
               "GELU": torch.nn.GELU, "SiLU": torch.nn.SiLU, "Softplus": torch.nn.Softplus,
               "Softmax": lambda: torch.nn.Softmax(1)}


def activation(text):
    if text.startswith("LeakyReLU"):
        slope = re.search("<(.*)/(.*)>", text)
        return torch.nn.LeakyReLU(int(slope[1]) / int(slope[2]) if slope else 0.01)
    return ACTIVATIONS[text]()


class Network(torch.nn.Sequential):
    def __init__(self, architecture):
        layers = re.findall(r"\w+(?:<(?:[^<>]|<[^<>]*>)*>)?", architecture)
        width = int(re.fullmatch(r"Input<(\d+)>", layers[0])[1])
        parts = []
        for layer in layers[1:]:
            dense = re.fullmatch(r"Dense<(\d+), (.*)>", layer)
            if dense:
                modules = [torch.nn.Linear(width, int(dense[1]))]
                width = int(dense[1])
                if dense[2] != "Identity":
                    modules.append(activation(dense[2]))
            elif layer == "Standardize":
                modules = [Standardize(width)]
            elif layer == "Unstandardize":
                modules = [Unstandardize(width)]
            elif layer == "LayerNorm":
                modules = [torch.nn.LayerNorm(width)]
            elif layer.startswith("Dropout"):
                modules = [torch.nn.Dropout()]
            else:
                modules = [Skip(int(re.fullmatch(r"SkipSum<(\d+)>", layer)[1]))]
            parts.append(modules)
        super().__init__(*[module for modules in parts for module in modules])
        self.sizes = [len(modules) for modules in parts]
        self.eval()

    def forward(self, x):
        modules, inputs = iter(self), []
        for size in self.sizes:
            inputs.append(x)
            for _ in range(size):
                module = next(modules)
                x = module(x) + inputs[-1 - module.length] if isinstance(module, Skip) else module(x)
        return x


def check_torch(folder, name, what, x, outputs):
    tensors, metadata = models.read(folder / f"{name}.safetensors")
    network = Network(metadata["architecture"])
    kind = next(iter(tensors.values())).dtype
    network.to(getattr(torch, kind.name))
    network.load_state_dict({key: torch.from_numpy(tensor) for key, tensor in tensors.items()})
    scale = np.float32(metadata["input_scale"])
    with torch.no_grad():
        found = network(torch.from_numpy((x.astype(np.float32) * scale).astype(kind))).numpy()
    report(f"{what}: PyTorch", difference(found, outputs), 1e-5)


# NumPy


def check_numpy(folder, name):
    tensors, metadata = models.read(folder / f"{name}.safetensors")
    arrays = dict(np.load(folder / f"{name}.npz"))
    stored = json.loads(bytes(arrays.pop("__metadata__")))
    same = arrays.keys() == tensors.keys() and all(
        arrays[key].dtype == tensors[key].dtype and arrays[key].tobytes() == tensors[key].tobytes() for key in arrays)
    same = same and {key: stored[key] for key in metadata} == metadata and metadata["name"] == name
    report(f"{name}: .npz and .safetensors are the same", 0 if same else 1, 0)


# ONNX: its own checker, OpenCV, and the operators by their definition.

OPERATORS = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "Sqrt": np.sqrt, "Tanh": np.tanh,
    "Identity": lambda x: x, "Relu": lambda x: np.maximum(x, 0), "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "LeakyRelu": lambda x, alpha: np.where(x > 0, x, np.float32(alpha) * x),
    "Elu": lambda x: np.where(x > 0, x, np.expm1(x)), "Softplus": lambda x: np.logaddexp(x, 0),
    "Erf": lambda x: torch.erf(torch.from_numpy(x)).numpy(),
    "Softmax": lambda x, axis: np.exp(x) / np.exp(x).sum(axis, keepdims=True),
    "ReduceMean": lambda x, axes: x.mean(tuple(axes), keepdims=True),
    "Gemm": lambda x, w, b, transB: x @ w.T + b, "IsNaN": np.isnan, "Where": np.where,
}


def evaluate(graph, x):
    values = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in graph.initializer}
    values["features"] = x
    for node in graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        values[node.output[0]] = OPERATORS[node.op_type](*(values[name] for name in node.input), **attributes)
    return values["outputs"]


def check_onnx(folder, name, what, x, outputs):
    file = folder / f"{name}.onnx"
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    report(f"{what}: ONNX by definition", difference(evaluate(model.graph, x.astype(np.float32)), outputs), 1e-5)
    entries = {entry.key: entry.value for entry in model.metadata_props}
    same = entries["name"] == name and entries["architecture"] == models.read(
        folder / f"{name}.safetensors")[1]["architecture"]
    report(f"{name}: ONNX metadata", 0 if same else 1, 0)
    if any(node.op_type in ("ReduceMean", "IsNaN") for node in model.graph.node):
        print(f"{name}: OpenCV has no mean over rows of a matrix, and no IsNaN")
        return
    network = cv2.dnn.readNetFromONNX(str(file))
    for rows in (ROWS, 1):
        network.setInput(x[:rows].astype(np.float32))
        report(f"{name}: OpenCV, {rows} rows", difference(network.forward(), outputs[:rows]), 1e-4)


# The other direction: writes files for `models compare`.


def write_files(folder, x):
    torch.manual_seed(3)
    architecture = "Input<784>, Dense<128, Sigmoid>, Dense<64, Sigmoid>, Dense<10, Identity>"
    features = torch.from_numpy(x.astype(np.float32) * np.float32(1 / 255))
    for name, kind in (("f32", torch.float32), ("f64", torch.float64), ("f16", torch.float16),
                       ("bf16", torch.bfloat16)):
        network = Network(architecture).to(kind)
        file = folder / f"torch_{name}.safetensors"
        if kind == torch.bfloat16:  # NumPy doesn't have it; its bits are the upper half of a float's
            state = {key: tensor.float().numpy().view("<u4") >> 16 for key, tensor in network.state_dict().items()}
            models.DTYPES["BF16"] = "<u2"
            models.write(file, {key: bits.astype("<u2") for key, bits in state.items()})
            del models.DTYPES["BF16"]
        else:
            models.write(file, network.state_dict())
        read, _ = models.read(file)
        with torch.no_grad():
            found = network.float()(features).numpy()
        found.tofile(f"{file}.outputs")
        layers = models.to_layers(read)
        for i, (w, b) in enumerate(layers):
            y = (features.numpy() if i == 0 else y) @ w.astype(np.float32) + b.astype(np.float32)
            y = 1 / (1 + np.exp(-y)) if i + 1 < len(layers) else y
        report(f"torch_{name}: read by NumPy", difference(y, found), 1e-5)
    float_layers = [(w.astype(np.float32), b.astype(np.float32)) for w, b in layers]
    models.write(folder / "numpy.safetensors", models.from_layers(float_layers), {"input_scale": "0.00392"})
    np.savez(folder / "numpy.npz", **models.from_layers(float_layers))  # transposed: in columns
    for ending in ("safetensors", "npz"):
        found.tofile(folder / f"numpy.{ending}.outputs")


def main(folder):
    x = np.fromfile(folder / "pixels", np.uint8).reshape(-1, 784)[:ROWS]
    missing = np.fromfile(folder / "missing", np.float32).reshape(-1, 784)
    assert np.isnan(missing).any()
    missing_checked = 0
    names = sorted(file.stem for file in folder.glob("*.onnx"))
    assert len(names) == 13, names
    for name in names:
        width = onnx.load(folder / f"{name}.onnx").graph.output[0].type.tensor_type.shape.dim[1].dim_value
        outputs = np.fromfile(folder / f"{name}.outputs", np.float32).reshape(-1, width)[:ROWS]
        check_torch(folder, name, name, x, outputs)
        check_numpy(folder, name)
        check_onnx(folder, name, name, x, outputs)
        if (folder / f"{name}.missing.outputs").exists():
            outputs = np.fromfile(folder / f"{name}.missing.outputs", np.float32).reshape(-1, width)
            check_torch(folder, name, f"{name}, missing values", missing, outputs)
            check_onnx(folder, name, f"{name}, missing values", missing, outputs)
            missing_checked += 1
    assert missing_checked == 2, missing_checked
    write_files(folder, x)
    if failures:
        sys.exit(f"FAILED: {failures}")


main(pathlib.Path(sys.argv[1]))
