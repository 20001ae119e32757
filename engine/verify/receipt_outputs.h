// What a receipt says of each output: figures out of the ledger, digests of the files, facts out of init
// segments.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "engine/package/publish.h"
#include "engine/plan/plan.h"
#include "engine/verify/published_files.h"
#include "engine/verify/receipt.h"

namespace millrace::engine {

// All of a finished job that a receipt is made of.
struct FinishedJob {
  const std::filesystem::path& output_folder;
  const Plan& plan;
  const Segments& segments;
  const Losses& lost;
  std::vector<Check> checks;
  PublishedDigests digests;
};

// An array, in the plan's order. Reads the init segments of renditions that are there.
nlohmann::ordered_json outputs_json(const FinishedJob& job);

// All sentences of these tracks, each once.
std::vector<std::string> lost_of(const Losses& lost, const std::vector<std::string>& tracks);

}  // namespace millrace::engine
