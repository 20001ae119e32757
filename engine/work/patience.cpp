#include "engine/work/patience.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <variant>

namespace millrace::engine {
namespace {

using std::chrono::milliseconds;

// Pictures that an encoder may take in before the first one comes out, and code in one go after that.
constexpr double kPicturesAtOnce = 64;
constexpr double kSlowDiskBytesPerSecond = 5e6;
constexpr double kMostSeconds = 3600;

// Of a megapixel on one core of a slow and busy machine, at a preset about as fast as x264's veryfast; some
// ten times what such a core needs when it is left alone.
double seconds_per_megapixel(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::h264:
    case VideoCodec::theora:
      return 0.1;
    case VideoCodec::vp9:
      return 0.3;
    case VideoCodec::hevc:
    case VideoCodec::av1:
      return 0.5;
  }
  return 0.5;
}

// How many times as long as at veryfast.
double slowness(std::string_view preset) {
  constexpr std::array<std::string_view, 3> kMiddling{"faster", "fast", "medium"};
  constexpr std::array<std::string_view, 4> kSlow{"slow", "slower", "veryslow", "placebo"};
  if (std::find(kMiddling.begin(), kMiddling.end(), preset) != kMiddling.end()) return 4;
  return std::find(kSlow.begin(), kSlow.end(), preset) != kSlow.end() ? 20 : 1;
}

double encoding_seconds(const PlannedRendition& rendition) {
  return static_cast<double>(rendition.width) * rendition.height / 1e6 *
         seconds_per_megapixel(rendition.codec) * slowness(rendition.preset) * kPicturesAtOnce;
}

struct SecondsMore {
  double operator()(const InspectTask&) const { return 0; }
  double operator()(const SoundTask&) const { return 0; }
  double operator()(const FilmTask&) const { return 0; }
  double operator()(const CompareTask&) const { return 0; }
  double operator()(const RangeTask& task) const {
    double seconds = 0;
    for (const PlannedRendition& each : task.plan.renditions) seconds += encoding_seconds(each);
    return seconds;
  }
  double operator()(const OutputTask& task) const {
    double seconds = static_cast<double>(task.plan.estimated_bytes) / kSlowDiskBytesPerSecond;
    if (task.output >= task.plan.outputs.size()) return seconds;
    const std::optional<PlannedFile>& file = task.plan.outputs[task.output].in_one_go;
    if (file && file->picture) seconds += encoding_seconds(*file->picture);
    return seconds;
  }
};

}  // namespace

milliseconds patience_of(const Task& task, milliseconds least) {
  const double seconds = std::clamp(std::visit(SecondsMore{}, task), 0.0, kMostSeconds);
  return least + milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace millrace::engine
