// The commands that look and change nothing: inspect, explain, probe, verify. Blocking; each gives the exit
// code.
#pragma once

#include <filesystem>
#include <string>

#include "server/cli/console.h"
#include "server/cli/spec_flags.h"

namespace millrace::server {

// `program` is run as a worker: a source that crashes a decoder must not crash the command.
// Of the flags only the source, or the spec, and --on-damage: with `accept` a damaged source is described
// too, with what is wrong with it.
int run_inspect(const SpecFlags& flags, const std::filesystem::path& program, Console& console);
int run_explain(const SpecFlags& flags, const std::filesystem::path& program, Console& console);
// With `calibrate` it also measures, for some twenty CPU seconds, how fast this machine is, and tries its
// devices with a short film; else slots are told by the reference machine's figures.
int run_probe(bool calibrate, const std::filesystem::path& program, Console& console);
// Names the checks that do not hold; exit code 1 when there are any, 2 without a receipt.
int run_verify(const std::filesystem::path& folder, bool deep, Console& console);

}  // namespace millrace::server
