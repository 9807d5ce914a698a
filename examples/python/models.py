"""Exchanges networks between PyTorch or NumPy and typenet, as safetensors files. Needs NumPy alone.

    write("net.safetensors", module.state_dict(), {"input_scale": "0.003921569"})    # an nn.Sequential
    write("net.safetensors", from_layers([(weights, biases), ...]))                  # NumPy, weights [inputs, outputs]
    tensors, metadata = read("net.safetensors")                                      # for to_layers, or:
    module.load_state_dict({name: torch.from_numpy(array) for name, array in tensors.items()})
"""
import json
import struct

import numpy as np

DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
CHECKS = ("typenet.version", "checksum", "check_input", "check_output")  # are right only for the unchanged file


def write(path, tensors, metadata=None):
    header, data, end = {"__metadata__": metadata or {}}, [], 0
    if not all(isinstance(text, str) for text in header["__metadata__"].values()):
        raise TypeError("metadata are texts")
    for name, tensor in tensors.items():
        array = np.ascontiguousarray(tensor)
        dtype = next((dtype for dtype, kind in DTYPES.items() if array.dtype == kind), None)
        if dtype is None:
            raise TypeError(f"{name} holds {array.dtype}; a network holds floats of 16, 32 or 64 bits")
        header[name] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [end, end + array.nbytes]}
        data, end = data + [array.tobytes()], end + array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    end = 8 + struct.unpack("<Q", content[:8])[0]
    header, tensors = json.loads(content[8:end]), {}
    metadata = {key: text for key, text in header.pop("__metadata__", {}).items() if key not in CHECKS}
    for name, entry in header.items():
        data = content[end + entry["data_offsets"][0] : end + entry["data_offsets"][1]]
        if entry["dtype"] == "BF16":
            array = (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4")
        else:
            array = np.frombuffer(data, DTYPES[entry["dtype"]]).copy()
        tensors[name] = array.reshape(entry["shape"])
    return tensors, metadata


def from_layers(layers):  # with an activation after each layer but the last
    return {f"{2 * i}.{name}": array for i, (w, b) in enumerate(layers) for name, array in (("weight", w.T), ("bias", b))}


def to_layers(tensors):
    modules = sorted({int(name.split(".")[0]) for name in tensors})
    return [(tensors[f"{module}.weight"].T, tensors[f"{module}.bias"]) for module in modules]
