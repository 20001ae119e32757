// InputPolicy says which inputs clients may name: files inside a media root, links resolved. Immutable; any
// thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"

namespace millrace::engine {

class InputPolicy {
 public:
  explicit InputPolicy(std::vector<std::filesystem::path> media_roots)
      : media_roots_(std::move(media_roots)) {}

  // Ok, or why not, with the field. Says nothing of what lies outside the media roots, not even whether it
  // exists.
  Status check(const std::string& url, const std::string& field = "input.url") const;
  // Every file that a job reads: its source, subtitles, overlays.
  Status check(const JobSpec& spec) const;

 private:
  std::vector<std::filesystem::path> media_roots_;
};

}  // namespace millrace::engine
