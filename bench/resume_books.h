// resume_books: what a data folder says of its jobs once no daemon holds it. Reads the store and the folders.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "bench/resume_report.h"
#include "engine/base/status.h"

namespace millrace::bench {

// The tag that says which Idempotency-Key made a job.
inline constexpr const char* kKeyTag = "resume";

// `acknowledged`: the ids that submissions were answered with.
engine::Result<ResumeBooks> read_resume_books(const std::filesystem::path& data,
                                              const std::set<std::string>& acknowledged);

}  // namespace millrace::bench
