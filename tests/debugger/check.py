"""Runs in gdb: compares what the printers show with what program.cpp has, and looks up the members that the natvis file
names.  gdb -batch -x check.py program"""

import pathlib
import re
import sys
import traceback
import xml.etree.ElementTree

import gdb


def check(ok, message):
    if not ok:
        raise AssertionError(message)


def check_printer(expression, *expected):
    shown = gdb.execute(f"print {expression}", to_string=True)
    for text in expected:
        check(text in shown, f"print {expression} doesn't say '{text}', but:\n{shown}")


def members(type_):
    """Returns the names of a type's members, also of its bases."""
    names = set()
    for field in type_.strip_typedefs().fields():
        names |= members(field.type) if field.is_base_class else {field.name}
    return names


def check_natvis(file):
    variables = {"typenet::Buffer": "buffer", "typenet::Rows": "rows", "xsimd::batch": "pack", "typenet::Mlp": "net"}
    space = "{http://schemas.microsoft.com/vstudio/debugger/natvis/2010}"
    for type_ in xml.etree.ElementTree.parse(file).getroot().findall(space + "Type"):
        names = [type_.get("Name")] + [other.get("Name") for other in type_.iter(space + "AlternativeType")]
        plain = {re.sub(r"^typenet::isa_\w+::", "typenet::", name.split("<")[0]) for name in names}
        check(len(plain) == 1 and len(set(names)) == len(names), f"{file}: {names} are not one type in several namespaces")
        name = plain.pop()
        known = members(gdb.parse_and_eval(variables.pop(name)).type)
        for node in type_.iter():
            text = node.text or ""
            expressions = re.findall(r"\{(.*?)\}", text) if node.tag == space + "DisplayString" else [text]
            for expression in expressions + [node.get("Condition", "")]:
                for dot, member in re.findall(r"(\.|(?<![\w$]))\b([a-z]\w*)", expression):
                    of_buffer = dot and member in members(gdb.parse_and_eval("buffer").type)
                    check(of_buffer or member in known | {"sizeof"}, f"{file}: {name} has no member {member}")
    check(not variables, f"{file} lacks {variables}")


def main():
    folder = pathlib.Path(__file__).resolve().parents[2] / ".debugger"
    gdb.execute("set width 0")
    gdb.execute("set print pretty off")
    gdb.execute(f"source {folder}/typenet_gdb.py")
    gdb.execute("break look")
    try:
        gdb.execute("run")
    except gdb.error as error:
        if "ptrace" in str(error):
            print("skipped: gdb may not run programs here:", error)
            return
        raise
    gdb.execute("up")
    check_printer("net", "typenet::Mlp, 21 parameters = {", "[0] Standardize = {{0, 1}, {2, 3}}",
                  "[1] Dense weights = {{4, 5, 6}, {7, 8, 9}}", "[1] Dense biases = {10, 11, 12}",
                  "[3] Dense weights = {{13, 14}, {15, 16}, {17, 18}}", "[3] Dense biases = {19, 20}",
                  "rate_factor = 1")
    check_printer("moved_from", "typenet::Mlp, moved from = {training =")
    check_printer("buffer", "typenet::Buffer of 3 double = {0, 2.5, 0}")
    check_printer("rows", "typenet::Rows, 2 of 3 const float = {{0, 1, 2}, {3, 4, 5}}")
    check_printer("answer", "typenet::Vector of 3 double = {0.5, 1.5, 2.5}")
    if gdb.parse_and_eval("pack").type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:  # without xsimd, it is a number
        lanes = gdb.parse_and_eval("sizeof(pack) / sizeof(float)")
        check_printer("pack", f"typenet::simd::Pack of {lanes} float = {{1.5")
        check_printer("wide_pack", f"typenet::simd::Pack of {lanes / 2} double = {{2.5")
        check_natvis(f"{folder}/typenet.natvis")
    print("gdb shows what the program holds")


try:
    main()
    status = 0
except BaseException:
    traceback.print_exc(file=sys.stdout)
    status = 1
sys.stdout.flush()
gdb.execute("set confirm off")
gdb.execute(f"quit {status}")
