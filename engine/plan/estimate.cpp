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

// Measured with 1080p sources: a worker that does next to nothing; pictures that a decoder and the queues
// behind it hold; pictures' worth of memory that an encoder takes with its look-ahead and threads.
constexpr double kWorkerBytes = 64e6;
constexpr double kDecodedPictures = 26;
constexpr double kEncodedPictures = 160;
constexpr double kEncodedPicturesOfAv1 = 220;

double bytes_of_picture(int width, int height, bool ten_bit) {
  return 1.5 * width * height * (ten_bit ? 2 : 1);
}

double bytes_of_encoder(const PlannedRendition& each) {
  const double pictures = each.codec == VideoCodec::av1 ? kEncodedPicturesOfAv1 : kEncodedPictures;
  return pictures * bytes_of_picture(each.width, each.height, each.ten_bit);
}

// With the worker around it.
double bytes_of_decoder(const Plan& plan) {
  const VideoTrack* video = plan.source.main_video();
  if (video == nullptr) return kWorkerBytes;
  return kWorkerBytes + kDecodedPictures * bytes_of_picture(video->width, video->height, /*ten_bit=*/false);
}

}  // namespace

std::int64_t estimate_range_memory(const Plan& plan) {
  if (plan.renditions.empty()) return 0;
  double bytes = bytes_of_decoder(plan);
  for (const PlannedRendition& each : plan.renditions) bytes += bytes_of_encoder(each);
  return std::llround(bytes);
}

std::int64_t estimate_memory(const Plan& plan) {
  const double decoder = bytes_of_decoder(plan);
  double bytes = kWorkerBytes * static_cast<double>(plan.sounds.size());
  bytes += static_cast<double>(estimate_range_memory(plan)) * std::max(plan.ranges_at_once, 1);
  // One after another.
  double most_alone = 0;
  for (const PlannedOutput& output : plan.outputs) {
    double alone = kWorkerBytes;
    if (output.in_one_go && output.in_one_go->picture)
      alone = decoder + bytes_of_encoder(*output.in_one_go->picture);
    if (output.stills.width > 0) alone = decoder;
    if (output.is_made_alone()) most_alone = std::max(most_alone, alone);
  }
  return std::llround(bytes + most_alone);
}

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
