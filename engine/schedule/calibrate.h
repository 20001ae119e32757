// calibrate() measures how fast this machine is: it makes a short film, transcodes it as people do, and
// learns from what that cost. CPU time is what counts, so other load on the machine disturbs little.
// Blocking; some twenty CPU seconds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/plan/cost.h"
#include "engine/work/worker_pool.h"
#include "hw/inventory.h"

namespace millrace::engine {

// The film while it is uncompressed, and all that is made of it.
constexpr std::int64_t kCalibrationDiskBytes = 200'000'000;

// `folder` exists and is empty; what is left in it afterwards is rubbish. `told` hears what is measured next.
// cancelled after a stop; else as run_job() fails.
Result<CostModel> calibrate(WorkerPool& workers, const hw::Inventory& machine, int cores,
                            const std::filesystem::path& folder,
                            const std::function<void(const std::string&)>& told, std::stop_token stop);

}  // namespace millrace::engine
