#include "engine/plan/without_outputs.h"

#include <algorithm>
#include <vector>

namespace millrace::engine {
namespace {

bool has(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

bool is_wanted(const Plan& plan, const std::string& track, const std::set<std::string>& left_out) {
  return std::any_of(plan.outputs.begin(), plan.outputs.end(), [&](const PlannedOutput& each) {
    return !left_out.contains(each.name) && (each.path == track || has(each.renditions, track) ||
                                             has(each.sounds, track) || has(each.subtitles, track));
  });
}

Plan without_outputs(Plan plan, const std::set<std::string>& left_out) {
  if (left_out.empty()) return plan;
  const auto unwanted = [&](const auto& track) { return !is_wanted(plan, track.folder, left_out); };
  std::erase_if(plan.renditions, unwanted);
  std::erase_if(plan.sounds, unwanted);
  std::erase_if(plan.subtitles, unwanted);
  std::erase_if(plan.outputs, [&](const PlannedOutput& each) { return left_out.contains(each.name); });
  return plan;
}

}  // namespace millrace::engine
