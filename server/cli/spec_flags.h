// The flags that make a job's spec, shared by transcode, explain and jobs submit.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"

namespace millrace::server {

struct SpecFlags {
  std::string source;
  std::string spec;  // a file with JSON, "-": standard input; excludes ladder ... preset
  std::string ladder;
  std::string package;
  bool mp4 = false;
  std::string codec;
  std::string preset;
  std::string device;
  std::string trim;       // FROM:TO
  std::string on_damage;  // refuse, accept
  bool full_decode = false;
  int cores = 0;  // --jobs

  void add_to(CLI::App& command);
};

// Without --spec: one adaptive output "abr", and with --mp4 a file "web". With it: the spec, whose input
// SOURCE replaces, as --device, --jobs, --trim and --on-damage replace theirs and --full-decode asks for it.
// invalid_argument names the flag or the field.
engine::Result<engine::JobSpec> job_spec_of(const SpecFlags& flags);

}  // namespace millrace::server
