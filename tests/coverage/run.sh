# shellcheck shell=sh
# A function for tests/run.sh, which sources this file.

# coverage builds the doctest program with clang's counters, runs its suites and prints the share of the lines and
# branches of include/ that they reach, for each header. The pages in build/coverage/report show every line. Fails below
# 98 % of the lines or 90 % of the branches.
coverage() (
    # shellcheck disable=SC2086,SC2154  # one word a package; set by requirements.sh
    require $library_packages $program_packages $test_packages clang llvm python3
    cmake --preset coverage -D TYPENET_TESTS=ON >/dev/null
    cmake --build --preset coverage -j "$(nproc 2>/dev/null || echo 2)"
    program=build/coverage/bin/typenet_tests
    counts=build/coverage/counts
    rm -rf $counts build/coverage/report
    LLVM_PROFILE_FILE=$PWD/$counts/%m.profraw ctest --preset coverage -j "$(nproc 2>/dev/null || echo 2)"
    llvm-profdata merge -o $counts/all $counts/*.profraw
    llvm-cov show $program -instr-profile $counts/all -show-branches count -format html -output-dir build/coverage/report \
        include
    llvm-cov export $program -instr-profile $counts/all -skip-functions include >$counts/json
    python3 tests/coverage/report.py $counts/json
)
