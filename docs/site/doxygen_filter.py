"""A filter for Doxygen: writes one line of documentation before each member that a type has because a contract asks for
it (core/concepts.hpp, train/callback.hpp, train/schedules.hpp) and that its header leaves without a comment, since the
contract says what it does. Formulas and lists in comments keep their lines. Line numbers in Doxygen's warnings are those
of the result.

doxygen_filter.py HEADER prints the header."""

import re
import sys

FUNCTIONS = {
    "validate": "Throws OptionError, with a sentence that names the option, if an option is out of its range.",
    "describe": "Returns the type's name and options as text, as messages, checkpoints and model files show it.",
    "options": "Lists the options with their names and limits, for validate() and describe().",
    "forward": "Computes outputs from inputs; see the contract of layers and activations in core/concepts.hpp.",
    "forward_in_training": "Computes outputs from inputs in training, where it differs from prediction.",
    "backward": "Computes d_z, the gradient with respect to the inputs, from outputs y and their gradient d_y.",
    "backward_input": "Computes the gradient with respect to the layer's inputs.",
    "backward_output": "Computes the gradient with respect to the values before the activation.",
    "backward_parameters": "Computes the gradient with respect to the layer's parameters.",
    "derivative": "Returns the derivative at a value: of the input z or of the output y, as `derivative_of` says.",
    "outputs": "Returns how many outputs the layer has for a number of inputs.",
    "initialize": "Draws the layer's initial parameters.",
    "prepare": "Prepares parameters for the kernels, once a step.",
    "tensors": "Lists the layer's parameters by name and shape, as model files store them.",
    "draw": "Draws one initial weight for a layer of so many inputs and outputs.",
    "update": "Changes parameters w by their gradient d_w, at a learning rate.",
    "begin_step": "Changes the numbers that belong to a step as a whole, such as the count of steps.",
    "state_vectors": "Returns how many numbers the optimizer keeps for each parameter.",
    "accepts": "Returns whether a target's values are possible for this loss.",
    "check": "Checks, at compile time or before the first step, that it fits what it is used with.",
    "origin": "Draws the change of one image, as the matrix that leads from its pixels to the original's.",
    "displace": "Draws the displacement of each pixel of one image.",
    "on_train_begin": "Called before the first step of a training.",
    "on_batch_end": "Called after each step of a training.",
    "on_epoch_end": "Called after each epoch of a training.",
    "on_train_end": "Called after the last step of a training.",
    "save_state": "Writes what a resumed training needs.",
    "restore_state": "Reads what `save_state` wrote.",
    "size": "Returns how many there are.",
    "operator[]": "Returns the element at an index, which must be below size().",
    "operator()": "Calls it; see the contract of its kind: loss, schedule, augmentation or callback.",
    "operator bool": "Returns whether there is one.",
    "operator==": "Returns whether all values are equal.",
}

VALUES = {
    "name": "The name in messages and files.",
    "operation": "What it computes, as exports know it.",
    "operations": "What it computes, as exports know it.",
    "derivative_of": "Whether `derivative` takes the input z or the output y.",
    "state_numbers": "How many numbers belong to a step as a whole.",
    "parameter_columns": "How many columns the parameters have; 0 where they aren't a matrix.",
    "parameter_rows": "How many rows of weights there are, before the biases.",
    "parameter_chunk": "How many parameters a thread adds at a time.",
    "target_rule": "Which targets the loss takes, for messages.",
    "takes_missing": "Whether inputs may be NaN, a missing value.",
    "last_only": "Whether the layer must be a network's last.",
    "takes": "Which C++ types a value of this column may have.",
    "rule": "What the column's values are, for messages.",
    "inputs": "How many inputs there are.",
    "outputs": "How many outputs there are.",
    "layer_count": "How many layers there are.",
    "parameter_count": "How many parameters there are.",
}

TYPES = {
    "Bind": "The layer for a number of inputs.",
    "Initializer": "The initializer of a layer with this activation, if it names none.",
    "FusedActivation": "The activation whose derivative is part of the loss's.",
    "Scalar": "The type of the numbers.",
    "T": "The type of the numbers.",
    "Layer": "The type of the layer at an index.",
    "Value": "The type of one value.",
}

FUNCTION = re.compile(r"\b(operator(?:\[\]|\(\)| bool|==)|\w+)\s*\(")
VALUE = re.compile(r"^\s+static constexpr [^()=]*?\b(\w+)(?: =.*|\{.*|;.*)$")
TYPE = re.compile(r"^\s+using (\w+) =")


def documentation(line):
    """Returns the sentence for the member that a line declares, or None."""
    if not re.match(r"^ {4}(?: {4})?\S", line) or re.match(r"^\s*(return|if|for|static_assert|throw|else|case)\b", line):
        return None
    if found := TYPE.match(line):
        return TYPES.get(found[1])
    if found := VALUE.match(line):
        return VALUES.get(found[1])
    # A declaration has a type, or a specifier, in front of the name.
    found = FUNCTION.search(line)
    if found and line[: found.start()].strip() and not re.search(r"[=.(]|->", line[: found.start()]):
        return FUNCTIONS.get(found[1])
    return None


def with_fences(lines):
    """Puts fences around what stands further right in a comment: formulas and lists of members."""
    result = []
    fence = None
    fenced = False
    for line in [*lines, ""]:
        text = line.strip()
        fenced ^= text.startswith("/// ```")
        if fence is None and not fenced and re.match(r"///  +\S", text) and not re.match(r"\s*/// +(-|\d+\.) ", result[-1]):
            fence = line[: line.index("///")]
            result.append(f"{fence}///\n{fence}/// ```text\n")
        elif fence is not None and not re.match(r"///  +\S", text):
            result.append(f"{fence}/// ```\n")
            fence = None
        result.append(line)
    return result


def with_contracts(lines):
    result = []
    documented = False
    first = None  # where the declaration began: at its template line
    for line in lines:
        text = line.strip()
        if text.startswith("///"):
            documented = True
        elif re.match(r"template\b.*>$|requires\b.*[^;{}]$|\[\[[^\]]*\]\]$", text):
            first = len(result) if first is None else first
        else:
            sentence = None if documented or "///<" in line else documentation(line)
            if sentence:
                result.insert(len(result) if first is None else first, f"/// {sentence}\n")
            documented = False
            first = None
        result.append(line)
    return result


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as header:
        sys.stdout.writelines(with_contracts(with_fences(header.readlines())))
