// What lies in the store as text: jobs, segments, the ends of tracks and what they lost. Pure; a text that we
// did not write is `internal` and names its job.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job.h"
#include "engine/plan/segment.h"

namespace millrace::engine::records {

Status no_such_job(const std::string& id);

// What lists need of a job: without plan and receipt, which lie beside it as documents.
std::string text_of_job(Job job);
Result<Job> job(const std::string& id, std::string_view text);

Result<FinishedSegment> segment(const std::string& job_id, std::string_view text);
Result<std::int64_t> end(const std::string& job_id, std::string_view text);
Result<std::vector<std::string>> lost(const std::string& job_id, std::string_view text);

}  // namespace millrace::engine::records
