// OrdinaryPriority: while it lives, its thread and the threads that it makes cannot become real-time ones.
// Run by root, SVT-AV1 makes its caller and all of its own threads SCHED_FIFO 99 as it opens, and whatever
// else wants their cores stands still until they rest.
#pragma once

namespace millrace::engine {

class OrdinaryPriority {
 public:
  // Takes CAP_SYS_NICE from the calling thread, where it has it; and gives it back.
  OrdinaryPriority();
  ~OrdinaryPriority();
  OrdinaryPriority(const OrdinaryPriority&) = delete;
  OrdinaryPriority& operator=(const OrdinaryPriority&) = delete;

 private:
  bool taken_ = false;
};

}  // namespace millrace::engine
