// Publisher: what the daemon itself writes of a job: playlists, manifests, the receipt. Safe to call from any
// thread; tests put their own in its place.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>

#include "engine/package/publish.h"
#include "engine/verify/receipt.h"

namespace millrace::engine {

class Publisher {
 public:
  virtual ~Publisher() = default;
  // As write_adaptive() and make_receipt(), which the publisher of this base class calls.
  virtual Status adaptive(const std::filesystem::path& output_folder, const Plan& plan,
                          const PlannedOutput& output, const Segments& segments, bool whole) const;
  virtual Result<nlohmann::ordered_json> receipt(const std::filesystem::path& output_folder, const Plan& plan,
                                                 const Segments& segments, const Usage& usage,
                                                 const Losses& lost, const std::stop_token& stop) const;
};

}  // namespace millrace::engine
