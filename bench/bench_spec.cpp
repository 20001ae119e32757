#include "bench/bench_spec.h"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "engine/base/file.h"
#include "engine/job/job_spec_json.h"
#include "engine/job/profiles.h"

namespace millrace::bench {

using engine::Code;
using engine::JobSpec;
using engine::Result;
using engine::Status;

Result<JobSpec> bench_spec(const std::string& profile, const std::string& input_url) {
  Result<JobSpec> spec = engine::profile_spec(profile, input_url);
  if (spec.ok()) return spec;
  std::error_code error;
  if (!std::filesystem::is_regular_file(profile, error))
    return Status(spec.status().code(), spec.status().message() + ", and no such file is here");
  const Result<std::string> text = engine::read_file(profile);
  if (!text.ok()) return text.status();
  auto document = nlohmann::ordered_json::parse(*text, nullptr, false);
  if (!document.is_object())
    return Status(Code::invalid_argument, profile + ": it is no JSON object; name a profile or a job's spec");
  document["input"] = {{"url", input_url}};
  spec = engine::parse_job_spec(document.dump());
  if (!spec.ok()) return Status(Code::invalid_argument, profile + ": " + spec.status().message());
  if (spec->trim.from != 0 || spec->trim.to != 0)
    return Status(Code::invalid_argument, profile + ": trim: --seconds says how much is made; leave it out");
  return spec;
}

}  // namespace millrace::bench
