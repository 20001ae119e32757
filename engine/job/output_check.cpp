#include "engine/job/output_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "engine/job/names.h"
#include "engine/job/spec_check.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kMostRungs = 16;
constexpr std::size_t kMostLanguages = 16;
constexpr std::size_t kMostStills = 1000;
constexpr double kShortestGop = 0.1;
constexpr double kLongestGop = 10;
constexpr double kShortestStep = 0.01;  // between stills
// The longest side of a WebP, and of what most programs open.
constexpr int kWidestSheet = 16'383;
constexpr int kLargestStill = 8192;

Status check_height(const std::string& field, int height) {
  if (height >= 96 && height <= 4320 && height % 2 == 0) return {};
  return bad(field, fmt::format("{} is not allowed; give an even number of lines from 96 to 4320", height));
}

Status check_video_bits(const std::string& field, std::int64_t bits) {
  return check_range(field, bits, 10'000, 200'000'000);
}

Status check_frame_rate(const std::string& field, const Rational& rate) {
  if (rate.numerator == 0) return {};
  if (rate.known() && rate.as_double() >= 1 && rate.as_double() <= 240) return {};
  return bad(field, fmt::format("{} frames per second is out of range; allowed: 1 to 240", rate.as_double()));
}

Status check_preset(const std::string& field, const std::string& preset) {
  if (is_preset(preset)) return {};
  return bad(field, fmt::format("{} is not a preset; allowed: {}", in_quotes(preset), preset_names()));
}

Status check_codec(const std::string& field, VideoCodec codec, std::span<const VideoCodec> allowed,
                   std::string_view where) {
  if (std::find(allowed.begin(), allowed.end(), codec) != allowed.end()) return {};
  std::vector<std::string_view> names;
  for (const VideoCodec each : allowed) names.push_back(name_of(each));
  return bad(field, fmt::format("{} does not go into {}; allowed: {}", name_of(codec), where,
                                fmt::join(names, ", ")));
}

// How the bits of a rung or a file are found.
struct RateControl {
  VideoCodec codec = VideoCodec::h264;
  std::int64_t bits_per_second = 0;  // 0: not said
  std::optional<double> quality;
  std::int64_t max_bits_per_second = 0;
};

Status check_quality(const std::string& field, const RateControl& rate) {
  const std::optional<QualityRange> range = quality_range(rate.codec);
  if (!range)
    return bad(field, fmt::format("{} has no constant quality here; give a bitrate", name_of(rate.codec)));
  const bool whole = !range->whole_numbers || std::floor(*rate.quality) == *rate.quality;
  if (!whole || !(*rate.quality >= range->best && *rate.quality <= range->worst))
    return bad(field, fmt::format("{} is no rate factor of {}; allowed: {}{} (best) to {}", *rate.quality,
                                  name_of(rate.codec), range->whole_numbers ? "whole numbers from " : "",
                                  range->best, range->worst));
  if (rate.bits_per_second != 0)
    return bad(field, "stands beside bitrate; give one of the two (max_bitrate caps a quality)");
  return {};
}

Status check_rate_control(const std::string& field, const RateControl& rate) {
  if (rate.bits_per_second != 0) {
    if (Status s = check_video_bits(field + ".bitrate", rate.bits_per_second); !s.ok()) return s;
  }
  if (rate.quality) {
    if (Status s = check_quality(field + ".quality", rate); !s.ok()) return s;
  }
  if (rate.max_bits_per_second == 0) return {};
  const std::string max = field + ".max_bitrate";
  if (rate.codec == VideoCodec::theora) return bad(max, "Theora knows an average alone; leave it out");
  if (Status s = check_video_bits(max, rate.max_bits_per_second); !s.ok()) return s;
  if (rate.max_bits_per_second >= rate.bits_per_second) return {};
  return bad(max, fmt::format("{} is below the bitrate, which is {}; give at least that",
                              rate.max_bits_per_second, rate.bits_per_second));
}

Status check_gop(const std::string& field, double gop_seconds, double segment_seconds) {
  if (gop_seconds == 0) return {};
  if (Status s = check_number(field, gop_seconds, kShortestGop, kLongestGop); !s.ok()) return s;
  const double gops = segment_seconds / gop_seconds;
  if (gops > 0.5 && std::abs(gops - std::round(gops)) < 1e-6) return {};
  return bad(field, fmt::format("{} does not divide the segments of {} s; allowed: {}, {}, {} and so on",
                                gop_seconds, segment_seconds, segment_seconds, segment_seconds / 2,
                                segment_seconds / 4));
}

Status check_hdr(const std::string& field, bool keep, VideoCodec codec) {
  if (!keep || can_keep_hdr(codec)) return {};
  return bad(field, fmt::format("{} carries SDR alone here; for keep use hevc, av1 or vp9", name_of(codec)));
}

Status check_audio(const std::string& field, const AudioSettings& audio, AudioCodec codec) {
  if (const std::optional<BitRange> bits = bit_range(codec)) {
    if (Status s = check_range(field + ".bitrate", audio.bits_per_second, bits->least, bits->most); !s.ok())
      return s;
  }
  if (audio.surround && most_channels(codec) < 6)
    return bad(field + ".surround",
               fmt::format("{} holds two channels at most; leave it out", name_of(codec)));
  const std::string languages = field + ".languages";
  if (audio.languages.size() > kMostLanguages)
    return bad(languages, fmt::format("more than {} languages", kMostLanguages));
  for (std::size_t i = 0; i < audio.languages.size(); ++i) {
    if (Status s = check_language(field_path(languages, i), audio.languages[i]); !s.ok()) return s;
  }
  return check_no_doubles(languages, audio.languages, "a language");
}

Status check_copied_audio(const std::string& field, const AudioSettings& audio) {
  if (audio.surround || audio.normalise_loudness)
    return bad(field + (audio.surround ? ".surround" : ".loudness"),
               "a copy keeps the source's coded sound; leave it out");
  return {};
}

Status check_burn(const std::string& field, const std::optional<Burn>& burn) {
  return burn && burn->stream < 0 ? check_language(field, burn->language) : Status();
}

Status check_rung(const std::string& field, const Rung& rung, const AdaptiveOutput& output) {
  const VideoCodec codec = rung.codec.value_or(output.codec);
  if (Status s = check_height(field + ".height", rung.height); !s.ok()) return s;
  if (Status s = check_codec(field + ".codec", codec, video_codecs_of_adaptive(), "an adaptive output");
      !s.ok())
    return s;
  if (Status s =
          check_rate_control(field, {codec, rung.bits_per_second, rung.quality, rung.max_bits_per_second});
      !s.ok())
    return s;
  if (Status s = check_hdr(field + ".codec", output.keep_hdr, codec); !s.ok()) return s;
  return check_frame_rate(field + ".fps", rung.max_frame_rate);
}

Status check(const std::string& field, const AdaptiveOutput& output, double segment_seconds) {
  if (Status s =
          check_codec(field + ".codec", output.codec, video_codecs_of_adaptive(), "an adaptive output");
      !s.ok())
    return s;
  const bool used = output.ladder.empty() || std::any_of(output.ladder.begin(), output.ladder.end(),
                                                         [](const Rung& rung) { return !rung.codec; });
  if (Status s = check_hdr(field + ".hdr", output.keep_hdr && used, output.codec); !s.ok()) return s;
  if (output.ladder.size() > kMostRungs)
    return bad(field + ".ladder", fmt::format("more than {} rungs", kMostRungs));
  std::set<int> heights;
  for (std::size_t i = 0; i < output.ladder.size(); ++i) {
    const Rung& rung = output.ladder[i];
    const std::string here = field_path(field + ".ladder", i);
    if (Status s = check_rung(here, rung, output); !s.ok()) return s;
    if (!heights.insert(rung.height).second)
      return bad(here + ".height", fmt::format("{} stands twice; give each height once", rung.height));
  }
  if (output.packages.empty())
    return bad(field + ".package", "empty; give one or more of " + names_of<Package>());
  if (Status s = check_no_doubles(field + ".package", output.packages, "a package"); !s.ok()) return s;
  if (Status s = check_number(field + ".segment_seconds", output.segment_seconds, 1, 10); !s.ok()) return s;
  if (Status s = check_gop(field + ".gop_seconds", output.gop_seconds, segment_seconds); !s.ok()) return s;
  if (Status s = check_preset(field + ".preset", output.preset); !s.ok()) return s;
  if (Status s = check_burn(field + ".burn", output.burn); !s.ok()) return s;
  return check_audio(field + ".audio", output.audio, AudioCodec::aac);
}

// The first setting that a copied picture leaves no room for; empty: none.
std::string_view setting_beside_copy(const FileOutput& output) {
  if (output.height) return "height";
  if (output.bits_per_second) return "bitrate";
  if (output.quality) return "quality";
  if (output.max_bits_per_second != 0) return "max_bitrate";
  if (output.max_frame_rate.known()) return "fps";
  if (output.gop_seconds != 0) return "gop_seconds";
  if (output.keep_hdr) return "hdr";
  return {};
}

Status check_picture(const std::string& field, const FileOutput& output, double segment_seconds) {
  if (output.copy_video) {
    const std::string_view setting = setting_beside_copy(output);
    if (setting.empty()) return {};
    return bad(field_path(field, setting), "a copy keeps the source's coded pictures; leave it out");
  }
  if (Status s = check_codec(field + ".codec", output.codec, video_codecs(output.container),
                             name_of(output.container));
      !s.ok())
    return s;
  if (output.height) {
    if (Status s = check_height(field + ".height", *output.height); !s.ok()) return s;
  }
  if (Status s = check_rate_control(field, {output.codec, output.bits_per_second.value_or(0), output.quality,
                                            output.max_bits_per_second});
      !s.ok())
    return s;
  if (Status s = check_frame_rate(field + ".fps", output.max_frame_rate); !s.ok()) return s;
  if (Status s = check_preset(field + ".preset", output.preset); !s.ok()) return s;
  if (Status s = check_hdr(field + ".hdr", output.keep_hdr, output.codec); !s.ok()) return s;
  // Ogg is not joined from segments.
  const bool in_one_go = output.container == Container::ogg;
  return check_gop(field + ".gop_seconds", output.gop_seconds,
                   in_one_go ? output.gop_seconds : segment_seconds);
}

Status check(const std::string& field, const FileOutput& output, double segment_seconds) {
  if (Status s = check_picture(field + ".video", output, segment_seconds); !s.ok()) return s;
  if (output.burn && output.copy_video)
    return bad(field + ".burn", "a copy keeps the source's coded pictures; name a codec or leave it out");
  if (Status s = check_burn(field + ".burn", output.burn); !s.ok()) return s;
  const std::string audio = field + ".audio";
  if (output.copy_audio) {
    if (Status s = check_copied_audio(audio, output.audio); !s.ok()) return s;
  }
  return check_audio(audio, output.audio, audio_codec(output.container));
}

Status check(const std::string& field, const AudioOutput& output, double) {
  const std::string audio = field + ".audio";
  if (output.copy) {
    if (Status s = check_copied_audio(audio, output.audio); !s.ok()) return s;
  }
  if (output.audio.languages.size() > 1)
    return bad(field_path(audio + ".languages", 1), "one sound a file; ask for an output of each language");
  return check_audio(audio, output.audio, audio_codec(output.container));
}

Status check(const std::string& field, const ThumbnailsOutput& output, double) {
  const std::string at = field + ".at";
  if (output.at.empty() && output.every == 0)
    return bad(at, "missing; give times in seconds such as [1.5, 10], or every");
  if (!output.at.empty() && output.every != 0) return bad(at, "stands beside every; give one of the two");
  if (output.at.size() > kMostStills) return bad(at, fmt::format("more than {} times", kMostStills));
  for (std::size_t i = 0; i < output.at.size(); ++i) {
    if (Status s = check_number(field_path(at, i), output.at[i], 0, kLongestMediaSeconds); !s.ok()) return s;
  }
  if (Status s = check_no_doubles(at, output.at, "a time"); !s.ok()) return s;
  if (output.every != 0) {
    if (Status s = check_number(field + ".every", output.every, kShortestStep, kLongestMediaSeconds); !s.ok())
      return s;
  }
  const std::string size = output.width != 0 && output.height != 0 ? ".size" : "";
  if (output.width != 0) {
    if (Status s = check_range(field + (size.empty() ? ".width" : size), output.width, 16, kLargestStill);
        !s.ok())
      return s;
  }
  if (output.height == 0) return {};
  return check_range(field + (size.empty() ? ".height" : size), output.height, 16, kLargestStill);
}

Status check(const std::string& field, const SpritesOutput& output, double) {
  if (Status s = check_number(field + ".every", output.every, kShortestStep, kLongestMediaSeconds); !s.ok())
    return s;
  if (Status s = check_range(field + ".width", output.width, 16, 1024); !s.ok()) return s;
  if (Status s = check_range(field + ".columns", output.columns, 1, 100); !s.ok()) return s;
  if (output.width * output.columns <= kWidestSheet) return {};
  return bad(field + ".columns",
             fmt::format("{} pictures of {} pixels make a sheet wider than {}; give at most {}",
                         output.columns, output.width, kWidestSheet, kWidestSheet / output.width));
}

}  // namespace

Status check_output(const std::string& field, const Output& output, double segment_seconds) {
  return std::visit([&](const auto& each) { return check(field, each, segment_seconds); }, output);
}

}  // namespace millrace::engine
