#include "engine/job/formats.h"

#include <array>

namespace millrace::engine {
namespace {

constexpr std::array kAll = {VideoCodec::h264, VideoCodec::hevc, VideoCodec::av1, VideoCodec::vp9};
constexpr std::array kOfMpeg = {VideoCodec::h264, VideoCodec::hevc};
constexpr std::array kOfWebm = {VideoCodec::vp9, VideoCodec::av1};
constexpr std::array kOfOgg = {VideoCodec::theora};

}  // namespace

std::span<const VideoCodec> video_codecs(Container container) {
  switch (container) {
    case Container::mp4:
    case Container::mkv:
      return kAll;
    case Container::mov:
    case Container::ts:
      return kOfMpeg;
    case Container::webm:
      return kOfWebm;
    case Container::ogg:
      return kOfOgg;
  }
  return {};
}

std::span<const VideoCodec> video_codecs_of_adaptive() { return kAll; }

AudioCodec audio_codec(Container container) {
  if (container == Container::webm) return AudioCodec::opus;
  if (container == Container::ogg) return AudioCodec::vorbis;
  return AudioCodec::aac;
}

AudioCodec audio_codec(AudioContainer container) {
  switch (container) {
    case AudioContainer::m4a:
      return AudioCodec::aac;
    case AudioContainer::mp3:
      return AudioCodec::mp3;
    case AudioContainer::ogg:
      return AudioCodec::vorbis;
    case AudioContainer::opus:
      return AudioCodec::opus;
    case AudioContainer::flac:
      return AudioCodec::flac;
    case AudioContainer::wav:
      return AudioCodec::pcm;
  }
  return AudioCodec::aac;
}

bool can_keep_hdr(VideoCodec codec) {
  return codec == VideoCodec::hevc || codec == VideoCodec::av1 || codec == VideoCodec::vp9;
}

std::optional<QualityRange> quality_range(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::h264:  // 0 is lossless, a profile that few players have
    case VideoCodec::hevc:
      return QualityRange{1, 51, false};
    case VideoCodec::av1:
    case VideoCodec::vp9:
      return QualityRange{1, 63, true};
    case VideoCodec::theora:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<BitRange> bit_range(AudioCodec codec) {
  switch (codec) {
    case AudioCodec::aac:
      return BitRange{16'000, 512'000};
    case AudioCodec::mp3:  // MPEG-1 Layer III at 44.1 and 48 kHz
      return BitRange{32'000, 320'000};
    case AudioCodec::opus:
      return BitRange{16'000, 510'000};
    case AudioCodec::vorbis:  // libvorbis refuses less for two channels
      return BitRange{48'000, 500'000};
    case AudioCodec::flac:
    case AudioCodec::pcm:
      return std::nullopt;
  }
  return std::nullopt;
}

int most_channels(AudioCodec codec) { return codec == AudioCodec::mp3 ? 2 : 6; }

}  // namespace millrace::engine
