#!/usr/bin/env python3
"""Mutation testing: plants faults in the library's headers, one at a time, and looks whether a test notices.

    python3 tests/mutation/mutate.py [--part N/10] [--only PATH] [--list]

places.py finds the places and writes headers with all faults behind switches, so that a test file is compiled once for
all of them. What only makes a program faster (memory that is reserved, prefetching) isn't a place. A test file runs
without a fault first, which also records what it reaches, then once for each fault that it reaches, until one suite
fails. Survivors that change nothing anybody can see stand in survivors.txt with the reason.
The exit status is not 0 if under 97 % of the others are caught, a survivor isn't in that list, or the list has a place
that is gone.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import platform
import re
import resource
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import places  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEAST_SHARE = 0.97
# One kind of processor, so that the same faults survive on every machine.
PROCESSOR = "x86-64-v3" if platform.machine() == "x86_64" else "native"
FLAGS = (f"-std=c++20 -O1 -march={PROCESSOR} -w -fmax-errors=0 -DTYPENET_USE_XSIMD=1 -DTYPENET_USE_ZLIB=1 "
         "-D_GLIBCXX_ASSERTIONS -fsanitize=bounds -fsanitize-undefined-trap-on-error "
         f"-DMNIST_WEB_FOLDER=\"{ROOT}/examples/web\" -I/usr/include/stb").split()
LIBRARIES = "-lz -lpthread".split()

# The tenths of the rotation: the headers in which faults are planted, and the test files that could notice beside those
# that the headers have at the same path. A header belongs to the first part that names it.
PARTS = [
    (["losses.hpp", "activations.hpp", "initializers.hpp", "data/csv.hpp", "data/csv_options.hpp", "data/detail/csv"],
     ["data/columns"]),
    (["kernels/sparse.hpp", "kernels/gemm.hpp", "kernels/packed.hpp", "kernels/transpose.hpp", "kernels/buffer.hpp"],
     ["layers/dense", "train/trainer"]),
    (["kernels/"], ["kernels/gemm", "layers/dense", "losses", "activations", "optimizers/adam"]),
    (["layers/", "network/"], ["testing/gradient_check", "train/trainer"]),
    (["optimizers/", "train/parameter_update.hpp", "train/layer_training.hpp"], ["train/trainer", "train/column_blocks"]),
    (["train/step.hpp", "train/trainer.hpp", "train/fit.hpp", "train/augmentation.hpp", "train/tally.hpp",
      "train/divergence.hpp", "evaluate/"], ["layers/residual", "train/column_blocks"]),
    (["train/", "callbacks/early_stopping.hpp", "callbacks/warnings.hpp", "callbacks/csv_logger.hpp"],
     ["train/fit", "train/trainer"]),
    (["io/header.hpp", "io/detail/header_", "io/detail/whole_header_", "io/detail/json", "io/detail/model_metadata.hpp",
      "io/detail/operations.hpp", "io/detail/restore_model.hpp"], []),
    (["data/"], ["train/trainer"]),
    (["io/"], ["io/safetensors"]),
]


def mirrored(header):
    """Returns the test file of a header, without its ending, or None."""
    name = header.removeprefix("include/typenet/").removesuffix(".hpp")
    return name if (ROOT / "tests" / f"{name}.cpp").exists() else None


def find_all():
    """Returns the mutants of all headers that a part names: lists of (part, mutants by header)."""
    found = [collections.OrderedDict() for _ in PARTS]
    number = 0
    for path in sorted((ROOT / "include/typenet").rglob("*.hpp")):
        header = str(path.relative_to(ROOT))
        name = header.removeprefix("include/typenet/")
        part = next((i for i, (patterns, _) in enumerate(PARTS)
                     if any(name == p or (not p.endswith(".hpp") and name.startswith(p)) for p in patterns)), None)
        if part is None:
            continue
        mutants = places.find(path.read_text(), header)
        for mutant in mutants:
            number += 1
            mutant.number = number
        if mutants:
            found[part][header] = mutants
    return found


SWITCH = r"""#pragma once
#include <cstdio>
#include <cstdlib>
#include <type_traits>
namespace typenet_mutation {
inline const int current = std::getenv("TYPENET_MUTANT") ? std::atoi(std::getenv("TYPENET_MUTANT")) : 0;
struct Reached {
    bool numbers[COUNT + 1] = {};
    ~Reached() {
        const char* const path = std::getenv("TYPENET_REACHED");
        std::FILE* const file = path ? std::fopen(path, "a") : nullptr;
        if (!file) return;
        for (int i = 0; i <= COUNT; ++i) if (numbers[i]) std::fprintf(file, "%d\n", i);
        std::fclose(file);
    }
};
inline Reached reached;
inline bool active(int number) {
    if (current == 0) reached.numbers[number] = true;
    return current == number;
}
constexpr bool active_constant(int number) { return !std::is_constant_evaluated() && active(number); }
}
"""


class Build:
    """The test programs of one part, compiled with the part's faults."""

    def __init__(self, folder, mutants, count):
        self.folder, self.mutants = folder, mutants
        self.include = folder / "include"
        self.dropped = set()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "include", self.include)
        (folder / "switch.hpp").write_text(SWITCH.replace("COUNT", str(count)))
        (folder / "all.hpp").write_text(
            '#include "switch.hpp"\n#include <typenet/typenet.hpp>\n#include <doctest/doctest.h>\n')
        self.lines = {}

    def plant(self):
        for header, mutants in self.mutants.items():
            kept = [m for m in mutants if m.number not in self.dropped]
            text = places.write((ROOT / header).read_text(), kept)
            path = self.folder / header
            path.write_text(text)
            self.lines[str(path)] = [set(map(int, re.findall(r"/\*m(\d+)\*/", line))) for line in text.split("\n")]

    def drop_other_processors(self):
        """Leaves out what stands behind an #if that isn't met here."""
        every = self.folder / "every.hpp"
        every.write_text('#include "switch.hpp"\n' + "".join(
            f"#include <{header.removeprefix('include/')}>\n" for header in self.mutants))
        done = subprocess.run([*self.compiler(), "-E", "-P", "-x", "c++", every], capture_output=True, text=True)
        found = set(map(int, re.findall(r"typenet_mutation::active(?:_constant)?\((\d+)\)", done.stdout)))
        self.elsewhere = {m.number for mutants in self.mutants.values() for m in mutants} - found if found else set()
        self.dropped |= self.elsewhere

    def compiler(self):
        folders = (self.include, ROOT / "tests", ROOT / "examples", self.folder)
        return ["nice", os.environ.get("CXX", "g++"), *FLAGS, *(f"-I{folder}" for folder in folders)]

    def numbers_at(self, path, line):
        lines = self.lines.get(os.path.normpath(path), [])
        return lines[line - 1] if line <= len(lines) else set()

    def blamed(self, errors):
        """Returns the mutants that the compiler's messages speak of."""
        numbers, context = set(), []
        near = set()  # for errors that no mutant's line explains: the mutants around them
        for message in errors.split("\n"):
            match = re.match(r"(\S+?\.hpp):(\d+):(?:\d+:)?\s+(.*)", message)
            at = self.numbers_at(match.group(1), int(match.group(2))) if match else set()
            if match and re.match(r"(fatal )?error:", match.group(3)):
                explained = at or next((c for c in context if c), set())
                numbers |= explained
                for line in range(max(1, int(match.group(2)) - 9), int(match.group(2)) + 3) if not explained else ():
                    near |= self.numbers_at(match.group(1), line)
                context = []
            elif re.search(r": (fatal )?error:", message):
                numbers |= next((c for c in context if c), set())
                context = []
            elif match:
                context.append(at)
        return numbers or near

    def compile(self, name):
        """Compiles all.hpp, or a test file to a program. Returns the errors."""
        base = self.compiler()
        if name == "all.hpp":
            command = [*base, "-x", "c++-header", self.folder / name, "-o", self.folder / "all.hpp.gch"]
            return subprocess.run(command, capture_output=True, text=True).stderr
        target = self.folder / name.replace("/", "_")
        first = [] if name in ("main", "support/allocations") else ["-include", self.folder / "all.hpp"]
        done = subprocess.run([*base, *first, "-c", ROOT / "tests" / f"{name}.cpp", "-o", f"{target}.o"],
                              capture_output=True, text=True)
        if done.returncode == 0 and first:
            objects = (f"{target}.o", self.folder / "main.o", self.folder / "support_allocations.o")
            done = subprocess.run([*self.compiler(), *objects, "-o", target, *LIBRARIES],
                                  capture_output=True, text=True)
        return done.stderr if done.returncode else ""

    def compile_all(self, names, workers):
        """Compiles everything; leaves out the mutants that don't compile, and says how many."""
        self.plant()
        self.drop_other_processors()
        for name in ("main", "support/allocations"):
            if errors := self.compile(name):
                sys.exit(errors)
        waiting = names
        for _ in range(12):
            errors = self.compile("all.hpp")
            failed = {"all.hpp": errors} if errors else {
                name: errors for name, errors in zip(waiting, workers.map(self.compile, waiting)) if errors}
            if not failed:
                return
            # What compiled stays: the mutants that are left out from now on are not run.
            waiting = waiting if errors else list(failed)
            for name, errors in failed.items():
                blamed = self.blamed(errors)
                if not blamed:
                    sys.exit(f"{name} does not compile, and no mutant explains it:\n{errors[:6000]}")
                self.dropped |= blamed
            self.plant()
        sys.exit("mutants that don't compile were left out twelve times, and there are more")


def run(folder, suite, seconds, **environment):
    """Runs a suite; returns whether it was green, and how long it took."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))

    work = folder / "work" / f"{suite.replace('/', '_')}_{environment.get('TYPENET_MUTANT', 0)}"
    work.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    process = subprocess.Popen([folder / suite.replace("/", "_"), f"--test-suite={suite}", "--abort-after=1"],
                               env={**os.environ, "TMPDIR": str(work), **environment},
                               cwd=work, preexec_fn=limit, start_new_session=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        output, _ = process.communicate()
    shutil.rmtree(work, ignore_errors=True)
    return process.returncode == 0, time.monotonic() - begin, output.decode(errors="replace")


def read_accepted():
    """Returns the lines of survivors.txt as {key: reason}."""
    accepted = {}
    for line in (ROOT / "tests/mutation/survivors.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            key, _, reason = line.partition(" | ")
            accepted[key.strip()] = reason.strip()
    return accepted


def test_part(index, mutants, count, workers):
    """Tests one part. Returns {mutant's number: what noticed it; None: nothing; "-": no test reaches it}."""
    names = list(dict.fromkeys([*(n for h in mutants if (n := mirrored(h))), *PARTS[index][1]]))
    folder = pathlib.Path(os.environ.get("TYPENET_MUTATION_FOLDER", ROOT / "build/mutation")) / str(index + 1)
    begin = time.monotonic()
    build = Build(folder, mutants, count)
    build.compile_all(names, workers)
    print(f"   compiled {len(names)} test files in {time.monotonic() - begin:.0f} s; "
          f"{len(build.elsewhere)} mutants are in code for other processors, "
          f"{len(build.dropped - build.elsewhere)} don't compile", flush=True)
    reached, plain = {}, {}
    for name in names:
        record = folder / "reached"
        record.unlink(missing_ok=True)
        green, plain[name], output = run(folder, name, 600, TYPENET_REACHED=str(record))
        if not green:
            sys.exit(f"{name} is not green without a fault:\n{output[-3000:]}")
        reached[name] = set(map(int, record.read_text().split()))
    print("   " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in plain.items()), flush=True)

    def test(mutant):
        own = mirrored(mutant.file)
        order = sorted((n for n in names if mutant.number in reached[n]), key=lambda n: (n != own, plain[n]))
        for name in order:
            seconds = max(10, min(60, 10 * plain[name]), 3 * plain[name])
            green, _, _ = run(folder, name, seconds, TYPENET_MUTANT=str(mutant.number))
            if not green:
                return name
        return None if order else "-"

    every = [m for header in mutants for m in mutants[header] if m.number not in build.dropped]
    begin = time.monotonic()
    noticed = dict(zip((m.number for m in every), workers.map(test, every)))
    print(f"   ran {len(every)} mutants in {time.monotonic() - begin:.0f} s", flush=True)
    return noticed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", help="one tenth of the headers, such as 3/10; a number above 10 counts on from 1 again")
    parser.add_argument("--only", default="", help="only headers whose path begins so, such as include/typenet/kernels")
    parser.add_argument("--list", action="store_true", help="print the mutants and stop")
    options = parser.parse_args()
    parts = find_all()
    count = sum(len(m) for part in parts for m in part.values())
    chosen = range(len(PARTS))
    if options.part:
        chosen = [(int(options.part.split("/")[0]) - 1) % len(PARTS)]
    chosen = [i for i in chosen if any(h.startswith(options.only) for h in parts[i])]
    if options.list:
        for i in chosen:
            for mutants in parts[i].values():
                for m in mutants:
                    if m.file.startswith(options.only):
                        print(f"{m.number} part {i + 1} {m.file}:{m.line}: {m.function}: {m.change()}")
        return
    accepted = read_accepted()
    known = {m.key() for part in parts for mutants in part.values() for m in mutants}
    for key in accepted.keys() - known:
        print(f"survivors.txt: there is no such place any more: {key}")
    totals = collections.defaultdict(lambda: [0, 0, 0, 0])  # of a room: mutants, caught, accepted, open
    open_survivors = []
    with concurrent.futures.ThreadPoolExecutor(2) as workers:
        for i in chosen:
            print(f"== part {i + 1} of {len(PARTS)}: {', '.join(PARTS[i][0])}", flush=True)
            mutants = {h: m for h, m in parts[i].items() if h.startswith(options.only)}
            noticed = test_part(i, mutants, count, workers)
            for m in (m for header in mutants.values() for m in header if m.number in noticed):
                room = totals[re.sub(r"include/typenet/([a-z_]+).*", r"\1", m.file)]
                room[0] += 1
                if noticed[m.number] not in (None, "-"):
                    room[1] += 1
                elif m.key() in accepted:
                    room[2] += 1
                else:
                    room[3] += 1
                    open_survivors.append(m)
                    print(f"   survived{' (not reached)' * (noticed[m.number] == '-')}: {m.number} {m.file}:{m.line}: "
                          f"{m.function}: {m.change()}", flush=True)
    print(f"{'room':14} mutants  caught  listed    open")
    for room, numbers in sorted(totals.items()):
        print(f"{room:14} " + " ".join(f"{n:7}" for n in numbers))
    total = [sum(column) for column in zip(*totals.values())]
    share = total[1] / max(1, total[0] - total[2])
    print(f"{'all':14} " + " ".join(f"{n:7}" for n in total))
    print(f"caught: {100 * total[1] / max(1, total[0]):.1f} % of all, {100 * share:.1f} % of those that can be noticed")
    if open_survivors:
        print(f"{len(open_survivors)} survivors stand in no list: write a test for each, or a line in survivors.txt, which "
              "begins with the text behind the line number, up to the end, then ' | ' and the reason")
    sys.exit(1 if open_survivors or accepted.keys() - known or share < LEAST_SHARE else 0)


if __name__ == "__main__":
    main()
