#!/bin/sh
# Puts a network and the page around it into one file: sh examples/web/compile.sh HEADER_FOLDER OUT_FOLDER
# HEADER_FOLDER holds digits_net.hpp; OUT_FOLDER/index.html is written whole or not at all. With --check alone, the
# script says whether everything that it needs is installed.
set -eu

if [ $# -ne 2 ] && [ "$*" != --check ]; then
    echo "usage: compile.sh HEADER_FOLDER OUT_FOLDER, or compile.sh --check" >&2
    exit 2
fi
here=$(dirname "$0")

for tool in clang++ wasm-ld base64; do
    if ! command -v "$tool" >/dev/null 2>&1; then
        echo "The page cannot be compiled without $tool: please install it, as from Debian's packages" \
            "clang, lld and coreutils." >&2
        exit 1
    fi
done

work=$(mktemp -d)
page=
trap 'rm -rf "$work" ${page:+"$page"}' EXIT
trap 'exit 1' HUP INT TERM

# compile SOURCE... OPTION...: without exceptions and without an operating system
compile() {
    clang++ --target=wasm32-wasi -std=c++20 -O2 -fno-exceptions -fno-rtti -nostartfiles \
        -Wl,--no-entry -Wl,--strip-all -Wl,--stack-first -o "$work/page.wasm" "$@"
}

printf '%s\n' '#include <cstdlib>' '#include <vector>' 'int f() { return *static_cast<int*>(std::malloc(4)); }' \
    >"$work/try.cpp"
if ! compile -Wl,--export=_Z1fv "$work/try.cpp" 2>/dev/null; then
    echo "The page cannot be compiled: clang finds no libraries for WebAssembly; please install wasi-libc," \
        "libc++-dev-wasm32 and libclang-rt-dev-wasm32 of clang's version." >&2
    exit 1
fi

[ "$*" != --check ] || exit 0

headers=$1
out=$2
if [ ! -f "$headers/digits_net.hpp" ]; then
    echo "There is no digits_net.hpp in $headers." >&2
    exit 1
fi
compile -I "$headers" -I "$here/.." -Wl,--export=pen_width -Wl,--export=clear -Wl,--export=draw \
    -Wl,--export=recognise -Wl,--export=image -Wl,--export=probabilities \
    "$here/page.cpp" "$here/../mnist/normalize.cpp"
if grep -q wasi_snapshot "$work/page.wasm"; then
    echo "The page cannot be compiled: the network asks for functions of an operating system." >&2
    exit 1
fi
base64 <"$work/page.wasm" >"$work/page.base64"

mkdir -p "$out"
page=$(mktemp "$out/index.html.XXXXXX")
sed -e '/^@module@$/{' -e "r $work/page.base64" -e 'd' -e '}' "$here/page.html" >"$page"
chmod 644 "$page"
mv "$page" "$out/index.html"
page=
