// cut_bundle: takes the part of a large source that makes a job fail into the job's failure bundle.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>

#include "engine/base/status.h"
#include "engine/schedule/room_ledger.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory.h"

namespace millrace::engine {

struct BundleCutParts {
  WorkerPool& workers;
  const hw::Inventory& machine;
  RoomLedger& room;  // a trial reserves in it for the job, and gives back
  int cores = 1;
  static constexpr std::chrono::milliseconds kLongest{20'000};
  std::chrono::milliseconds longest = kLongest;  // for the whole search
  // Asked before each trial and during it, from several threads: others could do with the cores.
  std::function<bool()> others_wait = [] { return false; };
};

// Runs the failed job of the bundle on parts of its source (cut_source), at most kMostBundledBytes of it, in
// `folder`, which goes again, and writes the bundle anew with the smallest one that was found to fail in the
// same way; or with the reason why it has none. What the job would write is at most 256 MiB. Leaves alone
// bundles that have their source, that name no file of this machine, and failures that are not the source's
// doing. Blocking; a stop ends it soon.
Status cut_bundle(const std::filesystem::path& bundle, const std::filesystem::path& folder,
                  const BundleCutParts& parts, const std::stop_token& stop);

}  // namespace millrace::engine
