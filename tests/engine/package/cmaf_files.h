// CmafFiles: a coded track as the files of a CMAF track, for tests.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/backend/software/annexb.h"
#include "engine/package/cmaf.h"
#include "engine/pipeline/av.h"
#include "tests/support/coded_track.h"

namespace millrace::test {

struct CmafFiles {
  CodedTrack coded;
  engine::CmafTrack track;  // of `coded`
  std::string init;
  std::vector<std::vector<engine::CmafSample>> samples;  // of each segment
  std::vector<std::string> segments;

  std::string whole() const {
    std::string bytes = init;
    for (const std::string& segment : segments) bytes += segment;
    return bytes;
  }
};

// A new segment begins at every key frame of pictures, and after `frames_per_segment` packets of sound.
inline CmafFiles cmaf_files(CodedTrack coded, const std::string& language = "",
                            std::size_t frames_per_segment = 40) {
  CmafFiles files;
  files.coded = std::move(coded);
  const bool video = files.coded.parameters->codec_type == AVMEDIA_TYPE_VIDEO;
  files.track.parameters = files.coded.parameters.get();
  files.track.timescale = files.coded.timescale;
  files.track.language = language;
  files.track.shift = std::max<std::int64_t>(0, -files.coded.packets.front().dts);
  for (const CodedPacket& packet : files.coded.packets) {
    if (files.samples.empty() || (video ? packet.key : files.samples.back().size() == frames_per_segment))
      files.samples.emplace_back();
    files.samples.back().push_back({video ? engine::length_prefixed(packet.data) : packet.data, packet.pts,
                                    packet.dts, packet.duration, packet.key});
  }
  engine::Result<std::string> init = engine::cmaf_init_segment(files.track);
  if (!init.ok()) std::abort();
  files.init = *init;
  for (std::size_t index = 0; index < files.samples.size(); ++index)
    files.segments.push_back(
        engine::cmaf_media_segment(files.track, static_cast<std::int64_t>(index) + 1, files.samples[index]));
  return files;
}

}  // namespace millrace::test
