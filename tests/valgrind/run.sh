# shellcheck shell=sh
# A function for tests/run.sh, which sources this file.

# check_memory runs the examples under valgrind. It fails at a read or write outside of what was allocated, a decision
# that depends on memory nobody wrote, or a leak.
check_memory() (
    # shellcheck disable=SC2086,SC2154  # one word a package; set by requirements.sh
    require $library_packages $program_packages valgrind
    cmake --preset valgrind -D TYPENET_TESTS=OFF >/dev/null
    cmake --build --preset valgrind -j "$(nproc 2>/dev/null || echo 2)"
    programs=$PWD/build/valgrind/bin
    mkdir -p build/valgrind/digits
    cd build/valgrind/digits || exit
    # Digits as MNIST's CSV files have them, each with a bright bar at a place of its own.
    for part in train:300 test:100; do
        awk -v count="${part#*:}" 'BEGIN {
            for (row = 0; row < count; ++row) {
                printf "%d", row % 10
                for (pixel = 0; pixel < 784; ++pixel)
                    printf ",%d", int(pixel / 78) == row % 10 ? 200 + (row + pixel) % 56 : 0
                print ""
            }
        }' >"mnist_${part%:*}.csv"
    done
    for command in regression classification custom_layer imbalance three_classes xor gestures \
        "mnist train --data . --epochs 2 --threads 2 --checkpoint checkpoint --save digits.safetensors --json train.json" \
        "mnist test --model digits.safetensors --data ." \
        "mnist predict --model digits.safetensors --data . --index 7" \
        "inspect pumps.csv" "inspect digits.safetensors"; do
        echo "== $command"
        # shellcheck disable=SC2086  # a command and its arguments
        valgrind --quiet --error-exitcode=9 --leak-check=full "$programs"/$command
    done
)
