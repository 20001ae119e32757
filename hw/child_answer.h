// ask_child runs a program for what it has to say, within a time limit. Safe to call from any thread.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace millrace::hw {

// The descriptor that the child writes its answer to; its other output is dropped, since drivers chatter.
inline constexpr int kAnswerDescriptor = 3;

struct ChildAnswer {
  std::string text;     // all that it wrote, at most 4 MiB
  std::string trouble;  // why there is no whole answer: "did not answer within 30 s", "died of signal 11
                        // (Segmentation fault)"; empty: it ended by itself, with code 0
};

// Runs the program in a process group of its own, without descriptors of ours, and kills the group when the
// time is over. A child that cannot be killed, being stuck in the kernel, is left behind.
ChildAnswer ask_child(const std::string& program, const std::vector<std::string>& arguments,
                      std::chrono::milliseconds limit);

}  // namespace millrace::hw
