// What follows from a failure: the one table. Pure.
#pragma once

#include <chrono>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

enum class ErrorClass {
  stopped,      // somebody asked for it
  bad_input,    // the source or the spec is to blame: trying again gives the same
  transient,    // reading or writing failed: a disk, a network; it may work in a moment
  lost,         // a worker died or did nothing any more, or a device went away
  killed,       // somebody else ended the worker: a task is hardly to blame
  no_memory,    // a worker had no memory left: later, or with one thread, it may do
  no_capacity,  // no room now: the job waits for it
  bug,          // our own mistake
};
std::string_view name_of(ErrorClass error_class);
ErrorClass class_of(Code code);

// What becomes of a task that failed.
struct Treatment {
  ErrorClass error_class = ErrorClass::bug;
  // The task is given out again until it has failed so often in a row without getting further.
  int most_in_a_row = 1;
  // From this failure in a row on, the next try is more careful where that is possible; 0: never. Being more
  // careful earns a try beyond most_in_a_row.
  int careful_from = 0;
  // Before the next try, doubled with each failure in a row, up to longest_wait.
  std::chrono::milliseconds first_wait{0};
  std::chrono::milliseconds longest_wait{0};
};
const Treatment& treatment_of(ErrorClass error_class);

// The wait before the next try after so many failures in a row (1: the first).
std::chrono::milliseconds wait_after(const Treatment& treatment, int in_a_row);

}  // namespace millrace::engine
