// `millrace transcode`: one job from start to end in this process, without server or store.
#pragma once

#include <filesystem>

#include "server/cli/console.h"
#include "server/cli/spec_flags.h"

namespace millrace::server {

struct TranscodeOptions {
  SpecFlags spec;
  std::filesystem::path output;
  std::filesystem::path program;  // for workers
  bool verbose = false;           // what workers write to standard error is shown
};

// Blocking. The exit code. A failed or stopped job leaves nothing behind.
int run_transcode(const TranscodeOptions& options, Console& console);

}  // namespace millrace::server
