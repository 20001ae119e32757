#include "engine/plan/slide_decisions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/job/slide_show.h"
#include "engine/plan/text.h"

namespace millrace::engine {
namespace {

Decision pictures_decision(const Source& source, const SlideShow& show) {
  const auto cards = std::count_if(show.slides.begin(), show.slides.end(),
                                   [](const Slide& slide) { return !slide.text.empty(); });
  const auto images = static_cast<std::int64_t>(show.slides.size()) - cards;
  std::string reason;
  if (images > 0) reason = "images are turned upright and fitted into the frame on " + show.background;
  if (cards > 0)
    reason += fmt::format("{}text is drawn in DejaVu Sans as large as fits", images > 0 ? "; " : "");
  return {"slides", "cpu",
          fmt::format("{} and {}, {} at {} fps, {}x{}", count_text(images, "image"),
                      count_text(cards, "text card"), seconds_text(source.duration_seconds),
                      rate_text(kSlideRate), show.width, show.height),
          reason};
}

Decision sound_decision(const AudioTrack& track, double seconds) {
  constexpr double kSame = 0.02;
  const double sound = track.duration_seconds;
  std::string choice = "cut or filled up with silence to " + seconds_text(seconds);
  std::string reason = "its length is not known before it is read";
  if (sound > 0) {
    reason = fmt::format("it is {} long, the pictures {}", seconds_text(sound), seconds_text(seconds));
    if (sound > seconds + kSame)
      choice = "cut to " + seconds_text(seconds);
    else if (sound < seconds - kSame)
      choice = fmt::format("{} of silence follow it", seconds_text(seconds - sound));
    else
      choice = "as long as the pictures";
  }
  return {"sound track", "cpu", fmt::format("{}: {}", track.url, choice), reason};
}

}  // namespace

std::vector<Decision> slide_decisions(const Source& source) {
  const Result<SlideShow> show = slides_of_url(source.url);
  if (!show.ok()) return {};
  std::vector<Decision> decisions = {pictures_decision(source, *show)};
  for (const AudioTrack& track : source.audio)
    if (!track.url.empty()) decisions.push_back(sound_decision(track, source.duration_seconds));
  return decisions;
}

}  // namespace millrace::engine
