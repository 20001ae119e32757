// InputPolicy says which inputs clients may name: files inside a media root, links resolved. Immutable; any
// thread.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

class InputPolicy {
 public:
  explicit InputPolicy(std::vector<std::filesystem::path> media_roots)
      : media_roots_(std::move(media_roots)) {}

  // Ok, or why not, at field input.url. Says nothing of what lies outside the media roots, not even whether
  // it exists.
  Status check(const std::string& url) const;

 private:
  std::vector<std::filesystem::path> media_roots_;
};

}  // namespace millrace::engine
