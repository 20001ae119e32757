// Receipt: the proof that a job's outputs are whole, made from the ledger and the files, and checked again at
// any time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/package/publish.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

struct Usage {
  double wall_seconds = 0;
  double cpu_seconds = 0;
  std::int64_t peak_memory_bytes = 0;
  std::vector<std::string> steps_down = {};  // sentences: what was done more carefully, and why
};

// What damage took, in sentences, by track; empty where damage was not accepted.
using Losses = std::map<std::string, std::vector<std::string>>;

struct Check {
  std::string name;   // "frames out = frames in", "last pts", "equal grid", "full decode", "sha256"
  std::string where;  // "abr/720p"
  bool holds = false;
  std::string detail;  // figures either way
};

// Versions of the program and of FFmpeg's libraries, by name.
nlohmann::ordered_json versions();

// Builds receipt.json's content: source facts; per output, rendition and sound frames in and out, duration,
// first and last pts, bytes, SHA-256 of every file; what was lost; checks, devices, steps down,
// usage, versions. internal when a check does not hold: the message names it. Reads and digests every
// published file; that it decodes is what the worker found before it reported the file. cancelled after a
// stop.
Result<nlohmann::ordered_json> make_receipt(const std::filesystem::path& output_folder, const Plan& plan,
                                            const Segments& segments, const Usage& usage, const Losses& lost,
                                            const std::stop_token& stop = {});

// `millrace verify DIR`: reads DIR/receipt.json and checks every file against it: present, size, SHA-256,
// nothing extra in the folders of adaptive outputs and stills; with `deep`, decodes everything again.
// not_found when there is no receipt.
Result<std::vector<Check>> verify_folder(const std::filesystem::path& folder, bool deep);

}  // namespace millrace::engine
