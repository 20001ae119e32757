#include "engine/schedule/job_records.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/base/json_text.h"
#include "engine/job/job_json.h"

namespace millrace::engine {

News state_news(const Job& job) {
  const std::string type(job.state == JobState::running ? "started" : name_of(job.state));
  return {type, json_text(shown_json_short(job))};
}

Result<Job> JobRecords::change(const std::string& id, const std::function<Status(Job&)>& alter,
                               const std::function<News(const Job&)>& news) {
  const std::lock_guard lock(locks_[std::hash<std::string>()(id) % locks_.size()]);
  Result<Job> job = store_.get(id);
  if (!job.ok()) return job;
  if (Status s = alter(*job); !s.ok()) return s;
  const auto [type, data] = news(*job);
  if (Status s = store_.update(*job, type, data); !s.ok()) return s;
  return job;
}

Status refuse_state(const Job& job, const std::string& what_can) {
  return {Code::invalid_argument, fmt::format("job {} is {}; {}", job.id, name_of(job.state), what_can)};
}

}  // namespace millrace::engine
