// This test binary as a worker: run with the arguments that a pool gives, it plays what the task's source url
// says.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

#include "engine/pipeline/run_task.h"

namespace millrace::engine {

// The code this process ends with when its arguments ask for a part; -1 when it is to run tests.
int play_part(int count, char** arguments);

// This binary.
std::filesystem::path test_program();

// A program that runs this binary in another part: "flooder" writes progress without end and reads nothing
// after its task, "liar" answers with nonsense, "mute" ends before it is ready, "elder" is of another
// version.
std::filesystem::path program_in_part(const std::filesystem::path& folder, const std::string& part);

// A range that a fake worker plays: "segments N", "wait" (for a stop), "deaf" (to everything but SIGKILL),
// "die" (after one segment), "exit" (code 3, after words), "refuse" (corrupt_input), "lose" (device_lost),
// "chatter" (fills its standard error until a stop), "grow" (holds 64 MiB more).
RangeTask range_playing(const std::string& part);

// True once the process is gone or a zombie; waits 20 s at most.
bool is_gone(pid_t pid);

}  // namespace millrace::engine
