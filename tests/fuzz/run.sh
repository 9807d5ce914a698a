# A function for tests/run.sh, which sources this file.

# fuzz SECONDS [TARGET...] builds the targets, by default all, and runs one after the other for so many seconds each.
# What libFuzzer keeps is in build/fuzz/corpus/TARGET, and the next run starts from it. Fails when an input breaks a promise.
fuzz() (
    seconds=${1:?sh tests/run.sh --fuzz SECONDS [TARGET...]}
    shift
    # shellcheck disable=SC2086,SC2154  # one word a package; set by requirements.sh
    require $library_packages $program_packages $test_packages clang
    cmake --preset fuzz >/dev/null
    cmake --build --preset fuzz -j "$(nproc 2>/dev/null || echo 2)"
    [ $# -ne 0 ] || set -- $(cd build/fuzz/bin && ls fuzz_* | sed 's/fuzz_//')

    memory=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
    trap 'rm -rf "$memory"' EXIT
    failed=""
    for target in "$@"; do
        kept=build/fuzz/corpus/$target
        findings=tests/fuzz/corpus/$target
        mkdir -p "$kept" "$findings"
        TMPDIR=$memory TYPENET_FUZZ_SEEDS=$kept "build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -max_len=4096 \
            -malloc_limit_mb=256 -artifact_prefix="$findings/" "$kept" "$findings" 2>"$kept.log" || failed="$failed $target"
        echo "$target: $(grep -a -E '^Done|broken promise|ERROR|runtime error' "$kept.log" | tr '\n' ' ')"
    done
    [ -z "$failed" ] || { echo "a promise was broken in:$failed" >&2; exit 1; }
)
