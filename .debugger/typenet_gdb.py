"""Shows the library's types in gdb as what they hold.

    (gdb) source typenet_gdb.py
    (gdb) print net
    $1 = typenet::Mlp, 17 parameters = {[0] Dense weights = {{...}, {...}}, [0] Dense biases = {...}, ...}
"""

import gdb
import gdb.printing


def template_arguments(type_):
    """Returns all template arguments of a type, also those of a pack."""
    arguments = []
    try:
        while True:
            arguments.append(type_.template_argument(len(arguments)))
    except (RuntimeError, gdb.error):  # there are no more
        return arguments


def numbers_at(pointer, element, *extents):
    """Returns the array at an address, as a value; the first extent is the outermost."""
    array = element
    for extent in reversed(extents):
        array = array.array(int(extent) - 1)
    return pointer.cast(array.pointer()).dereference()


def buffer_memory(buffer):
    """Returns the address and the count of a Buffer's numbers."""
    element = buffer.type.strip_typedefs().template_argument(0)
    # A std::unique_ptr holds only the pointer here, as its deleter is empty. This spares its names, which differ between
    # standard libraries.
    pointer = buffer["memory_"].address.cast(element.pointer().pointer()).dereference()
    return pointer, int(buffer["size_"])


class Sequence:
    """Numbers, or rows of numbers, one after the other: subclasses set `title`, `pointer`, `count`, `columns`."""

    columns = None

    def __init__(self, value):
        self.element = None
        self.read(value, value.type.strip_typedefs())

    def to_string(self):
        return self.title

    def children(self):
        for i in range(self.count):
            if self.columns is None:
                yield f"[{i}]", (self.pointer + i).dereference()
            else:
                yield f"[{i}]", numbers_at(self.pointer + i * self.columns, self.element, self.columns)

    def display_hint(self):
        return "array"


class BufferPrinter(Sequence):
    def read(self, value, type_):
        self.element = type_.template_argument(0)
        self.pointer, self.count = buffer_memory(value)
        self.title = f"typenet::Buffer of {self.count} {self.element}"


class RowsPrinter(Sequence):
    def read(self, value, type_):
        self.element = type_.template_argument(0)
        self.columns = int(type_.template_argument(1))
        self.pointer, self.count = value["data"], int(value["count"])
        self.title = f"typenet::Rows, {self.count} of {self.columns} {self.element}"


class VectorPrinter(Sequence):
    """What predict returns for a row: an array of xtensor's."""

    def read(self, value, type_):
        self.element = type_.template_argument(0)
        numbers = value["m_storage"]
        self.pointer = numbers.address.cast(self.element.pointer())
        self.count = numbers.type.sizeof // self.element.sizeof
        self.title = f"typenet::Vector of {self.count} {self.element}"


class PackPrinter(Sequence):
    def read(self, value, type_):
        self.element = type_.template_argument(0)
        self.pointer = value.address.cast(self.element.pointer())
        self.count = type_.sizeof // self.element.sizeof
        self.title = f"typenet::simd::Pack of {self.count} {self.element}"


class MlpPrinter:
    """The parameters of each layer by their names, then how training treats the layers."""

    def __init__(self, value):
        self.value = value

    def to_string(self):
        _, count = buffer_memory(self.value["parameters_"])
        return f"typenet::Mlp, {count} parameters" if count > 0 else "typenet::Mlp, moved from"

    def children(self):
        pointer, count = buffer_memory(self.value["parameters_"])
        element = self.value.type.strip_typedefs().template_argument(0)
        predictor = self.value.type.strip_typedefs().fields()[0].type
        parts = []  # (name, extents)
        for i, layer in enumerate(template_arguments(predictor.template_argument(2).strip_typedefs())):
            kind = layer.name.split("<")[0].split("::")[-1].removesuffix("Layer")
            if kind == "Dense":
                inputs, outputs = int(layer.template_argument(1)), int(layer.template_argument(2))
                parts += [(f"[{i}] Dense weights", (inputs, outputs)), (f"[{i}] Dense biases", (outputs,))]
            elif kind in ("LayerNorm", "Standardize", "Unstandardize"):
                parts.append((f"[{i}] {kind}", (2, int(layer.template_argument(1)))))
        total = sum(extents[0] * (extents[1] if len(extents) > 1 else 1) for _, extents in parts)
        if total != count:  # a layer of the user's own, whose parameters have no names here
            parts = [("parameters", (count,))] if count > 0 else []
        for name, extents in parts:
            yield name, numbers_at(pointer, element, *extents)
            pointer += extents[0] * (extents[1] if len(extents) > 1 else 1)
        yield "training", self.value["training_"]


def make_printers():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("typenet")
    printers.add_printer("Buffer", "^typenet::(isa_[a-z0-9]+::)?Buffer<.*>$", BufferPrinter)
    printers.add_printer("Rows", "^typenet::(isa_[a-z0-9]+::)?Rows<.*>$", RowsPrinter)
    printers.add_printer("Vector", "^xt::xfixed_container<[^<>]*, xt::fixed_shape<[0-9]+(ul)?>,.*>$", VectorPrinter)
    printers.add_printer("Pack", "^xsimd::batch<.*>$", PackPrinter)
    printers.add_printer("Mlp", "^typenet::(isa_[a-z0-9]+::)?Mlp<.*>$", MlpPrinter)
    return printers


gdb.printing.register_pretty_printer(gdb.current_objfile(), make_printers(), replace=True)
