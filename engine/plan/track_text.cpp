#include "engine/plan/track_text.h"

#include <fmt/format.h>

#include "engine/plan/text.h"

namespace millrace::engine {

std::string codec_text(const PlannedRendition& rendition) {
  std::string text(name_of(rendition.codec));
  if (rendition.codec != VideoCodec::theora) text += " " + rendition.preset;
  if (rendition.ten_bit) text += ", 10 bit";
  return text;
}

std::string rate_control_text(const PlannedRendition& rendition) {
  std::string text = rendition.quality ? fmt::format("quality {:g}", *rendition.quality)
                                       : bit_rate_text(rendition.bits_per_second);
  if (rendition.max_bits_per_second > 0) text += ", at most " + bit_rate_text(rendition.max_bits_per_second);
  return text;
}

std::string encode_text(const PlannedRendition& rendition) {
  std::string text = codec_text(rendition) + ", " + rate_control_text(rendition);
  if (rendition.gop_ticks > 0)
    text += fmt::format(", an IDR every {}",
                        seconds_text(static_cast<double>(rendition.gop_ticks) / kTicksPerSecond));
  return text + ", " + count_text(rendition.encoder_threads, "thread");
}

std::string sound_text(const PlannedSound& sound) {
  return fmt::format("{} {}, {} Hz, {}{}", name_of(sound.codec), channels_text(sound.channels),
                     sound.sample_rate, sound.codec == AudioCodec::flac ? "about " : "",
                     bit_rate_text(sound.bits_per_second));
}

std::string stills_text(const PlannedOutput& output) {
  const PlannedStills& stills = output.stills;
  std::string text = fmt::format("{} {}x{}", name_of(stills.format), stills.width, stills.height);
  if (stills.pad) text += " on black";
  text += stills.at.empty() ? ", every " + seconds_text(stills.every)
                            : ", " + count_text(static_cast<std::int64_t>(stills.at.size()), "still");
  if (stills.columns > 0) text += ", " + count_text(stills.columns, "column");
  return text;
}

}  // namespace millrace::engine
