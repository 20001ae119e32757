#include "engine/plan/job_times.h"

#include <algorithm>

namespace millrace::engine {

std::int64_t origin_pts(const Plan& plan, const Rational& time_base) {
  __extension__ using Wide = __int128;
  std::int64_t first_pts = 0;
  Rational unit{1, kTicksPerSecond};
  if (const VideoTrack* video = plan.source.main_video()) {
    first_pts = video->first_pts;
    unit = video->time_base.reduced();
  } else if (const AudioTrack* audio = plan.source.main_audio()) {
    first_pts = audio->first_pts;
    unit = audio->time_base.reduced();
  }
  if (!unit.known() || !time_base.known()) return 0;
  const Rational wanted = time_base.reduced();
  // first_pts * unit + trim_from / 90000 seconds over wanted, on one fraction. The common case, the track's
  // own units and no trim, gives back first_pts exactly.
  const Wide above = (static_cast<Wide>(first_pts) * unit.numerator * kTicksPerSecond +
                      static_cast<Wide>(plan.trim_from) * unit.denominator) *
                     wanted.denominator;
  const Wide below = static_cast<Wide>(unit.denominator) * kTicksPerSecond * wanted.numerator;
  return static_cast<std::int64_t>((above >= 0 ? above + below / 2 : above - below / 2) / below);
}

namespace {

double seconds_of(const Source& source) {
  if (const VideoTrack* video = source.main_video()) {
    if (video->duration_seconds > 0) return video->duration_seconds;
  } else if (const AudioTrack* audio = source.main_audio()) {
    if (audio->duration_seconds > 0) return audio->duration_seconds;
  }
  return source.duration_seconds;
}

// What the trim leaves of a source that ends at `end`; 0: not known.
double trimmed_seconds(const Plan& plan, double end) {
  const double from = static_cast<double>(plan.trim_from) / kTicksPerSecond;
  const double to = static_cast<double>(plan.trim_to) / kTicksPerSecond;
  if (plan.trim_to > 0) end = end > 0 ? std::min(end, to) : to;
  return end > 0 ? std::max(end - from, 0.0) : 0;
}

}  // namespace

double media_seconds(const Plan& plan) {
  return trimmed_seconds(plan, plan.source.length_promised ? 0 : seconds_of(plan.source));
}

double expected_seconds(const Plan& plan) { return trimmed_seconds(plan, seconds_of(plan.source)); }

}  // namespace millrace::engine
