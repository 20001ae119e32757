// Codecs, containers and formats that a spec can name, and which of them go together. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace millrace::engine {

// theora exists in ogg files alone, and cannot be asked for otherwise.
enum class VideoCodec { h264, hevc, av1, vp9, theora };
enum class AudioCodec { aac, mp3, opus, vorbis, flac, pcm };
enum class Container { mp4, mkv, webm, ogg, mov, ts };
enum class AudioContainer { m4a, mp3, ogg, opus, flac, wav };
enum class StillFormat { jpg, png, webp };
enum class Package { hls, dash };

std::string_view name_of(VideoCodec codec);
std::string_view name_of(AudioCodec codec);
std::string_view name_of(AudioContainer container);
std::string_view name_of(StillFormat format);
std::string_view name_of(Container container);
std::string_view name_of(Package package);

// What a file of this kind may hold; the first one when nobody says.
std::span<const VideoCodec> video_codecs(Container container);
// What an adaptive output may hold.
std::span<const VideoCodec> video_codecs_of_adaptive();
// Each kind of file has one codec for its sound. Adaptive outputs have AAC.
AudioCodec audio_codec(Container container);
AudioCodec audio_codec(AudioContainer container);

// Has a 10-bit form that carries HDR.
bool can_keep_hdr(VideoCodec codec);

// The rate factors of a codec's encoder, smaller is better; none: it knows no constant quality.
struct QualityRange {
  int best = 0;
  int worst = 0;
  bool whole_numbers = false;
};
std::optional<QualityRange> quality_range(VideoCodec codec);

// Bits per second of a track of two channels that the encoder takes; none: lossless, there is nothing to
// choose.
struct BitRange {
  std::int64_t least = 0;
  std::int64_t most = 0;
};
std::optional<BitRange> bit_range(AudioCodec codec);

// The most channels that the codec holds here: 2 or 6.
int most_channels(AudioCodec codec);

}  // namespace millrace::engine
