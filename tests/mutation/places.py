"""Finds the places of a C++ header at which one fault each can be planted, and writes the header with all of them, each
behind a switch that is read when the program runs. What does not compile is left to the compiler to find."""

import dataclasses
import re

from reader import Reader, blank, is_close, is_open, past_close


@dataclasses.dataclass
class Mutant:
    file: str       # from the repository's root
    function: str
    line: int
    begin: int      # of the replaced text; for a dropped statement of the statement
    end: int
    mutated: str    # the text instead; empty for a dropped statement
    kind: str
    original: str
    number: int = 0
    constant: bool = False  # in a constexpr function

    def change(self):
        return f"{self.original} -> {self.mutated or '(dropped)'}"

    def key(self):
        return f"{self.file}: {self.function}: {self.change()}"


STOPS = re.compile(r" (?:[-+*/%&|^]|<<|>>)?= $")


def segment(code, begin, end, at):
    """Returns the smallest whole expression within begin ... end around `at`: an argument, or a side of = or of ? :."""
    left = at
    while left > begin:
        i = left - 1
        if is_close(code, i):
            depth = 0
            while i >= begin:
                depth += is_close(code, i) - is_open(code, i)
                if depth == 0:
                    break
                i -= 1
            left = i
            continue
        if is_open(code, i) or code[i] in ",;" or STOPS.search(code[max(0, left - 6):left]) or \
                re.search(r" [?:] $", code[left - 3:left]) or re.search(r"\breturn $", code[left - 7:left]):
            break
        left = i
    right = at
    while right < end:
        if is_open(code, right):
            right = past_close(code, right)
            continue
        if is_close(code, right) or code[right] in ",;" or re.match(r"\s[?:]\s", code[right:right + 3]) or \
                re.match(r"\s([-+*/%&|^]|<<|>>)?=\s", code[right:right + 5]):
            break
        right += 1
    while left < right and code[left].isspace():
        left += 1
    while right > left and code[right - 1].isspace():
        right -= 1
    return left, right


SWAPS = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
         "&&": "||", "||": "&&", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "|", "+=": "-=", "-=": "+=", "*=": "/=",
         "|=": "&=", "&=": "|=", "^=": "|="}
OPERATOR = re.compile(r"(?<=[\w)\]}>\"'])\s(\+|-|\*|/|%|<=|>=|<|>|==|!=|&&|\|\||<<|>>|&|\||\^|\+=|-=|\*=|\|=|&=|\^=)\s(?=\S)")
NUMBER = re.compile(r"(?<![\w.'])(\d[\d']*)(\.\d+)?(e-?\d+)?([uUlLfF]*)(?![\w.'])")
WORDS = re.compile(r"(?<![\w.>:])(std::min|std::max|true|false)\b")
WORD_SWAPS = {"std::min": "std::max", "std::max": "std::min", "true": "false", "false": "true"}


def inside_template(code, begin, at):
    depth = 0
    for i in range(at - 1, begin - 1, -1):
        depth += is_close(code, i) - is_open(code, i)
        if depth < 0:
            return code[i] == "<"
    return False


def is_unevaluated(code, begin, at):
    """Whether the place is within decltype(...) and the like."""
    depth = 0
    for i in range(at - 1, begin - 1, -1):
        depth += is_close(code, i) - is_open(code, i)
        if depth < 0:
            if re.search(r"\b(decltype|sizeof|noexcept|alignof|requires)$", code[max(0, i - 8):i]):
                return True
            depth = 0
    return False


def changed_number(match):
    digits, fraction, exponent, suffix = match.groups()
    if fraction or exponent:
        if float(digits.replace("'", "") + (fraction or "")) == 0:
            return "1.0" + suffix
        return f"(2 * {match.group()})"
    value = int(digits.replace("'", "")) + 1
    return f"{value}{suffix}"


def is_call_or_assignment(statement):
    flat = statement
    while True:
        shorter = re.sub(r"<[^<>()]*>|\[[^\[\]]*\]", "", flat)
        if shorter == flat:
            break
        flat = shorter
    head = re.split(r"\(| (?:[-+*/%&|^]|<<|>>)?= ", flat)[0].strip()
    return bool(re.match(r"[\w:.\->*&+()]+( template \w+)?$", head)) and not re.match(
        r"(return|throw|break|continue|delete|case|default|goto|alignas)\b", head) and ("(" in flat or "=" in flat or "++" in flat
                                                                                 or "--" in flat)


def region_mutants(code, region):
    """Yields (begin, end, place of the change, length, new text, kind) for a region."""
    begin, end, text = region.begin, region.end, code[region.begin:region.end]
    if region.kind == "statement":
        if is_call_or_assignment(text):
            yield begin, end, begin, None, "", "drop"
        if text in ("break", "continue") or (region.branch and text.startswith("throw ")):
            yield begin, end, begin, None, "", "drop"
        is_array = re.match(r"[\w:<>, *&()]+ \w+\[.*\]( =)?( ?\{.*\})?$", text, re.S)
        if text.startswith("throw ") or (is_array and not is_call_or_assignment(text)):
            return
    elif region.kind == "condition":
        if region.guard:
            yield begin, end, begin, end - begin, f"false && ({text.strip()})", "guard"
        yield begin, end, begin, end - begin, f"!({text.strip()})", "negate"
    for match in OPERATOR.finditer(code, begin, end):
        sign = match.group(1)
        if region.kind == "loop" and sign in ("<", "<=", ">", ">="):
            continue
        if inside_template(code, begin, match.start(1)):
            continue
        kind = "compare" if sign in ("<", "<=", ">", ">=") else "operator"
        if sign.endswith("=") and sign not in ("<=", ">=", "==", "!="):
            if region.kind == "statement" and not re.search(r"[{;]", text):
                yield begin, end, match.start(1), len(sign), SWAPS[sign], "assign"
            continue
        yield (*segment(code, begin, end, match.start(1)), match.start(1), len(sign), SWAPS[sign], kind)
    if region.kind == "loop":
        match = re.match(r"\s*(\w+) < (.+)$", text, re.S)
        if match:
            yield begin, end, begin, end - begin, f" {match.group(1)} + STEP < {match.group(2)}", "loop"
        return
    for match in NUMBER.finditer(code, begin, end):
        if not inside_template(code, begin, match.start()) and code[match.start() - 1] != "{":
            yield (*segment(code, begin, end, match.start()), match.start(), len(match.group()), changed_number(match), "number")
    for match in WORDS.finditer(code, begin, end):
        if not inside_template(code, begin, match.start()):
            yield (*segment(code, begin, end, match.start()), match.start(), len(match.group()), WORD_SWAPS[match.group()],
                   "word")


ORDER = ("drop", "guard", "operator", "assign", "loop", "negate", "word", "number", "compare")


def find(text, file):
    """Returns the mutants of a header: in each function at most two and one for each six lines, of all kinds in turn."""
    reader = Reader(text)
    code, real = reader.code, blank(text, strings=False)
    result = []
    for name, constant, never_returns, regions in reader.functions:
        if name == "prefetch":
            continue
        kinds = {}
        lines = 0
        steps = {}
        for index, region in enumerate(regions):
            if region.kind == "loop" and index + 1 < len(regions):
                steps[index] = code[regions[index + 1].begin:regions[index + 1].end]
        for index, region in enumerate(regions):
            lines += code.count("\n", region.begin, region.end) + 1
            bodies = [body for body in reader.bodies if region.begin < body[0] and body[1] <= region.end]
            for begin, end, at, length, new, kind in region_mutants(code, region):
                if any(body[0] < at < body[1] for body in bodies) or is_unevaluated(code, region.begin, at):
                    continue
                if kind == "loop":
                    step = re.search(r"\+= ([\w:<> *]+)", steps.get(index, ""))
                    new = new.replace("STEP", step.group(1) if step and "," not in steps[index] else "1")
                # A function that can't return must throw; what reserves or prefetches only makes a program faster.
                if kind == "drop" and (never_returns or re.match(r"[\w:.]*(reserve|prefetch)\w*\(", code[begin:end])):
                    continue
                if kind == "drop":
                    mutated = ""
                    original = real[begin:end]
                else:
                    mutated = real[begin:at] + new + real[at + length:end]
                    original = real[begin:end]
                mutated, original = (re.sub(r"\s+", " ", part).strip() for part in (mutated, original))
                if not original:
                    continue
                kinds.setdefault(kind, []).append(Mutant(
                    file, name, code.count("\n", 0, at) + 1, begin, end, mutated, kind, original, constant=constant))
        limit = 2 + lines // 6
        chosen = []
        while len(chosen) < limit and any(kinds.values()):
            for kind in ORDER:
                if kinds.get(kind) and len(chosen) < limit:
                    chosen.append(kinds[kind].pop(0 if len(chosen) % 2 == 0 else -1))
        result += sorted(chosen, key=lambda m: (m.begin, m.end, m.mutated))
    return result


def write(text, mutants):
    """Returns the header with the mutants behind switches. Lines that belong to a mutant carry /*m its number */."""
    def render(begin, end, inside):
        """Returns text begin ... end, with the mutants of `inside`, which lie within it, planted."""
        out, at = [], begin
        rest = sorted(inside, key=lambda m: (m.begin, -m.end, m.kind != "drop" and m.kind != "assign", m.number))
        while rest:
            first = rest[0]
            same = [m for m in rest if (m.begin, m.end) == (first.begin, first.end)]
            inner = [m for m in rest if m not in same and m.begin >= first.begin and m.end <= first.end]
            others = [m for m in rest if m not in same and m not in inner]
            overlapping = [m for m in others if m.begin < first.end]
            rest = [m for m in others if m not in overlapping]
            out.append(text[at:first.begin])
            whole = [m for m in same if m.kind in ("drop", "assign")]
            parts = [m for m in same if m not in whole]
            body = render_segment(first, parts, inner)
            for m in reversed(whole):
                # Not for declarations; the semicolon behind the statement ends the last branch.
                body = f"if (typenet_mutation::active{'_constant' * m.constant}({m.number})) {{ /*m{m.number}*/\n{m.mutated}; " \
                       f"/*m{m.number}*/\n}} else {body}"
            out.append(body)
            at = first.end
        out.append(text[at:end])
        return "".join(out)

    def render_segment(first, parts, inner):
        body = render(first.begin, first.end, inner)
        if not parts:
            return body
        chain = "".join(f"typenet_mutation::active{'_constant' * m.constant}({m.number}) ? /*m{m.number}*/\n({m.mutated}) : "
                        f"/*m{m.number}*/\n" for m in parts)
        return f"({chain}({body}))"

    return render(0, len(text), mutants)
