#include "engine/pipeline/open_track.h"

#include <fmt/format.h>

namespace millrace::engine {

namespace {

// `size_bytes`: when it was inspected; 0: not known.
Result<std::unique_ptr<MediaInput>> open_again(const std::string& url, std::int64_t size_bytes,
                                               int stream_index, AVMediaType type, std::stop_token stop) {
  auto input = MediaInput::open(url, std::move(stop));
  if (!input.ok()) return input;
  const AVFormatContext& format = (*input)->format();
  const bool there = stream_index >= 0 && static_cast<unsigned>(stream_index) < format.nb_streams &&
                     format.streams[stream_index]->codecpar->codec_type == type;
  if (!there || (size_bytes > 0 && size_bytes != (*input)->size_bytes()))
    return Status(Code::corrupt_input,
                  fmt::format("{}: the file has changed since it was inspected; submit the job again", url));
  (*input)->choose(stream_index);
  return input;
}

}  // namespace

Result<std::unique_ptr<MediaInput>> open_track(const Source& source, int stream_index, AVMediaType type,
                                               std::stop_token stop) {
  return open_again(source.url, source.size_bytes, stream_index, type, std::move(stop));
}

Result<std::unique_ptr<MediaInput>> open_sound_track(const Source& source, const AudioTrack& track,
                                                     std::stop_token stop) {
  if (track.url.empty()) return open_track(source, track.index, AVMEDIA_TYPE_AUDIO, std::move(stop));
  return open_again(track.url, track.size_bytes, track.index, AVMEDIA_TYPE_AUDIO, std::move(stop));
}

}  // namespace millrace::engine
