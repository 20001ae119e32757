#include "engine/store/job_index.h"

#include "engine/store/keys.h"

namespace millrace::engine {

JobIndex index_of(const Job& job) {
  JobIndex index{{Family::states, keys::state(job.state, job.id)}};
  if (job.state == JobState::queued) index.emplace_back(Family::queue, keys::queue(job.priority, job.id));
  for (const std::string& tag : job.tags) index.emplace_back(Family::tags, keys::tag(tag, job.id));
  return index;
}

}  // namespace millrace::engine
