#include "engine/schedule/left_out_files.h"

#include <system_error>
#include <vector>

#include "engine/base/file.h"
#include "engine/plan/without_outputs.h"
#include "engine/schedule/output_tasks.h"
#include "engine/schedule/track_folder.h"

namespace millrace::engine {
namespace fs = std::filesystem;

Status remove_left_out(const Plan& plan, const std::set<std::string>& left_out, const fs::path& output_folder,
                       JobBooks& books) {
  Plan gone;
  std::vector<std::string> tracks;  // of segments
  for (const PlannedOutput& output : plan.outputs)
    if (left_out.contains(output.name)) gone.outputs.push_back(output);
  if (gone.outputs.empty()) return {};
  const auto collect = [&](const auto& planned) {
    for (const auto& each : planned)
      if (!is_wanted(plan, each.folder, left_out)) tracks.push_back(each.folder);
  };
  collect(plan.renditions);
  collect(plan.sounds);
  collect(plan.subtitles);
  for (const std::string& track : tracks) {
    if (Status s = books.drop_from(track, 0); !s.ok()) return s;
    if (Status s = remove_tree(output_folder / track); !s.ok()) return s;
  }
  for (const PlannedOutput& output : gone.outputs) {
    if (output.type != PlannedOutput::Type::adaptive) {
      if (Status s = books.drop_from(output.path, 0); !s.ok()) return s;
    } else if (Status s = remove_playlists(output_folder / output.path); !s.ok()) {
      return s;
    }
  }
  if (Status s = OutputTasks::remove_files(gone, output_folder); !s.ok()) return s;
  std::error_code ignored;  // a folder that still holds something stays
  for (const PlannedOutput& output : gone.outputs) fs::remove(output_folder / output.path, ignored);
  return {};
}

}  // namespace millrace::engine
