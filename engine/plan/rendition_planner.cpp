#include "engine/plan/rendition_planner.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/job/json_text.h"

namespace millrace::engine {
namespace {

constexpr int kTallestFile = 1080;

}  // namespace

std::int64_t area(const PlannedRendition& rendition) {
  return static_cast<std::int64_t>(rendition.width) * rendition.height;
}

// The limit that is worth setting: none where the source is never faster.
Rational RenditionPlanner::limit(const Rational& asked) const {
  const Rational& rate = video_.frame_rate;
  if (!asked.known()) return {};
  const bool never =
      rate.known() && !video_.variable_frame_rate && rate.as_double() <= asked.as_double() * 1.01;
  return never ? Rational() : asked;
}

// What comes out under a limit; not known stays not known.
Rational RenditionPlanner::rate_under(const Rational& limit) const {
  return limit.known() && limit < video_.frame_rate ? limit : video_.frame_rate;
}

// GOPs of a segment are of one length, so that the grid stays every rendition's.
std::int64_t RenditionPlanner::gop_ticks(double gop_seconds) const {
  if (gop_seconds <= 0) return 0;
  const double segment = static_cast<double>(clock_.segment_ticks()) / kTicksPerSecond;
  const std::int64_t gops = std::max<std::int64_t>(1, std::llround(segment / gop_seconds));
  return gops == 1 ? 0 : std::max<std::int64_t>(1, clock_.segment_ticks() / gops);
}

Result<PlannedRendition> RenditionPlanner::rendition(const Rung& rung, VideoCodec codec,
                                                     const std::string& preset, double gop_seconds,
                                                     const std::string& codec_field) const {
  const PictureSize size = rung_size(rung.height, video_.size);
  PlannedRendition planned;
  planned.name = rung_name(rung);
  planned.width = size.width;
  planned.height = size.height;
  planned.bits_per_second = rung.bits_per_second;
  planned.quality = rung.quality;
  planned.max_bits_per_second = rung.max_bits_per_second;
  planned.max_frame_rate = limit(rung.max_frame_rate);
  planned.frame_rate = rate_under(planned.max_frame_rate);
  planned.codec = rung.codec.value_or(codec);
  planned.preset = preset;
  planned.gop_ticks = gop_ticks(gop_seconds);
  planned.ten_bit = video_.is_hdr;
  if (video_.is_hdr && !can_keep_hdr(planned.codec))
    return refused(
        Code::unsupported, codec_field,
        fmt::format("{} of {} is 8 bit and carries no HDR; use hevc, av1 or vp9, or let hdr be sdr",
                    name_of(planned.codec), planned.name));
  return planned;
}

Result<std::vector<PlannedRendition>> RenditionPlanner::of_ladder(const AdaptiveOutput& output,
                                                                  const std::string& field) const {
  std::vector<Rung> ladder = auto_ladder(video_.size, video_.frame_rate, output.codec);
  if (!output.ladder.empty()) {
    auto checked = checked_ladder(output.ladder, video_.size, video_.frame_rate, output.codec);
    if (!checked.ok()) return refused(checked.status().code(), field + ".ladder", checked.status().message());
    ladder = *std::move(checked);
  }
  std::vector<PlannedRendition> renditions;
  for (const Rung& rung : ladder) {
    auto each = rendition(rung, output.codec, output.preset, output.gop_seconds, field + ".codec");
    if (!each.ok()) return each.status();
    each->folder = output.name + "/" + each->name;
    renditions.push_back(*std::move(each));
  }
  return renditions;
}

Result<PlannedRendition> RenditionPlanner::of_file(const FileOutput& output, const std::string& field) const {
  const int lines = std::min(video_.size.width, video_.size.height);
  if (output.height.value_or(0) > lines)
    return refused(Code::invalid_argument, field + ".video.height",
                   fmt::format("{}p: the source is {}x{}; give at most {} or leave it out", *output.height,
                               video_.size.width, video_.size.height, lines));
  // What the file leaves open is the auto ladder's: its frame rate, and its bits for the height.
  Rung rung = auto_ladder(video_.size, video_.frame_rate, output.codec).front();
  if (output.max_frame_rate.known()) rung.max_frame_rate = output.max_frame_rate;
  const Rational rate = rate_under(limit(rung.max_frame_rate));
  const Rung top = auto_ladder(video_.size, rate, output.codec).front();
  rung.height = output.height.value_or(std::min(lines, kTallestFile));
  rung.quality = output.quality;
  rung.max_bits_per_second = output.max_bits_per_second;
  rung.bits_per_second = output.bits_per_second.value_or(
      rung.height == top.height ? top.bits_per_second
                                : auto_bits_per_second(rung.height, rate, output.codec));
  if (rung.max_bits_per_second > 0)
    rung.bits_per_second = std::min(rung.bits_per_second, rung.max_bits_per_second);
  return rendition(rung, output.codec, output.preset, output.gop_seconds, field + ".video.codec");
}

const PlannedRendition* fitting(const FileOutput& output, const PlannedRendition& own,
                                std::span<const PlannedRendition> all, std::size_t adaptive) {
  // Of the rate control, the file leaves everything open or nothing.
  const bool leaves_rate = !output.bits_per_second && !output.quality && output.max_bits_per_second == 0;
  const PlannedRendition* best = nullptr;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const PlannedRendition& each = all[i];
    if (each.codec != own.codec || each.preset != own.preset || each.ten_bit != own.ten_bit ||
        each.burn != own.burn || !(each.max_frame_rate == own.max_frame_rate))
      continue;
    const bool open = i < adaptive;
    const bool same_size = each.width == own.width && each.height == own.height;
    const bool same_rate = each.bits_per_second == own.bits_per_second && each.quality == own.quality &&
                           each.max_bits_per_second == own.max_bits_per_second;
    const bool size_fits = same_size || (open && !output.height && leaves_rate);
    const bool rate_fits = same_rate || (open && leaves_rate);
    const bool gop_fits = each.gop_ticks == own.gop_ticks || (open && output.gop_seconds == 0);
    if (size_fits && rate_fits && gop_fits && (best == nullptr || area(each) > area(*best))) best = &each;
  }
  return best;
}

}  // namespace millrace::engine
