// millrace-bench: the program that measures.
#include "bench/command_line.h"

int main(int argc, char** argv) { return millrace::bench::run_bench(argc, argv); }
