// This test binary as a worker whose tasks are confined, and what such a task tries out.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "engine/pipeline/run_task.h"
#include "hw/inventory.h"

namespace millrace::engine {

// Deed ("read the source", "socket") to what came of it: "done", or errno's name ("EACCES").
using Deeds = std::map<std::string, std::string>;

// Its inspection and its ranges try out deeds and tell of them: a Source's `damage`, a TaskEnd's `lost`. A
// range whose plan's source has the container "die", "exit", "hoard" or "wait" does that instead.
int play_confined_worker(int fd);

// "read the source: done" and so on, taken apart.
Deeds deeds_of(const std::vector<std::string>& sentences);

// What this machine offers; a test of what it does not offer skips itself.
hw::ConfinementFacts confinement_of_this_machine();

RangeTask confined_range(const std::filesystem::path& source, const std::filesystem::path& output_folder,
                         const std::string& part);

}  // namespace millrace::engine
