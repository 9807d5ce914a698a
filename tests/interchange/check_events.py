"""Checks the event files that `interchange_write_events FOLDER` wrote for TensorBoard: check_events.py FOLDER. It reads
them with nothing but Python's standard library, and compares them with the history and the parameters in the same
folder."""
import csv
import math
import pathlib
import struct
import sys

folder = pathlib.Path(sys.argv[1])


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    """Yields the whole records of a file; what follows the last of them is cut off. Fails at a wrong checksum."""
    while len(data) >= 12:
        (length,) = struct.unpack("<Q", data[:8])
        assert struct.unpack("<I", data[8:12])[0] == masked(data[:8]), "the checksum of a length is wrong"
        if len(data) < 16 + length:
            return
        event = data[12:12 + length]
        assert struct.unpack("<I", data[12 + length:16 + length])[0] == masked(event), "an event's checksum is wrong"
        yield event
        data = data[16 + length:]


def varint(data, at):
    number = shift = 0
    while True:
        number |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return number, at


def fields(message):
    """Returns a message as a dictionary: the number of each field, and the list of its values."""
    found, at = {}, 0
    while at < len(message):
        key, at = varint(message, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(message, at)
        elif kind == 2:
            length, at = varint(message, at)
            value, at = message[at:at + length], at + length
            assert len(value) == length
        else:
            form = {1: "<d", 5: "<f"}[kind]
            (value,) = struct.unpack_from(form, message, at)
            at += struct.calcsize(form)
        found.setdefault(key >> 3, []).append(value)
    return found


def read(path):
    """Returns the file's scalars and histograms as {(tag, step): value}, and the steps at which a session starts."""
    events = [fields(event) for event in records(path.read_bytes())]
    assert events[0][3] == [b"brain.Event:2"]
    scalars, histograms, starts = {}, {}, []
    for event in events:
        assert 1.5e9 < event[1][0] < 1e11, "the time is no time"
        (step,) = event.get(2, [0])
        starts += [step for log in event.get(7, []) if fields(log)[1] == [1]]
        for summary in event.get(5, []):
            for value in map(fields, fields(summary)[1]):
                kind, into = (2, scalars) if 2 in value else (5, histograms)
                into[value[1][0].decode(), step] = value[kind][0]
    return scalars, histograms, starts


def as_float(text):
    return struct.unpack("<f", struct.pack("<f", float(text)))[0]


def doubles(data):
    return struct.unpack(f"<{len(data) // 8}d", data)


# Two files: the training was stopped after four epochs and resumed for two.
first, second = sorted((folder / "run").iterdir())
columns = {"loss/train": "loss", "loss/validation": "validation_loss", "accuracy/train": "accuracy",
           "accuracy/validation": "validation_accuracy", "learning_rate": "learning_rate"}
epochs = list(csv.DictReader(open(folder / "history.csv")))
assert len(epochs) == 6
expected = {(tag, int(epoch["epoch"])): as_float(epoch[column]) for epoch in epochs for tag, column in columns.items()}
before, before_histograms, starts = read(first)
assert starts == []
after, after_histograms, starts = read(second)
assert starts == [5], starts
assert {step for _, step in before} == {1, 2, 3, 4} and {step for _, step in after} == {5, 6}
assert before | after == expected

# Every second epoch; those of the last one are of the parameters that the folder has.
histograms = before_histograms | after_histograms
tags = {f"layer_{layer}/{what}" for layer in (0, 2) for what in ("weight", "bias")}
assert set(histograms) == {(tag, step) for tag in tags for step in (2, 4, 6)}, set(histograms)
for tag in tags:
    data = (folder / (tag.replace("/", "_") + ".f32")).read_bytes()
    numbers = struct.unpack(f"<{len(data) // 4}f", data)
    histogram = fields(histograms[tag, 6])
    least, most, count, total, squares = (histogram[number][0] for number in range(1, 6))
    assert (least, most, count) == (min(numbers), max(numbers), len(numbers))
    assert math.isclose(total, math.fsum(numbers), rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(squares, math.fsum(x * x for x in numbers), rel_tol=1e-9)
    limits, heights = doubles(histogram[6][0]), doubles(histogram[7][0])
    assert len(limits) == len(heights) == 30 and list(limits) == sorted(limits) and limits[-1] == most
    assert sum(heights) == len(numbers)
    for i, limit in enumerate(limits[:-1]):  # a number on the border of two buckets may be in either
        assert abs(sum(heights[:i + 1]) - sum(x <= limit for x in numbers)) <= sum(abs(x - limit) < 1e-6 for x in numbers)

# Wherever a file is cut off, as when its program is killed, the records before are whole.
whole = first.read_bytes()
ends, at = [], 0
for event in records(whole):
    at += 16 + len(event)
    ends.append(at)
assert at == len(whole) and len(ends) == 5
for size in list(range(0, ends[1] + 1)) + ends:
    assert len(list(records(whole[:size]))) == sum(end <= size for end in ends)

# A changed byte is noticed.
for place in (3, 9, 20, len(whole) - 2):
    changed = bytearray(whole)
    changed[place] ^= 1
    try:
        list(records(bytes(changed)))
    except AssertionError:
        continue
    sys.exit(f"byte {place} was changed, and nobody noticed")
print(f"{len(expected)} scalars and {len(histograms)} histograms are as they should be")
