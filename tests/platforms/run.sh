# shellcheck shell=sh
# Functions for tests/run.sh, which sources this file.

# x86-64 comes first: the others are compared with it.
platforms="x86-64 aarch64 mingw libcxx libcxx19 clang19 armhf riscv64 s390x i686 wasm"

# The suites that run for as long as all others.
long_suites="train/*"

# describe_platform NAME sets title, packages, those that are only unpacked, and suites.
describe_platform() {
    suites=OFF unpacked=""
    case $1 in
    x86-64) title="x86-64, Linux" packages="" ;;
    aarch64) title="aarch64, Linux" packages="g++-aarch64-linux-gnu qemu-user" suites=ON ;;
    mingw) title="x86-64, Windows (mingw-w64, Wine)" packages="g++-mingw-w64-x86-64-posix wine64" suites=ON ;;
    libcxx) title="x86-64, Linux, clang 14 with libc++" packages="clang libc++-14-dev libc++abi-14-dev" ;;
    libcxx19) title="x86-64, Linux, clang 19 with libc++ for C++23" packages=clang-19 unpacked="libc++-19-dev libc++abi-19-dev" ;;
    clang19) title="x86-64, Linux, clang 19 for C++23" packages=clang-19 ;;
    armhf) title="32-bit ARM with NEON, Linux" packages="g++-arm-linux-gnueabihf qemu-user" ;;
    riscv64) title="riscv64, Linux" packages="g++-riscv64-linux-gnu qemu-user" ;;
    s390x) title="s390x, Linux (big-endian)" packages="g++-s390x-linux-gnu qemu-user" ;;
    i686) title="i686 with SSE2, Linux" packages="g++-i686-linux-gnu qemu-user" ;;
    wasm) title="WebAssembly (Emscripten 3.1.6, Node)" packages=emscripten ;;
    *)
        echo "there is no platform $1; there are: $platforms" >&2
        return 1
        ;;
    esac
}

# unpack FOLDER PACKAGE... unpacks packages that can't be installed beside others.
unpack() (
    mkdir -p "$1"
    cd "$1" || exit
    shift
    for package in "$@"; do
        ls "$package"_*.deb >/dev/null 2>&1 || apt-get download -qq "$package" || exit
        dpkg --extract "$package"_*.deb . || exit
    done
)

# on_platform NAME PROGRAM [ARGUMENT...] runs a program that was built for a platform.
on_platform() {
    name=$1
    program=$2
    shift 2
    case $name in
    x86-64 | libcxx | libcxx19 | clang19) "$program" "$@" ;;
    mingw) WINEDEBUG=-all WINEPREFIX=$PWD/build/platforms/wine /usr/lib/wine/wine64 "$program.exe" "$@" ;;
    aarch64) qemu-aarch64 -L /usr/aarch64-linux-gnu "$program" "$@" ;;
    armhf) qemu-arm -L /usr/arm-linux-gnueabihf "$program" "$@" ;;
    riscv64) qemu-riscv64 -L /usr/riscv64-linux-gnu "$program" "$@" ;;
    s390x) qemu-s390x -L /usr/s390x-linux-gnu "$program" "$@" ;;
    i686) qemu-i386 -L /usr/i686-linux-gnu "$program" "$@" ;;
    wasm) node "$program.js" "$@" ;;
    esac
}

# value_of NAME KEY prints a value that `training write` printed.
value_of() { sed -n "s/^$2 //p" "build/platforms/$1/results" | tr -d '\r'; }

# run_suites NAME runs the suites as two processes, one of which has those that take longest. Their output is suites.log.
run_suites() {
    folder=build/platforms/$1
    # QEMU doesn't limit the memory of what it runs; two threads that wait for each other take minutes there.
    left_out=none
    [ "$1" != aarch64 ] || left_out="a team whose last threads can't be started*,two threads give the bits of one*"
    set -- "$1" "$folder/suites" --no-colors --duration=true --test-case-exclude="$left_out"
    on_platform "$@" --test-suite="$long_suites" >"$folder/suites.log" 2>&1 &
    ended=yes
    on_platform "$@" --test-suite-exclude="$long_suites" >"$folder/others.log" 2>&1 || ended=no
    wait $! || ended=no
    cat "$folder/others.log" >>"$folder/suites.log"
    [ $ended = yes ] || { grep -A 12 -E 'ERROR|FATAL' "$folder/suites.log" | head -60 >&2 && return 1; }
}

# run_platform NAME builds for a platform and runs there. Prints a row of docs/platforms.md.
run_platform() (
    describe_platform "$1" || exit
    folder=build/platforms/$1
    began=$(date +%s)
    echo "== $title"
    # shellcheck disable=SC2086  # one word a package
    require $packages
    # shellcheck disable=SC2086
    [ -z "$unpacked" ] || unpack "$folder/unpacked" $unpacked || exit
    mkdir -p "$folder"
    rm -f "$folder/results"
    toolchain=""
    [ "$1" = x86-64 ] || toolchain="-DCMAKE_TOOLCHAIN_FILE=$PWD/tests/platforms/$1.cmake"
    failed=""
    # shellcheck disable=SC2086  # no word where there is no toolchain
    cmake -S tests/platforms -B "$folder" $toolchain -D PLATFORM_SUITES=$suites -D CMAKE_BUILD_TYPE=Release \
        -D CMAKE_CXX_FLAGS_RELEASE=-O1 -D PLATFORM_HEADERS="$PWD/build/platforms/headers" >"$folder/log" &&
        cmake --build "$folder" -j "$(nproc 2>/dev/null || echo 2)" >>"$folder/log" 2>&1 || failed="compiling"
    compiles=yes
    passed=-
    if [ -n "$failed" ]; then
        compiles=no
        grep -E 'error|Error' "$folder/log" | head -20 >&2
    else
        rm -rf "$folder/files"
        on_platform "$1" "$folder/training" write "$folder/files" >"$folder/results" || failed="a training"
        # Files go both ways between this platform and x86-64.
        for files in "$folder/files" build/platforms/x86-64/files; do
            on_platform "$1" "$folder/training" read "$files" >>"$folder/results" || failed="$failed, reading $files"
        done
        build/platforms/x86-64/training read "$folder/files" >>"$folder/results" || failed="$failed, reading on x86-64"
        if [ $suites = ON ]; then
            run_suites "$1" || failed="$failed, suites"
            passed=$(sed -n 's/.*test cases: *\([0-9]*\) *| *\([0-9]*\) passed.*/\2 \1/p' "$folder/suites.log" |
                awk '{ passed += $1; all += $2 } END { print passed " of " all }')
        fi
        grep '^error' "$folder/results" >&2
    fi
    same=no
    [ "$(value_of "$1" initial)" != "$(value_of x86-64 initial)" ] || same=yes
    [ $same = yes ] || failed="$failed, initial parameters"
    # shellcheck disable=SC2016  # the command in backquotes
    printf '| %s | %s | %s | %s | %s | %s | `sh tests/run.sh --platforms %s` |\n' "$title" $compiles "$passed" $same \
        "$(value_of "$1" width)" "$(value_of "$1" seconds)" "$1" >"$folder/row"
    cat "$folder/row"
    echo "after $(($(date +%s) - began)) s"
    [ -z "$failed" ] || { echo "$title failed: ${failed#, }" >&2 && exit 1; }
)

# check_platforms [--check] [NAME...] runs the named platforms, or all, and writes docs/platforms.md, unless --check is
# given.
check_platforms() (
    # shellcheck disable=SC2086,SC2154  # one word a package; set by requirements.sh
    require $library_packages $program_packages $test_packages
    mkdir -p build/platforms/headers
    for library in xtl xtensor xsimd doctest nlohmann; do
        ln -sfn "/usr/include/$library" "build/platforms/headers/$library"
    done
    writes_page=yes
    if [ "${1:-}" = --check ]; then
        writes_page=no
        shift
    fi
    # shellcheck disable=SC2086  # one word a platform
    [ $# -ne 0 ] || set -- $platforms
    run_platform x86-64 || exit 1
    failed=0
    for name in "$@"; do
        [ "$name" = x86-64 ] || run_platform "$name" || failed=1
    done
    [ $writes_page = no ] || write_platforms
    exit $failed
)

# write_platforms makes docs/platforms.md of the newest row of each platform: one that was run here, or the page's.
write_platforms() {
    old=$(cat docs/platforms.md)
    {
        cat tests/platforms/introduction.md
        echo "| Platform | Compiles | Test cases passed | Same initial parameters | Floats in a pack | Training, s | Command |"
        echo "|---|---|---|---|---|---|---|"
        for name in $platforms; do
            if [ -f "build/platforms/$name/row" ]; then
                cat "build/platforms/$name/row"
            else
                echo "$old" | grep -F -e "--platforms $name\`" || true
            fi
        done
    } >docs/platforms.md
}
