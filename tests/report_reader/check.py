"""Reads the reports that write.cpp wrote with Python's own parsers, and computes their numbers again from the CSV files
beside them: check.py FOLDER"""

import base64
import csv
import html.parser
import math
import pathlib
import re
import struct
import sys
import xml.etree.ElementTree as ElementTree
import zlib

folder = pathlib.Path(sys.argv[1])
VOID = {"meta", "img", "br"}


def fail(message):
    sys.exit(f"{name}: {message}")


def expect(condition, message):
    if not condition:
        fail(message)


class Balance(html.parser.HTMLParser):
    """Fails where an element isn't closed, for parsers of HTML, which take "<a/>" for "<a>"."""

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attributes):
        expect(len(attributes) == len(dict(attributes)), f"<{tag}> has an attribute twice")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        expect(tag in VOID or "svg" in self.open, f"<{tag}/> isn't closed in HTML")

    def handle_endtag(self, tag):
        expect(self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}")
        self.open.pop()


def text_of(element):
    return "".join(element.itertext())


def check_png(image):
    """Decodes a PNG from an <img> and returns its rows of pixels."""
    address = image.get("src")
    expect(address.startswith("data:image/png;base64,"), "a picture is not in the page")
    data = base64.b64decode(address.split(",", 1)[1], validate=True)
    expect(data[:8] == b"\x89PNG\r\n\x1a\n", "a picture is no PNG")
    chunks = []
    at = 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind_and_data = data[at + 4 : at + 8 + size]
        (checksum,) = struct.unpack(">I", data[at + 8 + size : at + 12 + size])
        expect(zlib.crc32(kind_and_data) == checksum, "a PNG has a wrong checksum")
        chunks.append((kind_and_data[:4], kind_and_data[4:]))
        at += 12 + size
    kinds = [kind for kind, _ in chunks]
    width, height, depth, color, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
    expect(kinds[0] == b"IHDR" and kinds[-1] == b"IEND", f"a PNG has the chunks {kinds}")
    expect(depth == 8 and color in (0, 3) and rest == [0, 0, 0], "a PNG has another header")
    if color == 3:
        expect(len(dict(chunks)[b"PLTE"]) == 768 and len(dict(chunks)[b"tRNS"]) == 256, "a PNG has no palette")
    expect((image.get("width"), image.get("height")) == (str(width), str(height)), "a picture has another size")
    lines = zlib.decompress(dict(chunks)[b"IDAT"])  # with its checksum
    expect(len(lines) == height * (width + 1), "a PNG has too few pixels")
    rows = [lines[y * (width + 1) : (y + 1) * (width + 1)] for y in range(height)]
    expect(all(row[0] == 0 for row in rows), "a PNG has filters")
    return [row[1:] for row in rows]


def check_svg(svg):
    expect(svg.get("role") == "img" and svg.get("aria-label"), "a chart has no text")
    expect(svg[0].tag == "title" and text_of(svg[0]) == svg.get("aria-label"), "a chart has no title")
    _, _, width, height = map(float, svg.get("viewBox").split())
    number = r"-?\d+(?:\.\d+)?"
    for path in svg.iter("path"):
        data = path.get("d")
        expect(re.fullmatch(rf"([MLHhvz]({number}(?: {number})?)?)*", data), f"a path can't be read: {data[:100]}")
        for x, y in re.findall(rf"[ML]({number}) ({number})", data):
            expect(-0.5 <= float(x) <= width + 0.5 and -0.5 <= float(y) <= height + 0.5, f"a point is outside: {x} {y}")
    for label in svg.iter("text"):
        expect(0 <= float(label.get("x")) <= width and 0 <= float(label.get("y")) <= height, "a label is outside")
        expect("nan" not in text_of(label).lower() and "inf" not in text_of(label).lower(), "a tick is no number")
    ticks = [(text.get("y"), text_of(text)) for text in svg.iter("text") if text.get("class") == "y"]
    expect(len({text for _, text in ticks}) == len(ticks), f"two ticks have the same text: {ticks}")


def tables_of(tree):
    """Returns the rows of each table, the headings first, by its caption."""
    tables = {}
    for box in tree.iter("div"):
        if box.get("class") != "scroll":
            continue
        table = box[0]
        expect(table.tag == "table" and table[0].tag == "caption", "a table has no caption")
        caption = text_of(table[0])
        expect(box.get("role") == "region" and box.get("aria-label") == caption and box.get("tabindex") == "0",
               f"the box of the table {caption} can't be reached")
        for cell in table.iter("th"):
            expect(cell.get("scope") in ("col", "row"), f"a heading of the table {caption} has no scope")
        rows = [[text_of(cell) for cell in row] for row in table.iter("tr")]
        expect(len({len(row) for row in rows}) == 1, f"the rows of the table {caption} have different lengths")
        expect(caption not in tables, f"the table {caption} comes twice")
        tables[caption] = rows
    return tables


def read(report):
    """Checks what holds for every report, and returns its tree and its tables."""
    global name
    name = report
    data = (folder / f"{report}.html").read_bytes()
    expect(len(data) < 1_000_000, f"has {len(data)} bytes")
    page = data.decode("utf-8")
    expect(not re.search("[\0-\x08\x0b-\x1f\x7f]", page), "has control characters")
    balance = Balance()
    balance.feed(page)
    expect(not balance.open, f"doesn't close {balance.open}")
    expect(page.startswith("<!DOCTYPE html>\n"), "is no HTML 5")
    tree = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))
    expect(tree.get("lang") == "en", "has no language")
    expect(text_of(tree.find("head/title")) == text_of(tree.find("body/main/h1")), "has another title")
    expect(tree.find("head/meta[@charset='utf-8']") is not None, "doesn't name its encoding")
    style = text_of(tree.find("head/style"))
    for wanted in ("prefers-color-scheme:dark", "@media print", "overflow-x:auto"):
        expect(wanted in style, f"has no {wanted}")
    expect("url(" not in style and "@import" not in style, "loads styles")
    level = 0
    for element in tree.iter():
        expect(element.tag not in ("script", "link", "iframe", "object", "b", "i") or element.get("class") in ("a", "b"),
               f"has a <{element.tag}>")
        expect(not any(key.startswith("on") or key in ("href", "id") for key in element.keys()), "has active attributes")
        if re.fullmatch("h[1-6]", element.tag):
            expect(int(element.tag[1]) <= level + 1, f"skips a heading before {text_of(element)}")
            level = int(element.tag[1])
        if element.tag == "svg":
            check_svg(element)
        if element.tag == "img":
            expect(element.get("alt"), "has a picture without a text")
            check_png(element)
    expect(len(list(tree.iter("h1"))) == 1, "has not one main heading")
    return tree, tables_of(tree)


def rows_of(report, targets):
    """Returns the targets and the outputs of each row."""
    with open(folder / f"{report}.csv", newline="") as file:
        rows = [[float(field) for field in row] for row in csv.reader(file)]
    return [(row[:targets], row[targets:]) for row in rows]


def headings(tree):
    return [text_of(heading) for heading in tree.iter("h2")]


def tile(tree, wanted):
    for box in tree.find("body/main/dl"):
        if text_of(box[0]) == wanted:
            return text_of(box[1])
    fail(f"doesn't tell the {wanted}")


def percent(share):
    return f"{100 * share:.2f} %"


def significant(value, digits=4):
    return float(f"{value:.{digits}g}")


def check_classes(report, classes, weight=lambda row: 1, predicted_class=lambda outputs: outputs.index(max(outputs))):
    """Checks accuracy, confusion matrix and scores of a report on labels; returns its tree, tables and rows."""
    tree, tables = read(report)
    rows = rows_of(report, 1)
    counts = [[0] * classes for _ in range(classes)]
    for i, ((label,), outputs) in enumerate(rows):
        counts[int(label)][predicted_class(outputs)] += weight(i)
    total = sum(map(sum, counts))
    expect(tile(tree, "accuracy") == percent(sum(counts[c][c] for c in range(classes)) / total), "has another accuracy")
    shown = tables["Rows by true class (down) and predicted class (across)"]
    for c in range(classes):
        expect([int(cell.replace(",", "")) for cell in shown[c + 1][1:]] == counts[c], f"has other counts: {shown[c + 1]}")
        expect(shown[0][c + 1] == shown[c + 1][0], "has other names in rows and columns")
    scores = tables["Precision, recall and F1 of each class"]
    f1s = []
    for c in range(classes):
        taken = sum(counts[t][c] for t in range(classes))
        there = sum(counts[c])
        precision = counts[c][c] / taken if taken else 0
        recall = counts[c][c] / there if there else 0
        f1s.append(2 * precision * recall / (precision + recall) if precision + recall else 0)
        wanted = [percent(precision), percent(recall), percent(f1s[-1]), str(there)]
        expect(scores[c + 1][1:] == wanted, f"has other scores: {scores[c + 1]}, not {wanted}")
        expect(scores[c + 1][0] == shown[0][c + 1], "has other names of classes")
    expect(tile(tree, "mean F1") == percent(sum(f1s) / classes), "has another mean F1")
    return tree, tables, rows


# What is hostile, and images.
tree, tables, rows = check_classes("images", 4)
expect(text_of(tree.find("head/title")) == '<b>Images</b> & "more"', "has another title")
expect(tables["Rows by true class (down) and predicted class (across)"][0][1:]
       == ["<script>alert(1)</script>", "&amp; \"quoted\" 'twice'", "tab bell\ufffd", "not UTF-8: \ufffd( \ufffd"],
       "has other names of classes")
settings = {row[0]: row[1] for row in tables["Options and versions"]}
expect(settings["seed <1>"] == "3 & more" and settings["network"].startswith("Input<30>, Dense<8, ReLU>"),
       f"has other settings: {settings}")
expect("typenet" in settings and "compiler" in settings, "has no versions")
expect(text_of(tree.find(".//code")) == "mnist train --report '<x>' && echo \"done\"", "has another command")
expect(headings(tree)[-5:] == ["Training", "Classes, by 300 validation rows", "Most confident mistakes", "Network",
                               "How it was made"], f"has the parts {headings(tree)}")
mistakes = sorted(((-max(outputs), i) for i, ((label,), outputs) in enumerate(rows)
                   if outputs.index(max(outputs)) != label))[:24]
shown = [(text_of(item.find(".//span")), item.find(".//img").get("alt"), text_of(item)) for item in tree.iter("li")
         if item.find(".//img") is not None]
expect([int(row.removeprefix("row ")) for row, _, _ in shown] == [i for _, i in mistakes], "has other mistakes")
for (size, i), (row, alt, text) in zip(mistakes, shown):
    expect(alt.startswith(f"{row}, an image: true ") and percent(-size) in text, f"describes a mistake as {alt}, {text}")
weights = [image for image in tree.iter("img") if image.get("class") == "weights"]
expect(len(weights) == 1 and "first 8 of 8 units of layer 0" in weights[0].get("alt"), "has no weights as images")
expect((weights[0].get("width"), weights[0].get("height")) == (str(8 * 7 - 2), "6"), "has other weights as images")
epochs = tables["Every epoch in numbers"]
expect(len(epochs) == 21 and epochs[0][:3] == ["epoch", "training loss", "training accuracy"], "has other epochs")
for i, row in enumerate(epochs[1:], 1):
    expect(int(row[0]) == i and float(row[1]) == significant(2 / i) and row[2] == percent(1 - 0.5 / i)
           and float(row[3]) == significant(2 / i + 0.1) and row[4] == percent(0.9 - 0.5 / i)
           and float(row[5]) == significant(0.02 / i) and row[6] == "125 ms", f"has another epoch: {row}")
expect(tile(tree, "training time") == "2.5 s" and tile(tree, "time an epoch") == "125 ms", "has another time")
expect(tile(tree, "parameters") == str(30 * 8 + 8 + 8 * 4 + 4), "has other parameters")

# The names of inputs, many epochs.
tree, tables, rows = check_classes("names", 4)
expect(tables["The mistakes, with their rows"][0][4:] == [f"<{i}>" for i in range(30)], "has other inputs")
epochs = tables["Every epoch in numbers"]
expect(len(epochs) < 510 and epochs[-1][0] == "3,000" and epochs[1][0] == "1", "has too many epochs")

# Weights of rows.
check_classes("weighted", 4, weight=lambda row: row % 3)

# Histories that are short, or end in NaN.
tree, tables, rows = check_classes("one_epoch", 4)
expect(len(tables["Every epoch in numbers"]) == 2, "has other epochs")
tree, tables, rows = check_classes("diverged_history", 4)
expect("The training loss is not finite in epoch 4" in text_of(tree), "doesn't tell that the training diverged")
expect([row[1] for row in tables["Every epoch in numbers"]][4:] == ["∞", "NaN", "NaN"], "has other losses")
tree, tables = read("nan_outputs")
expect(tile(tree, "accuracy") == "0.00 %" and "300 rows got outputs that are NaN" in text_of(tree), "hides NaN")
expect("1 parameter of layer 1" not in text_of(tree), "counts a bias among the weights")
tree, tables = read("one_row")
expect("Training" not in headings(tree), "has a part on a training that is unknown")
tree, tables, rows = check_classes("one_class", 4)
expect("There are no rows of these classes: 1, 2, 3." in text_of(tree), "doesn't tell that classes are missing")
tree, tables, rows = check_classes("no_mistakes", 4)
expect("Most confident mistakes" not in headings(tree), "has an empty part")

# Two classes, columns with names.
yes = lambda outputs: int(outputs[0] >= 0.5)
tree, tables, rows = check_classes("two_classes", 2, predicted_class=yes)
pairs = [(a[0], b[0]) for (label, a) in rows for (other, b) in rows if label == [1] and other == [0]]
area = sum(1 if a > b else 0.5 if a == b else 0 for a, b in pairs) / len(pairs)
expect(tile(tree, "area under ROC") == f"{area:.4f}", f"has another area under the ROC curve, not {area}")
expect(f"ROC curve, area {area:.4f}" in text_of(tree), "has no ROC curve")
shown = tables["The mistakes, with their rows"]
expect(shown[0] == ["row", "true", "predicted", "output", "temperature <C>", "vibration & noise", "maker"],
       f"has other columns: {shown[0]}")
for row in shown[1:]:
    label, outputs = rows[int(row[0])]
    certainty = max(outputs[0], 1 - outputs[0])
    expect(row[1:4] == [["holds", "fails"][int(label[0])], ["holds", "fails"][yes(outputs)], percent(certainty)]
           and (row[5] == "missing") == (int(row[0]) % 5 == 0)
           and row[6] == ("A" if int(row[0]) % 3 == 0 else "other"), f"has another mistake: {row}")
tree, tables, rows = check_classes("two_classes_one_there", 2, predicted_class=yes)
expect("ROC curve" not in text_of(tree), "has a ROC curve of one class")


# Numbers.
def check_numbers(report):
    tree, tables = read(report)
    rows = rows_of(report, 2)
    table = tables["How far predictions are from the true values"]
    explained = []
    squares = []
    for k in range(2):
        errors = [outputs[k] - targets[k] for targets, outputs in rows]
        mean = math.fsum(targets[k] for targets, _ in rows) / len(rows)
        variation = math.fsum((targets[k] - mean) ** 2 for targets, _ in rows)
        square = math.fsum(e * e for e in errors)
        explained.append(1 - square / variation if variation > 0 else 0)
        squares.append(square / len(rows))
        wanted = [round(explained[k], 4), significant(math.sqrt(square / len(rows))),
                  significant(math.fsum(map(abs, errors)) / len(rows)), significant(mean)]
        expect([float(cell) for cell in table[k + 1][1:]] == wanted, f"has {table[k + 1]}, not {wanted}")
    expect(float(tile(tree, "R²")) == round(sum(explained) / 2, 4), "has another R²")
    expect(float(tile(tree, "root mean square error")) == significant(math.sqrt(sum(squares) / 2)), "has another error")
    return tree, tables, rows, [math.sqrt(square) for square in squares]


tree, tables, rows, deviations = check_numbers("numbers")
expect([text_of(h) for h in tree.iter("h3")] == ["height <m>", "weight & age"], "has other outputs")
errors = sorted((-abs(outputs[k] - targets[k]) / deviations[k], i, k) for i, (targets, outputs) in enumerate(rows)
                for k in range(2))[:24]
shown = tables["The mistakes, with their rows"][1:]
expect([int(row[0]) for row in shown] == [i for _, i, _ in errors], "has other errors")
for (_, i, k), row in zip(errors, shown):
    expect(float(row[3]) == significant(rows[i][1][k] - rows[i][0][k]), f"has another error: {row}")
points = [path.get("d").count("M") for path in tree.iter("path") if path.get("class") == "points"]
expect(points == [50, 50, 50, 50], f"has other points: {points}")
expect("Accuracy" not in "".join(text_of(f) for f in tree.iter("figcaption")), "has an accuracy of numbers")
check_numbers("constant_targets")

# Yes-no questions.
tree, tables = read("questions")
rows = rows_of("questions", 3)
table = tables["How well each output says yes or no"]
for k in range(3):
    hits = sum(targets[k] == 1 and outputs[k] >= 0.5 for targets, outputs in rows)
    said = sum(outputs[k] >= 0.5 for _, outputs in rows)
    there = sum(targets[k] == 1 for targets, _ in rows)
    precision, recall = hits / said if said else 0, hits / there
    f1 = 2 * precision * recall / (precision + recall) if hits else 0
    pairs = [(a[k], b[k]) for (t, a) in rows for (u, b) in rows if t[k] == 1 and u[k] == 0]
    area = sum(1 if a > b else 0.5 if a == b else 0 for a, b in pairs) / len(pairs)
    wanted = [f"output {k}", percent(precision), percent(recall), percent(f1), f"{area:.4f}", str(there)]
    expect(table[k + 1] == wanted, f"has {table[k + 1]}, not {wanted}")

print(f"{len(list(folder.glob('*.html')))} reports are well-formed, and their numbers are right")
