// How many cores each of the jobs that start together gets. Pure.
#pragma once

#include <vector>

namespace millrace::engine {

// `most` has what each job in turn takes at most (0: any number). Every job gets one core at least, so fewer
// cores than jobs mean fewer jobs: the first ones. What a job does not take goes to the others, evenly; the
// first ones get what is left over.
std::vector<int> share_cores(int free_cores, const std::vector<int>& most);

}  // namespace millrace::engine
