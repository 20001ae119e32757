#include "engine/plan/copy_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>
#include <string_view>

namespace millrace::engine {
namespace {

// FFmpeg's names.
using Codecs = std::span<const std::string_view>;

Codecs pictures_in(Container container) {
  static constexpr std::string_view kMp4[] = {"h264", "hevc", "av1", "vp9", "mpeg4"};
  static constexpr std::string_view kMov[] = {"h264", "hevc", "mpeg4", "prores", "mjpeg"};
  static constexpr std::string_view kWebm[] = {"vp8", "vp9", "av1"};
  static constexpr std::string_view kOgg[] = {"theora", "vp8"};
  static constexpr std::string_view kTs[] = {"h264", "hevc", "mpeg2video"};
  static constexpr std::string_view kMkv[] = {
      "h264",  "hevc",   "av1",  "vp8",   "vp9",  "mpeg4", "mpeg2video", "mpeg1video", "msmpeg4v3", "theora",
      "mjpeg", "prores", "ffv1", "dirac", "rv10", "rv20",  "rv30",       "rv40",       "rawvideo"};
  switch (container) {
    case Container::mp4:
      return kMp4;
    case Container::mov:
      return kMov;
    case Container::webm:
      return kWebm;
    case Container::ogg:
      return kOgg;
    case Container::ts:
      return kTs;
    case Container::mkv:
      return kMkv;
  }
  return {};
}

Codecs sounds_in(Container container) {
  static constexpr std::string_view kMp4[] = {"aac", "mp3", "ac3", "eac3", "opus", "flac"};
  static constexpr std::string_view kMov[] = {"aac",       "mp3",       "ac3",       "pcm_u8",    "pcm_s8",
                                              "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le",
                                              "pcm_s32be", "pcm_f32le", "pcm_f32be", "pcm_f64le", "pcm_f64be",
                                              "pcm_mulaw", "pcm_alaw"};
  static constexpr std::string_view kWebm[] = {"opus", "vorbis"};
  static constexpr std::string_view kOgg[] = {"vorbis", "opus", "flac"};
  static constexpr std::string_view kTs[] = {"aac", "mp2", "mp3", "ac3", "eac3"};
  static constexpr std::string_view kMkv[] = {
      "aac",       "ac3",       "eac3",      "dts",       "truehd",    "mlp",       "opus",     "vorbis",
      "flac",      "alac",      "mp1",       "mp2",       "mp3",       "tta",       "wavpack",  "cook",
      "atrac3",    "sipr",      "ra_144",    "ra_288",    "qdm2",      "qdmc",      "pcm_u8",   "pcm_s16le",
      "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_s32be", "pcm_f32le", "pcm_f64le"};
  switch (container) {
    case Container::mp4:
      return kMp4;
    case Container::mov:
      return kMov;
    case Container::webm:
      return kWebm;
    case Container::ogg:
      return kOgg;
    case Container::ts:
      return kTs;
    case Container::mkv:
      return kMkv;
  }
  return {};
}

Codecs sounds_in(AudioContainer container) {
  static constexpr std::string_view kM4a[] = {"aac", "alac"};
  static constexpr std::string_view kMp3[] = {"mp3"};
  static constexpr std::string_view kOgg[] = {"vorbis", "opus", "flac"};
  static constexpr std::string_view kOpus[] = {"opus"};
  static constexpr std::string_view kFlac[] = {"flac"};
  static constexpr std::string_view kWav[] = {"pcm_u8",    "pcm_s16le", "pcm_s24le", "pcm_s32le",
                                              "pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_alaw"};
  switch (container) {
    case AudioContainer::m4a:
      return kM4a;
    case AudioContainer::mp3:
      return kMp3;
    case AudioContainer::ogg:
      return kOgg;
    case AudioContainer::opus:
      return kOpus;
    case AudioContainer::flac:
      return kFlac;
    case AudioContainer::wav:
      return kWav;
  }
  return {};
}

Status check(std::string_view container, Codecs allowed, std::string_view codec) {
  if (std::find(allowed.begin(), allowed.end(), codec) != allowed.end()) return {};
  return {Code::unsupported,
          fmt::format("{} cannot hold {} as it is; it holds {}: choose another container, or "
                      "leave copy out",
                      container, codec, fmt::join(allowed, ", "))};
}

}  // namespace

Status check_copy(Container container, const VideoTrack& track) {
  if (Status s = check(name_of(container), pictures_in(container), track.codec); !s.ok()) return s;
  const bool as_shown = track.rotation_degrees == 0 && !track.mirrored;
  if (as_shown || container == Container::mp4 || container == Container::mov) return {};
  return {Code::unsupported,
          fmt::format(
              "the picture is shown turned by {} degrees{}, which only mp4 and mov can say; choose one of "
              "these, or leave copy out",
              track.rotation_degrees, track.mirrored ? " and mirrored" : "")};
}

Status check_copy(Container container, const AudioTrack& track) {
  return check(name_of(container), sounds_in(container), track.codec);
}

Status check_copy(AudioContainer container, const AudioTrack& track) {
  return check(name_of(container), sounds_in(container), track.codec);
}

}  // namespace millrace::engine
