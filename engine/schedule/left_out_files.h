// What outputs that were left out leave behind, and its end. Free function; while nothing of the job is made.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "engine/base/status.h"
#include "engine/plan/plan.h"
#include "engine/schedule/job_books.h"

namespace millrace::engine {

// Removes the files of those outputs of the plan, and of the tracks that only they used, and takes them out
// of the books. Tracks that another output uses stay, wherever they lie.
Status remove_left_out(const Plan& plan, const std::set<std::string>& left_out,
                       const std::filesystem::path& output_folder, JobBooks& books);

}  // namespace millrace::engine
