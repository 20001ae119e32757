#include "engine/plan/trim.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/job/json_text.h"
#include "engine/plan/job_times.h"
#include "engine/plan/text.h"

namespace millrace::engine {
namespace {

// A time this share of a frame after a frame's begin still means that frame: times are written rounded.
constexpr double kSlack = 1e-3;

class Grid {
 public:
  explicit Grid(const VideoTrack* video) {
    if (video != nullptr && video->frame_rate.known() && !video->variable_frame_rate)
      rate_ = usual_rate(video->frame_rate);
  }
  bool has_frames() const { return rate_.known(); }
  const Rational& rate() const { return rate_; }

  // Of the first frame that begins at this time or after it.
  std::int64_t ticks_at(double seconds) const {
    if (!has_frames()) return std::llround(seconds * kTicksPerSecond);
    const auto frame = static_cast<std::int64_t>(std::ceil(seconds * rate_.as_double() - kSlack));
    return scale_rounded(frame, {kTicksPerSecond * rate_.denominator, rate_.numerator});
  }

 private:
  Rational rate_;
};

}  // namespace

Result<PlannedTrim> plan_trim(const Trim& asked, const Source& source) {
  PlannedTrim trim;
  if (asked.from <= 0 && asked.to <= 0) return trim;
  Plan whole;
  whole.source = source;
  const double seconds = media_seconds(whole);
  const Grid grid(source.main_video());
  const std::string length = fmt::format("the source is {} long", seconds_text(seconds));
  trim.from = grid.ticks_at(asked.from);
  const bool ends_early = asked.to > 0 && (seconds <= 0 || asked.to < seconds);
  if (ends_early) trim.to = grid.ticks_at(asked.to);
  if (seconds > 0 && trim.from >= std::llround(seconds * kTicksPerSecond))
    return refused(Code::invalid_argument, "trim.from",
                   fmt::format("{} is past the end: {}", seconds_text(asked.from), length));
  if (ends_early && trim.to <= trim.from)
    return refused(Code::invalid_argument, "trim.to",
                   fmt::format("no frame begins between {} and {}; give a longer part",
                               seconds_text(asked.from), seconds_text(asked.to)));

  const std::string end =
      ends_early ? seconds_text(static_cast<double>(trim.to) / kTicksPerSecond) : std::string("the end");
  std::string reason = "asked for";
  if (grid.has_frames()) reason += fmt::format("; cut on whole frames of {} fps", rate_text(grid.rate()));
  if (asked.to > 0 && !ends_early) reason += fmt::format("; {}, no more is there", length);
  trim.decisions.push_back(
      {"trim", "cpu",
       fmt::format("{} to {}", seconds_text(static_cast<double>(trim.from) / kTicksPerSecond), end), reason});
  return trim;
}

}  // namespace millrace::engine
