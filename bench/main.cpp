// millrace-bench: the program that measures.
#include "bench/run_bench.h"

int main(int argc, char** argv) { return millrace::bench::run_bench(argc, argv); }
