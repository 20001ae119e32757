// Landlock: which files the calling thread, and every thread and process that it makes, may open from now on.
// There is no way back.
#pragma once

#include "engine/base/status.h"
#include "engine/work/task_reach.h"

namespace millrace::engine {

// `version`: of the kernel's Landlock, at least 1. no_new_privs must be set. Beside `reach`, what every media
// task reads: libraries and fonts of the system, its CPU and memory facts; the names and certificates of the
// network for a task that has one. internal when the kernel does not take the rules: nothing is confined
// then.
//
// What Landlock does not see: whether a path exists and how large its file is, descriptors that are open
// already, and (see seccomp_filter.h) owners, modes and times of files.
Status restrict_files(const TaskReach& reach, int version);

}  // namespace millrace::engine
