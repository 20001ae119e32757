// ClientWords takes the server's own paths out of sentences that clients read. Immutable; any thread.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

class ClientWords {
 public:
  ClientWords(const std::filesystem::path& data, const std::filesystem::path& program);

  // "/srv/millrace/jobs/01H.../out/abr/720p/init.mp4: cannot write" becomes "abr/720p/init.mp4: cannot
  // write".
  std::string of(std::string text) const;
  Status of(const Status& status) const;

 private:
  std::vector<std::string> data_;  // as given and with its links resolved
  std::vector<std::string> program_;
};

}  // namespace millrace::engine
