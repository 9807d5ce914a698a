# shellcheck shell=sh
# A function for tests/run.sh, which sources this file.

# coverage builds the doctest program with counters, runs its suites and prints the share of the lines of include/ that
# they reach, for each header. The pages in build/coverage/report show every line. Fails below 98 %.
coverage() (
    # shellcheck disable=SC2086,SC2154  # one word a package; set by requirements.sh
    require $library_packages $program_packages $test_packages gcovr
    cmake --preset coverage -D TYPENET_TESTS=ON >/dev/null
    cmake --build --preset coverage -j "$(nproc 2>/dev/null || echo 2)"
    find build/coverage -name '*.gcda' -delete
    ctest --preset coverage -j "$(nproc 2>/dev/null || echo 2)"
    mkdir -p build/coverage/report
    gcovr --root . --filter include/ --object-directory build/coverage --exclude-throw-branches --txt \
        --html-details build/coverage/report/index.html --print-summary --fail-under-line 98 build/coverage
)
