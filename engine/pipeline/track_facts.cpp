#include "engine/pipeline/track_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "engine/pipeline/hdr_metadata.h"
#include "engine/pipeline/sound_mix.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/dovi_meta.h>
#include <libavutil/pixdesc.h>
}

namespace millrace::engine {
namespace {

std::string text_or(const char* text, const char* otherwise) { return text != nullptr ? text : otherwise; }

std::string tag_of(const AVStream& stream, const char* key) {
  const AVDictionaryEntry* entry = av_dict_get(stream.metadata, key, nullptr, 0);
  return entry != nullptr ? entry->value : "";
}

std::string language_of(const AVStream& stream) {
  const std::string language = tag_of(stream, "language");
  return language == "und" ? "" : language;
}

// Matroska's writers put the end of each track into a tag: "00:00:10.031000000"; 0 for anything else.
double end_in_tag(const AVStream& stream) {
  int hours = 0;
  int minutes = 0;
  double seconds = 0;
  const std::string text = tag_of(stream, "DURATION");
  if (std::sscanf(text.c_str(), "%d:%d:%lf", &hours, &minutes, &seconds) != 3) return 0;
  return hours * 3600.0 + minutes * 60.0 + seconds;
}

double seconds_of(const AVStream& stream) {
  const double unit = av_q2d(stream.time_base);
  if (stream.duration != AV_NOPTS_VALUE && stream.duration > 0)
    return static_cast<double>(stream.duration) * unit;
  const double start =
      stream.start_time == AV_NOPTS_VALUE ? 0 : static_cast<double>(stream.start_time) * unit;
  const double end = end_in_tag(stream);
  return end > 0 ? std::max(end - start, 0.0) : 0;
}

// The profile and what else can show it: "8.4". Empty without Dolby Vision.
std::string dolby_vision_of(const AVStream& stream) {
  const std::string_view bytes = side_data_of(stream, AV_PKT_DATA_DOVI_CONF);
  AVDOVIDecoderConfigurationRecord record;
  if (bytes.size() < sizeof record) return {};
  std::memcpy(&record, bytes.data(), sizeof record);
  return fmt::format("{}.{}", record.dv_profile, record.dv_bl_signal_compatibility_id);
}

bool is_default(const AVStream& stream) { return (stream.disposition & AV_DISPOSITION_DEFAULT) != 0; }

// FFmpeg knows "unknown" under several names.
std::string colour_name(const char* name) {
  const std::string text = text_or(name, "unknown");
  return text == "reserved" || text == "unspecified" ? "unknown" : text;
}

}  // namespace

Orientation orientation_of(const std::int32_t* matrix) {
  if (matrix == nullptr) return {};
  const double a = matrix[0];
  const double b = matrix[1];
  const double c = matrix[3];
  const double d = matrix[4];
  const double area = a * d - b * c;
  if (area == 0) return {};
  // A turn is (cos sin; -sin cos) with y downwards; a flip after it changes the signs of a and c only.
  const double degrees = std::atan2(b, d) * 180 / M_PI;
  const int quarters = static_cast<int>(std::lround(degrees / 90));
  return {((quarters % 4 + 4) % 4) * 90, area < 0};
}

VideoTrack video_facts(const AVStream& stream) {
  const AVCodecParameters& coded = *stream.codecpar;
  VideoTrack track;
  track.index = stream.index;
  track.codec = avcodec_get_name(coded.codec_id);
  track.profile = text_or(avcodec_profile_name(coded.codec_id, coded.profile), "");
  track.width = coded.width;
  track.height = coded.height;
  const AVRational aspect = av_guess_sample_aspect_ratio(nullptr, const_cast<AVStream*>(&stream), nullptr);
  track.sample_aspect = aspect.num > 0 && aspect.den > 0 ? from_av(aspect).reduced() : Rational{1, 1};
  const Orientation orientation = orientation_of(display_matrix_of(stream));
  track.rotation_degrees = orientation.rotation_degrees;
  track.mirrored = orientation.mirrored;
  const auto format = static_cast<AVPixelFormat>(coded.format);
  track.pixel_format = text_or(av_get_pix_fmt_name(format), "unknown");
  if (const AVPixFmtDescriptor* description = av_pix_fmt_desc_get(format)) {
    track.bits_per_component = description->comp[0].depth;
    track.has_alpha = (description->flags & AV_PIX_FMT_FLAG_ALPHA) != 0;
  }
  track.color_range = colour_name(av_color_range_name(coded.color_range));
  if (track.color_range == "unknown" && track.pixel_format.starts_with("yuvj")) track.color_range = "pc";
  track.color_matrix = colour_name(av_color_space_name(coded.color_space));
  track.color_primaries = colour_name(av_color_primaries_name(coded.color_primaries));
  track.color_transfer = colour_name(av_color_transfer_name(coded.color_trc));
  track.interlaced = coded.field_order != AV_FIELD_UNKNOWN && coded.field_order != AV_FIELD_PROGRESSIVE;
  track.top_field_first = coded.field_order != AV_FIELD_BB && coded.field_order != AV_FIELD_TB;
  track.frame_rate = from_av(stream.avg_frame_rate.num > 0 ? stream.avg_frame_rate : stream.r_frame_rate);
  if (!track.frame_rate.known()) track.frame_rate = {};
  track.time_base = from_av(stream.time_base);
  track.first_pts = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  track.duration_seconds = seconds_of(stream);
  track.frame_count = std::max<std::int64_t>(stream.nb_frames, 0);
  track.bits_per_second = coded.bit_rate;
  track.language = language_of(stream);
  track.is_default = is_default(stream);
  // Cover art, and the little pictures of chapters.
  track.attached_picture =
      (stream.disposition & (AV_DISPOSITION_ATTACHED_PIC | AV_DISPOSITION_TIMED_THUMBNAILS)) != 0;
  track.dolby_vision = dolby_vision_of(stream);
  track.hdr = hdr_metadata_of(stream);
  return track;
}

AudioTrack audio_facts(const AVStream& stream) {
  const AVCodecParameters& coded = *stream.codecpar;
  AudioTrack track;
  track.index = stream.index;
  track.codec = avcodec_get_name(coded.codec_id);
  track.channels = coded.ch_layout.nb_channels;
  char layout[128] = {};
  if (!can_be_mixed(coded.ch_layout))
    track.channel_layout = fmt::format("{} channels", track.channels);
  else if (av_channel_layout_describe(&coded.ch_layout, layout, sizeof layout) > 0)
    track.channel_layout = layout;
  track.sample_rate = coded.sample_rate;
  track.time_base = from_av(stream.time_base);
  track.first_pts = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  track.duration_seconds = seconds_of(stream);
  track.bits_per_second = coded.bit_rate;
  track.language = language_of(stream);
  track.is_default = is_default(stream);
  return track;
}

OtherTrack other_facts(const AVStream& stream) {
  OtherTrack track;
  track.index = stream.index;
  switch (stream.codecpar->codec_type) {
    case AVMEDIA_TYPE_SUBTITLE:
      track.kind = "subtitle";
      break;
    case AVMEDIA_TYPE_ATTACHMENT:
      track.kind = "attachment";
      break;
    default:
      track.kind = "data";
  }
  track.codec =
      stream.codecpar->codec_id == AV_CODEC_ID_NONE ? "unknown" : avcodec_get_name(stream.codecpar->codec_id);
  track.language = language_of(stream);
  track.title = tag_of(stream, "title");
  track.is_default = is_default(stream);
  track.forced = (stream.disposition & AV_DISPOSITION_FORCED) != 0;
  return track;
}

}  // namespace millrace::engine
