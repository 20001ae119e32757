#include "engine/schedule/publisher.h"

#include <nlohmann/json.hpp>

namespace millrace::engine {

Status Publisher::adaptive(const std::filesystem::path& output_folder, const Plan& plan,
                           const PlannedOutput& output, const Segments& segments, bool whole) const {
  return write_adaptive(output_folder, plan, output, segments, whole);
}

Result<nlohmann::ordered_json> Publisher::receipt(const std::filesystem::path& output_folder,
                                                  const Plan& plan, const Segments& segments,
                                                  const Usage& usage, const Losses& lost,
                                                  const std::stop_token& stop) const {
  return make_receipt(output_folder, plan, segments, usage, lost, stop);
}

}  // namespace millrace::engine
