#include "engine/pipeline/picture_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/pipeline/hdr_metadata.h"

extern "C" {
#include <libavutil/dict.h>
}

namespace millrace::engine {
namespace {

constexpr int kLookedAt = 6;
// For fields: until so many pictures moved, fewer where not one of them holds two, or so many were seen.
constexpr int kDetermined = 40;
constexpr int kWhole = 16;
constexpr int kMeasured = 120;
constexpr int kFewest = 12;

// Interlaced video has up to 1080 lines (1088 coded) and up to 30 frames a second.
bool may_hide_fields(const VideoTrack& track) {
  return track.height >= 240 && track.height <= 1088 && track.frame_rate.as_double() < 31 &&
         (track.pixel_format.starts_with("yuv4") || track.pixel_format.starts_with("yuvj4"));
}

// NTSC has 480 or 486 lines, with its blanking 512; PAL has 576 or 608; HD 1080, coded as 1088. At other
// sizes no camera made fields, and scaling would have mixed them: what looks like two is texture, as fine
// lines that move are, and deinterlacing would blur it. Telecine is only told, so it is looked for at all
// sizes.
bool has_lines_of_interlaced(const VideoTrack& track) {
  constexpr std::array kLines = {480, 486, 512, 576, 608, 1080, 1088};
  return std::find(kLines.begin(), kLines.end(), track.height) != kLines.end();
}

}  // namespace

Status FieldCount::push(FramePtr frame) {
  const auto said = [&](const char* key) -> std::string_view {
    const AVDictionaryEntry* entry = av_dict_get(frame->metadata, key, nullptr, 0);
    return entry != nullptr ? entry->value : "";
  };
  const std::string_view seen = said("lavfi.idet.single.current_frame");
  top_first_ += seen == "tff" ? 1 : 0;
  bottom_first_ += seen == "bff" ? 1 : 0;
  progressive_ += seen == "progressive" ? 1 : 0;
  const std::string_view again = said("lavfi.idet.repeated.current_frame");
  repeated_ += again == "top" || again == "bottom" ? 1 : 0;
  return {};
}

// Beside a combed picture idet calls whole ones combed too: four in five of a telecine.
bool FieldCount::interlaced() const {
  return determined() >= kFewest && combed() * 10 >= determined() * 7 && repeated_ * 5 < determined() &&
         std::max(top_first_, bottom_first_) * 10 >= combed() * 8;
}

bool FieldCount::telecine() const {
  return determined() >= kFewest && combed() * 4 >= determined() && repeated_ * 5 >= determined();
}

PictureLook::PictureLook(const VideoTrack& track)
    : may_hide_fields_(may_hide_fields(track)),
      may_be_interlaced_(track.interlaced || has_lines_of_interlaced(track)),
      idet_({"idet", kTicks, {0, 1}, {0, 1}, 1}, fields_) {}

bool PictureLook::enough() const {
  // What lies before the first mark may be a leader.
  if (marked_ > 0) return since_mark_ >= kLookedAt;
  if (count_ < kLookedAt) return false;
  const int wanted = fields_.combed() == 0 ? kWhole : kDetermined;
  return !may_hide_fields_ || fields_.determined() >= wanted || count_ >= kMeasured;
}

Status PictureLook::push(FramePtr frame) {
  if (enough()) return {};
  if (count_ == 0) hdr_ = hdr_metadata_of(*frame);
  if (frame->best_effort_timestamp != AV_NOPTS_VALUE) times_.push_back(frame->best_effort_timestamp);
  captions_ = captions_ || av_frame_get_side_data(frame.get(), AV_FRAME_DATA_A53_CC) != nullptr;
  ++count_;
  if (is_interlaced(*frame)) {
    ++marked_;
    top_first_ = has_top_field_first(*frame);
  }
  if (marked_ > 0) ++since_mark_;
  if (marked_ > 0 || !may_hide_fields_) return {};
  frame->pts = count_;
  return idet_.push(std::move(frame));
}

void PictureLook::keep_whole_pictures(std::vector<std::int64_t>& packet_times) const {
  if (marked_ == 0 || times_.size() < 3 || packet_times.size() < 2 * times_.size()) return;
  const auto first = std::find(packet_times.begin(), packet_times.end(), times_[0]);
  if (packet_times.end() - first < 5 || first[2] != times_[1] || first[4] != times_[2]) return;
  std::vector<std::int64_t> pictures;
  for (auto each = first; each < packet_times.end();
       each += std::min<std::ptrdiff_t>(2, packet_times.end() - each))
    pictures.push_back(*each);
  packet_times = std::move(pictures);
}

void PictureLook::tell(VideoTrack& track) const {
  if (count_ == 0) return;
  if (!times_.empty()) track.first_pts = times_.front();
  track.closed_captions = captions_;
  if (track.hdr.mastering_display.empty()) track.hdr.mastering_display = hdr_.mastering_display;
  if (track.hdr.content_light.empty()) track.hdr.content_light = hdr_.content_light;
  if (marked_ > 0) {
    // Pictures coded as fields and as frames may take turns.
    track.interlaced = track.interlaced || 4 * marked_ >= since_mark_;
    if (track.interlaced) track.top_field_first = top_first_;
    return;
  }
  if (may_be_interlaced_ && fields_.interlaced()) {
    track.scan_note = fmt::format("its frames are marked progressive, but {} of {} that move show two fields",
                                  fields_.combed(), fields_.determined());
    track.interlaced = true;
    track.top_field_first = fields_.top_first();
  } else if (!track.interlaced && fields_.telecine()) {
    track.scan_note = fmt::format(
        "{} of {} frames that move show two fields, as 3:2 pulldown (telecine) "
        "does; they are left alone",
        fields_.combed(), fields_.determined());
  }
}

}  // namespace millrace::engine
