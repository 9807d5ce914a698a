"""Reads a C++ header by plain patterns: its functions, and the statements in them. It relies on clang-format's spaces:
` < ` compares, `<` opens template arguments."""

import dataclasses
import re


def blank(text, strings):
    """Returns the text with comments and preprocessor lines, and strings' contents if asked, replaced by spaces."""
    pattern = (r'//[^\n]*|/\*.*?\*/|^[ \t]*#(?:[^\n\\]|\\.)*(?:\\\n[^\n]*)*|R"(\w*)\(.*?\)\1"'
               r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-zA-Z])'(?:\\.|[^'\\\n])+'")

    def replace(match):
        found = match.group()
        if found[0] in "\"'R" and not strings:
            return found
        if found[0] in "\"'":
            return found[0] + "_" * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    return re.sub(pattern, replace, text, flags=re.S | re.M)


PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">"}


def is_open(code, i):
    if code[i] != "<":
        return code[i] in "([{"
    before = code[max(0, i - 10):i]
    return before.endswith(("template ", "operator()", "]")) or (
        (before[-1:].isalnum() or before[-1:] == "_") and not before.endswith("operator"))


def is_close(code, i):
    if code[i] != ">":
        return code[i] in ")]}"
    return not (code[i - 1].isspace() or code[i - 1] in "-=<" or code[i - 2:i] == " >" or code[i - 8:i] == "operator")


def past_close(code, i):
    """Returns the index behind the bracket that closes the one at i."""
    depth = 0
    while i < len(code):
        if is_open(code, i):
            depth += 1
        elif is_close(code, i):
            depth -= 1
            if depth == 0:
                return i + 1
        i += 1
    raise ValueError("a bracket is not closed")


@dataclasses.dataclass
class Region:
    """A statement, or a part of one in which expressions are looked for."""
    begin: int
    end: int
    kind: str        # statement, condition, loop (a for's condition), step
    guard: bool = False   # a condition whose branch leaves the function or loop
    branch: bool = False  # a statement that is the whole branch of an if


class Reader:
    """Reads one header: its functions, and their statements."""

    def __init__(self, text):
        self.code = blank(text, strings=True)
        self.functions = []  # (name, constexpr, regions)
        self.regions = []
        self.bodies = []     # of lambdas: (begin, end)
        self.scope(0)

    def skip(self, i):
        while i < len(self.code) and self.code[i].isspace():
            i += 1
        return i

    def scope(self, i):
        """Reads declarations up to the end of a namespace, class or file."""
        code, start = self.code, i
        while i < len(code):
            c = code[i]
            if c == "}":
                return i + 1
            if c == ";":
                start = i + 1
            elif c in "([":
                i = past_close(code, i)
                continue
            elif c == "{":
                head = code[start:i].strip()
                plain = re.sub(r"^template\s*<.*?>\s*(?=struct|class|union|enum|inline|static|using|constexpr|\[)", "", head, flags=re.S)
                if re.match(r"(inline )?namespace\b|extern\b", plain):
                    i = self.scope(i + 1)
                    start = i
                    continue
                if re.search(r"^(?:.*[>\s])?(class|struct|union)\s[^()]*$", plain, re.S) and "=" not in plain.split("{")[0].split(":")[0]:
                    i = self.scope(i + 1)
                    start = i
                    continue
                if self.is_body(head) and not re.match(r"(struct|class)\b", plain):
                    i = self.function(head, start, i)
                    start = i
                    continue
                i = past_close(code, i)
                continue
            elif c == ":" and code[start:i].strip() in ("public", "private", "protected"):
                start = i + 1
            i += 1
        return i

    @staticmethod
    def is_body(head):
        if "(" not in head or re.match(r"(concept|using|enum)\b|template.*\bconcept\b", head, re.S):
            return False
        return re.search(r"(\)|\bconst|\bnoexcept|\boverride|\bfinal|\}|[\w>*&])\s*$", head) and not re.search(
            r"(?<![=!<>])=\s*(\[|[\w:<>]*$)", re.sub(r"\(.*?\)", "", head)) and not head.endswith("=")

    def function(self, head, start, i):
        plain = head
        while re.match(r"template\s*<|requires\b|\[\[", plain):
            if plain.startswith("[["):
                plain = plain[plain.index("]]") + 2:].strip()
            elif plain.startswith("requires"):
                plain = re.sub(r"^requires\s*(\([^()]*(\([^()]*\)[^()]*)*\)|[\w:]+(<[^()]*?>)?)\s*", "", plain, count=1) \
                    if re.match(r"requires\s*(\(|[\w:]+)", plain) else plain[8:]
            else:
                plain = plain[past_close(plain, plain.index("<")):].strip()
        match = re.search(r"(operator\s*(?:\(\)|\[\]|[^\s\w(]+|[\w ]+)|~?\w+)\s*\(", plain)
        name = match.group(1) if match else "?"
        self.regions = []
        lists = re.search(r"\)(?:\s*(?:const|noexcept|override))*\s*:\s(?!:)", head)
        if lists:
            self.regions.append(Region(self.code.index(head, start) + lists.end(), i, "step"))
        end = self.block(i + 1)
        if not re.search(r"\bconsteval\b", head):
            self.functions.append((name, bool(re.search(r"\bconstexpr\b", plain)), "noreturn" in head, self.regions))
        return end

    def block(self, i):
        while True:
            i = self.skip(i)
            if self.code[i] == "}":
                return i + 1
            i = self.statement(i)

    def statement(self, i, branch=False):
        code = self.code
        i = self.skip(i)
        if code[i] == "{":
            return self.block(i + 1)
        word = re.compile(r"[A-Za-z_]\w*(?: constexpr)?").match(code, i)
        word = word.group() if word else ""
        if word in ("if", "if constexpr", "while", "for", "switch"):
            opened = code.index("(", i)
            closed = past_close(code, opened)
            body = self.skip(closed)
            if word in ("if", "while"):
                self.lambdas(opened + 1, closed - 1)
                inner = code[body + 1:] if code[body] == "{" else code[body:]
                guard = bool(re.match(r"\s*(throw|return|continue|break|co_return)\b", inner[:200]))
                if not re.search(r";| = ", code[opened:closed]):
                    self.regions.append(Region(opened + 1, closed - 1, "condition", guard and word == "if"))
            elif word == "for":
                parts = self.split(opened + 1, closed - 1, ";")
                if len(parts) == 3:
                    self.regions.append(Region(*parts[0], "step"))
                    self.regions.append(Region(*parts[1], "loop"))
                    self.regions.append(Region(*parts[2], "step"))
                self.lambdas(opened + 1, closed - 1)
            i = self.statement(body, branch=word.startswith("if"))
            after = self.skip(i)
            if word.startswith("if") and re.match(r"else\b", code[after:after + 5]):
                i = self.statement(after + 4, branch=True)
            return i
        if word in ("do", "try", "else"):
            return self.statement(i + len(word))
        if word == "catch":
            return self.statement(past_close(code, code.index("(", i)))
        label = re.compile(r"(case\b[^;{}?]*?[^:]:(?!:)|default:|[a-z_]+:(?!:))").match(code, i)
        if label and word in ("case", "default"):
            return label.end()
        end = i
        while code[end] != ";":
            end = past_close(code, end) if code[end] in "([{" else end + 1
        if not re.match(r"(static )?constexpr\b|static_assert\b|using\b|struct\b|enum\b|typedef\b", code[i:end]):
            self.lambdas(i, end)
            self.regions.append(Region(i, end, "statement", branch=branch))
        return end + 1

    def lambdas(self, i, end):
        """Reads the bodies of the lambdas in an expression."""
        code = self.code
        while i < end:
            if code[i] == "{" and re.search(r"\)\s*(mutable|noexcept|->\s*[\w:<>&* ]+)?\s*$|\]\s*$", code[max(0, i - 120):i]) and \
                    not re.search(r"\brequires(?:\s*\([^()]*\))?\s*$", code[max(0, i - 120):i]):
                begin = i
                i = self.block(i + 1)
                self.bodies.append((begin, i))
            else:
                i += 1

    def split(self, begin, end, separator):
        parts, at, i = [], begin, begin
        while i < end:
            if self.code[i] in "([{":
                i = past_close(self.code, i)
                continue
            if self.code[i] == separator:
                parts.append((at, i))
                at = i + 1
            i += 1
        return parts + [(at, end)]
