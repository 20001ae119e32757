#include "engine/pipeline/open_track.h"

#include <fmt/format.h>

namespace millrace::engine {

Result<std::unique_ptr<MediaInput>> open_track(const Source& source, int stream_index, AVMediaType type,
                                               std::stop_token stop) {
  auto input = MediaInput::open(source.url, std::move(stop));
  if (!input.ok()) return input;
  const AVFormatContext& format = (*input)->format();
  const bool there = stream_index >= 0 && static_cast<unsigned>(stream_index) < format.nb_streams &&
                     format.streams[stream_index]->codecpar->codec_type == type;
  if (!there || (source.size_bytes > 0 && source.size_bytes != (*input)->size_bytes()))
    return Status(
        Code::corrupt_input,
        fmt::format("{}: the file has changed since it was inspected; submit the job again", source.url));
  (*input)->choose(stream_index);
  return input;
}

}  // namespace millrace::engine
