#include "engine/schedule/files_beside.h"

#include <filesystem>

#include "engine/base/sha256.h"
#include "engine/pipeline/inspect.h"

namespace millrace::engine {
namespace {

// More than any of them may have: workers refuse larger ones.
constexpr std::uintmax_t kMostBytes = std::uintmax_t{128} << 20;

std::string digest_of(const std::string& url) {
  const auto path = path_of_url(url);
  if (!path.ok()) return {};
  std::error_code error;
  if (!std::filesystem::is_regular_file(*path, error) ||
      std::filesystem::file_size(*path, error) > kMostBytes)
    return {};
  return sha256_of_file(*path).value_or(std::string());
}

}  // namespace

void note_files_beside(Plan& plan) {
  for (PlannedOverlay& each : plan.overlays) each.sha256 = digest_of(each.url);
  for (PlannedSubtitle& each : plan.subtitles)
    if (each.source_stream < 0) each.sha256 = digest_of(each.url);
}

bool has_same_files_beside(const Plan& plan) {
  Plan now;
  now.overlays = plan.overlays;
  now.subtitles = plan.subtitles;
  note_files_beside(now);
  for (std::size_t i = 0; i < now.overlays.size(); ++i)
    if (now.overlays[i].sha256 != plan.overlays[i].sha256) return false;
  for (std::size_t i = 0; i < now.subtitles.size(); ++i)
    if (now.subtitles[i].sha256 != plan.subtitles[i].sha256) return false;
  return true;
}

}  // namespace millrace::engine
