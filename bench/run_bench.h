// run_bench is the program millrace-bench: parses, measures, reports. Called by main() and nobody else.
#pragma once

namespace millrace::bench {

// Exit code: 0 done, whatever the verdicts; 1 it failed; 2 wrong usage; 3 the source cannot be read or is
// refused; 4 stopped by a signal; 5 no device or no room here does it.
int run_bench(int argc, char** argv);

}  // namespace millrace::bench
