#include "engine/plan/estimate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/plan/stills_planner.h"

namespace millrace::engine {
namespace {

// What natural pictures take at the qualities that are used.
double bytes_per_pixel(StillFormat format) {
  switch (format) {
    case StillFormat::jpg:
      return 0.15;
    case StillFormat::png:
      return 1.5;
    case StillFormat::webp:
      return 0.1;
  }
  return 0;
}

double bytes_of_stills(const PlannedOutput& output, double seconds) {
  const PlannedStills& stills = output.stills;
  return static_cast<double>(count_of_stills(stills, seconds)) * stills.width * stills.height *
         bytes_per_pixel(stills.format);
}

double bits_in_one_go(const PlannedFile& file, const Source& source, double seconds) {
  const double whole = static_cast<double>(source.size_bytes) * 8 / seconds;
  const auto copied = [&](std::int64_t said) { return said > 0 ? static_cast<double>(said) : whole; };
  double bits = 0;
  if (file.picture) bits += static_cast<double>(file.picture->bits_per_second);
  if (const VideoTrack* video = source.main_video(); file.copy_video && video != nullptr)
    bits += copied(video->bits_per_second);
  if (file.sound && file.copy_audio)
    bits += copied(source.audio[static_cast<std::size_t>(file.sound->source_track)].bits_per_second);
  if (file.sound && !file.copy_audio) bits += static_cast<double>(file.sound->bits_per_second);
  return bits;
}

}  // namespace

std::int64_t estimate_bytes(const Plan& plan, double seconds) {
  if (seconds <= 0) return 0;
  const auto times_written = [&](const std::string& folder) {
    double times = 1;
    for (const PlannedOutput& output : plan.outputs) {
      if (output.type != PlannedOutput::Type::file) continue;
      for (const auto* tracks : {&output.renditions, &output.sounds})
        times += static_cast<double>(std::count(tracks->begin(), tracks->end(), folder));
    }
    return times;
  };
  double bits = 0;
  double bytes = 0;
  for (const PlannedRendition& each : plan.renditions)
    bits += static_cast<double>(each.bits_per_second) * times_written(each.folder);
  for (const PlannedSound& each : plan.sounds)
    bits += static_cast<double>(each.bits_per_second) * times_written(each.folder);
  for (const PlannedOutput& output : plan.outputs) {
    if (output.in_one_go) bits += bits_in_one_go(*output.in_one_go, plan.source, seconds);
    if (output.stills.width > 0) bytes += bytes_of_stills(output, seconds);
  }
  return std::llround(std::min(bytes + bits * seconds / 8, 9e18));
}

}  // namespace millrace::engine
