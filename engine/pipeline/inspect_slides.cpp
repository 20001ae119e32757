#include "engine/pipeline/inspect_slides.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

#include "engine/job/json_text.h"
#include "engine/job/ladder.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/overlay_image.h"
#include "engine/pipeline/slide_picture.h"
#include "engine/pipeline/track_facts.h"

namespace millrace::engine {
namespace {

struct LookedAt {
  PictureSize frame;  // that it would fill
  std::string sha256;
};

// The frame that an image of this size fills.
PictureSize frame_for(int width, int height) {
  SlideShow show;
  choose_frame(show, width, height);
  return {show.width, show.height};
}

int area_of(const PictureSize& size) { return size.width * size.height; }

Result<LookedAt> look_at(const std::string& url) {
  const auto image = OverlayImage::load(url);
  if (!image.ok()) return image.status();
  return LookedAt{frame_for(image->width(), image->height()), image->sha256};
}

// Notes the images' digests and gives the largest frame that one of them fills.
Result<PictureSize> look_at_images(SlideShow& show, const std::stop_token& stop) {
  std::map<std::string, LookedAt> seen;
  PictureSize largest;
  for (std::size_t i = 0; i < show.slides.size(); ++i) {
    Slide& slide = show.slides[i];
    if (slide.image.empty()) continue;
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped on request");
    auto found = seen.find(slide.image);
    if (found == seen.end()) {
      auto image = look_at(slide.image);
      if (!image.ok()) return Status(image.status()).at_field(field_path("input.slides", i) + ".image");
      found = seen.emplace(slide.image, *image).first;
    }
    slide.sha256 = found->second.sha256;
    if (area_of(found->second.frame) > area_of(largest)) largest = found->second.frame;
  }
  return largest;
}

Status draw_a_card(const SlideShow& show) {
  for (std::size_t i = 0; i < show.slides.size(); ++i) {
    if (show.slides[i].text.empty()) continue;
    const auto picture = draw_slide(show, show.slides[i]);
    return picture.ok() ? Status()
                        : Status(picture.status()).at_field(field_path("input.slides", i) + ".text");
  }
  return {};
}

// A sound file's main track, as a track of the show.
Status add_sound(const SlideShow& show, std::stop_token stop, bool accept_damage, Source& source) {
  if (show.audio.empty()) return {};
  const char* field = "input.audio";
  Result<Source> file = inspect(show.audio, std::move(stop), accept_damage);
  if (!file.ok()) return Status(file.status()).at_field(field);
  const AudioTrack* track = file->main_audio();
  if (track == nullptr)
    return Status(Code::unsupported,
                  show.audio + ": it has no sound; name a file with sound, or leave it out")
        .at_field(field);
  source.audio = {*track};
  AudioTrack& sound = source.audio.front();
  if (sound.url.empty()) {
    sound.url = show.audio;
    sound.size_bytes = file->size_bytes;
  }
  sound.same_clock = false;
  sound.start_seconds = 0;
  source.chosen_audio = 0;
  source.damage = std::move(file->damage);
  source.repairs = std::move(file->repairs);
  return {};
}

}  // namespace

Result<Source> inspect_slides(SlideShow show, std::stop_token stop, bool accept_damage) {
  const auto largest = look_at_images(show, stop);
  if (!largest.ok()) return largest.status();
  if (show.width == 0) {
    constexpr PictureSize kOfCards{1920, 1080};
    const PictureSize frame = largest->width > 0 ? *largest : kOfCards;
    show.width = frame.width;
    show.height = frame.height;
  }
  if (Status status = draw_a_card(show); !status.ok()) return status;

  Source source;
  source.url = slides_url(show);
  source.container = "slides";
  auto input = MediaInput::open(source.url, stop);
  if (!input.ok()) return input.status();
  source.can_seek = (*input)->can_seek();
  VideoTrack video = video_facts(*(*input)->format().streams[0]);
  video.frame_count = slide_ends(show).back();
  source.duration_seconds = video.duration_seconds;
  source.video = {std::move(video)};
  source.chosen_video = 0;
  if (Status status = add_sound(show, stop, accept_damage, source); !status.ok()) return status;
  return source;
}

}  // namespace millrace::engine
