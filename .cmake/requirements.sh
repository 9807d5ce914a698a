# Functions and package lists for the run scripts, which source this file.

# require PACKAGE... installs the named Debian packages that are missing; it fails where others would have to go. Without
# apt it checks that the build tools exist and leaves the libraries to CMake, which fetches most of the missing ones.

require() {
    if command -v apt-get >/dev/null 2>&1; then
        missing=""
        for package in "$@"; do
            status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
            [ "$status" = "install ok installed" ] || missing="$missing $package"
        done
        [ -n "$missing" ] || return 0
        echo "installing:$missing"
        as_root=""
        if [ "$(id -u)" -ne 0 ]; then
            if ! command -v sudo >/dev/null 2>&1; then
                echo "please install as root:$missing" >&2
                exit 1
            fi
            as_root=sudo
        fi
        $as_root apt-get update -qq
        # shellcheck disable=SC2086  # one word a package
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --no-remove $missing >/dev/null
    else
        missing=""
        for tool in cmake git make "${CXX:-c++}"; do
            command -v "$tool" >/dev/null 2>&1 || missing="$missing $tool"
        done
        if [ -n "$missing" ]; then
            echo "There is no apt here. Please install:$missing" >&2
            exit 1
        fi
        echo "There is no apt here: CMake looks for the libraries, fetches those that it can, and names the others."
    fi
}

# Builds the MNIST program for this machine, into build/release/bin of the current folder.
build_mnist() {
    # shellcheck disable=SC2086  # one word a package
    require $library_packages $program_packages
    # An existing build folder keeps its choice of tests.
    if [ -f build/release/CMakeCache.txt ]; then
        cmake --preset release >/dev/null
    else
        cmake --preset release -D TYPENET_TESTS=OFF >/dev/null
    fi
    cmake --build --preset release --target mnist -j "$(nproc 2>/dev/null || echo 2)"
}

library_packages="cmake g++ make libxtensor-dev libxsimd-dev zlib1g-dev"
program_packages="libcli11-dev libstb-dev nlohmann-json3-dev"
web_packages="clang lld wasi-libc libc++-dev-wasm32 libclang-rt-dev-wasm32"
test_packages="doctest-dev gdb pkg-config"
site_packages="doxygen pandoc python3"
interchange_packages="python3 python3-numpy python3-onnx python3-opencv python3-torch"
compare_packages="libdlib-dev libopenblas-dev libtorch-dev python3 python3-numpy python3-pandas python3-sklearn python3-torch"
