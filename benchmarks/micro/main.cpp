// Times kernels, formulas, loaders and the network separately.  micro [--benchmark_filter=REGEX] [more options of
// Google Benchmark] Build it with cmake --preset release -D TYPENET_BENCHMARKS=ON; it needs libbenchmark-dev.

#include "micro.hpp"

int main(int argc, char** argv) {
    micro::register_kernels();
    micro::register_formulas();
    micro::register_loaders();
    micro::register_network();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
