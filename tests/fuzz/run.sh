# shellcheck shell=sh
# A function for tests/run.sh, which sources this file.

# fuzz SECONDS [TARGET...] builds the targets, by default all, and runs one after the other for so many seconds each.
# What libFuzzer keeps is in build/fuzz/corpus/TARGET, and the next run starts from it. Fails when an input breaks a
# promise, and says in which file the input is, and which log has the stack.
fuzz() (
    seconds=${1:?sh tests/run.sh --fuzz SECONDS [TARGET...]}
    shift
    # shellcheck disable=SC2086,SC2154  # one word a package; set by requirements.sh
    require $library_packages $program_packages $test_packages clang
    cmake --preset fuzz >/dev/null
    cmake --build --preset fuzz -j "$(nproc 2>/dev/null || echo 2)"
    # shellcheck disable=SC2046,SC2012  # one word a target
    [ $# -ne 0 ] || set -- $(cd build/fuzz/bin && ls fuzz_* | sed 's/fuzz_//')

    memory=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
    trap 'rm -rf "$memory"' EXIT
    failed=""
    for target in "$@"; do
        kept=build/fuzz/corpus/$target
        findings=tests/fuzz/corpus/$target
        log=$kept.log
        mkdir -p "$kept" "$findings"
        TMPDIR=$memory TYPENET_FUZZ_SEEDS=$kept "build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -max_len=4096 \
            -malloc_limit_mb=256 -artifact_prefix="$findings/" "$kept" "$findings" 2>"$log" || failed="$failed $target"
        summary=$(grep -a -E '^Done|broken promise|ERROR|runtime error|Test unit written' "$log" | tr '\n' ' ')
        echo "$target: $summary"
    done
    [ -n "$failed" ] || exit 0
    for target in $failed; do
        echo "a promise was broken: the input is in tests/fuzz/corpus/$target," \
            "the stack in build/fuzz/corpus/$target.log" >&2
    done
    exit 1
)
