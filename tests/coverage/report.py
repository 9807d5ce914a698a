"""Prints the lines and branches of each header that the tests reach, from the JSON of llvm-cov export.

llvm-cov takes a template's best instance for the whole. Here a line or a branch is reached when any instance reaches it.
A branch is one outcome, true or false, of a condition. Conditions that the compiler decides in every instance, such as
those of if constexpr, don't count.
"""

import bisect
import json
import sys

LINES_NEEDED = 98
BRANCHES_NEEDED = 90


def line_counts(segments):
    """Returns how often each line ran, as llvm-cov show counts it. A segment begins at a line and a column and holds
    until the next one; outside of functions it has no count."""
    starts = {}
    for segment in segments:
        starts.setdefault(segment[0], []).append(segment)
    counts = {}
    current = None  # the segment that holds at the line's beginning
    for line in range(min(starts), max(starts) + 1):
        here = starts.get(line, [])
        entered = [count for _, _, count, has_count, entry, gap in here if entry and has_count and not gap]
        skipped = here and here[0][4] and not here[0][3]  # left out by the preprocessor
        holds = current is not None and current[3]
        if not skipped and (entered or holds):
            counts[line] = max(entered + ([current[2]] if holds else []))
        if here:
            current = here[-1]
    return counts


def branch_counts(file):
    """Returns how often each condition was true and how often false, by its place."""
    counts = {}
    for *place, true, false, _, _, _ in file["branches"]:
        sums = counts.setdefault(tuple(place), [0, 0])
        sums[0] += true
        sums[1] += false
    segments = [segment for segment in file["segments"] if segment[3]]
    starts = [tuple(segment[:2]) for segment in segments]
    for place, sums in list(counts.items()):
        ran = segments[bisect.bisect_right(starts, place[:2]) - 1][2] > 0
        if ran and sums == [0, 0]:
            del counts[place]  # decided by the compiler
    return counts


def percent(reached, total):
    return 100 * reached / total if total else 100


def main():
    with open(sys.argv[1], encoding="utf-8") as text:
        files = json.load(text)["data"][0]["files"]
    totals = [0, 0, 0, 0]
    print("    lines       branches    header: lines, conditions that are never true (T) or false (F)")
    for file in files:
        lines = line_counts(file["segments"])
        branches = branch_counts(file)
        outcomes = [count for sums in branches.values() for count in sums]
        figures = [sum(map(bool, lines.values())), len(lines), sum(map(bool, outcomes)), len(outcomes)]
        totals = [total + figure for total, figure in zip(totals, figures)]
        missing = [str(line) for line, count in lines.items() if not count]
        for (line, column, *_), (true, false) in sorted(branches.items()):
            missing += [f"{line}:{column}{name}" for name, count in (("T", true), ("F", false)) if not count]
        name = file["filename"].split("/include/")[-1]
        print("{:5} of {:<5} {:4} of {:<5}".format(*figures), name + ":" * bool(missing), *missing)
    lines, branches = percent(*totals[:2]), percent(*totals[2:])
    print("{} of {} lines ({:.1f} %), {} of {} branches ({:.1f} %)".format(*totals[:2], lines, *totals[2:], branches))
    return 0 if lines >= LINES_NEEDED and branches >= BRANCHES_NEEDED else 1


if __name__ == "__main__":
    sys.exit(main())
