#include "engine/verify/output_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "engine/package/adaptive_set.h"
#include "engine/verify/track_checks.h"

namespace millrace::engine {
namespace {

using Run = std::vector<FinishedSegment>;

// Priming and padding show, or hide what they stand for, where a container has no word for them: two coded
// frames (of at most 4096 samples) and the priming of any codec that is written. The worker's own bounds are
// closer.
constexpr std::int64_t kSamplesAtTheEnds = 3 * 4096;

bool about_equal(std::int64_t samples, std::int64_t wanted) {
  return std::abs(samples - wanted) <= kSamplesAtTheEnds;
}

Check every_file(const std::string& track, const Run& run, const Segments& segments) {
  const auto booked =
      std::count_if(segments.begin(), segments.end(), [&](const auto& each) { return each.track == track; });
  const bool whole = !run.empty() && static_cast<std::ptrdiff_t>(run.size()) == booked;
  if (run.empty()) return {"every file", track, false, "no file is finished"};
  return {"every file", track, whole,
          whole ? fmt::format("{} files", run.size())
                : fmt::format("file {} of {} is missing", run.size() + 1, booked)};
}

// Workers decode a file before they report it: what is in the ledger has passed, and carries its digest. Text
// has nothing to decode, and a subtitle may have nothing to say.
Check decodes(const std::string& track, const Run& run) {
  for (const FinishedSegment& each : run)
    if (each.sha256.empty() || (each.frames <= 0 && !each.file.ends_with(".vtt")))
      return {"decode", track, false, each.file + " was booked without a decoded frame"};
  return {"decode", track, true, fmt::format("{} files decoded by the worker that made them", run.size())};
}

Check stills_asked_for(const PlannedOutput& output, const Run& run) {
  return {"stills", output.path, run.size() == output.stills.at.size(),
          fmt::format("{} asked for, {} made", output.stills.at.size(), run.size())};
}

Check as_joined(const PlannedOutput& output, const Run& run, const Segments& segments) {
  const bool pictures = !output.renditions.empty();
  const std::string& from = pictures ? output.renditions.front() : output.sounds.front();
  const std::int64_t wanted = summary_of(from, segments).frames_out;
  const std::int64_t found = run.empty() ? 0 : run.front().frames;
  return {
      pictures ? "pictures in the file" : "samples in the file", output.path,
      pictures ? found == wanted : about_equal(found, wanted),
      fmt::format("{} {} in the file, {} in its segments", found, pictures ? "pictures" : "samples", wanted)};
}

// Packets that are copied are no frames yet: nothing to compare.
bool is_coded(const PlannedOutput& output, OutputFrames frames) {
  if (!output.in_one_go) return false;
  return frames == OutputFrames::pictures ? !output.in_one_go->copy_video : !output.in_one_go->copy_audio;
}

Check as_source(const PlannedOutput& output, const Run& run, OutputFrames frames) {
  const std::int64_t in = run.empty() ? 0 : run.front().frames_in;
  const std::int64_t out = run.empty() ? 0 : run.front().frames;
  Check check{"frames out = frames in", output.path, in == out, fmt::format("{} in, {} out", in, out)};
  if (frames == OutputFrames::samples) {
    check.holds = about_equal(out, in);
  } else if (output.in_one_go->picture && output.in_one_go->picture->max_frame_rate.known()) {
    check.name = "frames out within the rate";
    check.holds = out > 0 && out <= in;
  }
  return check;
}

}  // namespace

OutputFrames frames_of(const PlannedOutput& output) {
  switch (output.type) {
    case PlannedOutput::Type::audio:
      return OutputFrames::samples;
    case PlannedOutput::Type::file:
      if (output.in_one_go) {
        const bool pictures = output.in_one_go->picture || output.in_one_go->copy_video;
        return pictures ? OutputFrames::pictures : OutputFrames::samples;
      }
      return output.renditions.empty() ? OutputFrames::samples : OutputFrames::pictures;
    case PlannedOutput::Type::adaptive:
    case PlannedOutput::Type::thumbnails:
    case PlannedOutput::Type::sprites:
      break;
  }
  return OutputFrames::pictures;
}

std::vector<Check> output_checks(const Plan& plan, const Segments& segments) {
  std::vector<Check> checks;
  const auto add = [&](const std::string& track) {
    Run run = run_from_start(track, segments);
    checks.push_back(every_file(track, run, segments));
    checks.push_back(decodes(track, run));
    return run;
  };
  for (const PlannedOutput& output : plan.outputs) {
    if (output.type == PlannedOutput::Type::adaptive) continue;
    const Run run = add(output.path);
    const OutputFrames frames = frames_of(output);
    if (output.type == PlannedOutput::Type::thumbnails && !output.stills.at.empty() && !plan.accept_damage)
      checks.push_back(stills_asked_for(output, run));
    if (!output.is_made_alone())
      checks.push_back(as_joined(output, run, segments));
    else if (is_coded(output, frames))
      checks.push_back(as_source(output, run, frames));
  }
  for (const PlannedSubtitle& subtitle : plan.subtitles) add(subtitle.folder);
  return checks;
}

}  // namespace millrace::engine
