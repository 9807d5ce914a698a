"""What compare.py measured, as it is stored: a JSON file for each kind of processor, in the folder results/.

A result is a dictionary:
    processor       kind, such as "Intel", and name, model, cores, instructions and caches, as texts
    date, commit    of the run
    rounds          how often every task was run
    versions        [library]
    kernels         of OpenBLAS: those it would choose by itself, and those it was told to use, or None
    missing         the peers that weren't on the machine
    remarks         added by hand, if at all: what was found about these figures later, as paragraphs of the page; the
                    next run, which replaces the figures, drops them
    measurements    a list of {"task", "threads", "peer", "rounds": what the program printed in each round}
"""

import datetime
import glob
import json
import os
import platform
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "results")
KINDS = {"GenuineIntel": "Intel", "AuthenticAMD": "AMD"}


def cpu_field(name):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return next((line.partition(":")[2].strip() for line in file if line.startswith(name)), "")


def better_core(found):
    """Returns the kernels that OpenBLAS should use, or None if it chose well. `found` is what it chose: for a model
    that it doesn't know it chooses kernels of old processors, even if this one has instructions for better ones."""
    if found not in ("Prescott", "Core2", "Generic"):
        return None
    flags = set(cpu_field("flags").split())
    if {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= flags:
        return "SkylakeX"
    return "Haswell" if {"avx2", "fma"} <= flags else None


def caches():
    texts = []
    for index in sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index*")):
        def read(name, folder=index):
            with open(os.path.join(folder, name), encoding="ascii") as file:
                return file.read().strip()
        if read("type") != "Instruction":
            texts.append(f"L{read('level')} {int(read('size').rstrip('K')):,} KiB")
    return ", ".join(texts)


def processor():
    flags = cpu_field("flags").split()
    return {
        "kind": KINDS.get(cpu_field("vendor_id"), platform.machine()),
        "name": cpu_field("model name"),
        "model": f"family {cpu_field('cpu family')}, model {cpu_field('model')}",
        "cores": os.cpu_count(),
        "instructions": ", ".join(flag for flag in ("avx2", "fma", "avx512f") if flag in flags),
        "caches": caches(),
    }


def commit():
    """Returns the short name of the commit, and whether what was measured differs from it."""
    def git(*arguments):
        return subprocess.check_output(["git", *arguments], cwd=HERE, text=True, stderr=subprocess.DEVNULL).strip()

    try:
        changed = git("status", "--porcelain", "--", "../include", "../examples/mnist", "compare")
        return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def describe(programs, rounds, measurements):
    return {"processor": processor(), "date": datetime.date.today().isoformat(), "commit": commit(), "rounds": rounds,
            "versions": programs.versions, "kernels": [programs.found_core, programs.core],
            "missing": programs.missing, "measurements": measurements}


def rounded(value):
    """Returns the value with five digits of each float in it."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def save(result):
    """Stores the result in the place of that of the same kind of processor. A measurement takes a line."""
    lines = ",\n".join("  " + json.dumps(rounded(one)) for one in result["measurements"])
    head = json.dumps({**result, "measurements": []}, indent=1)
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, result["processor"]["kind"].lower() + ".json"), "w", encoding="utf-8") as file:
        file.write(head.removesuffix("[]\n}") + "[\n" + lines + "\n ]\n}\n")


def load():
    """Returns all stored results, the newest first."""
    results = []
    for name in sorted(glob.glob(os.path.join(FOLDER, "*.json"))):
        with open(name, encoding="utf-8") as file:
            results.append(json.load(file))
    return sorted(results, key=lambda result: result["date"], reverse=True)
