// InputPolicy says which inputs clients may name: files inside a media root, links resolved, and http(s)
// addresses that are public or allowed. Immutable; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job_spec.h"
#include "engine/pipeline/address_rules.h"

namespace millrace::engine {

class InputPolicy {
 public:
  explicit InputPolicy(std::vector<std::filesystem::path> media_roots, AddressRules rules = {})
      : media_roots_(std::move(media_roots)), rules_(std::move(rules)) {}

  // Ok, or why not, with the field. Says nothing of what lies outside the media roots, not even whether it
  // exists.
  // What address a host's name has is looked at when a worker connects to it.
  Status check(const std::string& url, const std::string& field = "input.url") const;
  // Every file that a job reads: its source, subtitles, overlays.
  Status check(const JobSpec& spec) const;

 private:
  std::vector<std::filesystem::path> media_roots_;
  AddressRules rules_;
};

}  // namespace millrace::engine
