// The exit codes of the program, and which failure gives which. Pure.
#pragma once

#include "engine/base/status.h"

namespace millrace::server {

enum ExitCode {
  kDone = 0,
  kJobFailed = 1,
  kWrongUsage = 2,     // a flag or a spec that is refused
  kSourceRefused = 3,  // unreadable or refused
  kCancelled = 4,
  kNoCapacity = 5,  // or no device
};

// Of a failure while the source was looked at.
int exit_code_of_source(const engine::Status& status);
// Of a failure while the job was planned: the spec's fault where it names a field of the spec, else the
// source's.
int exit_code_of_plan(const engine::Status& status);
// Of a failure while the job ran: what is refused then is a file that was named (source, image, subtitles).
int exit_code_of_job(const engine::Status& status);

}  // namespace millrace::server
