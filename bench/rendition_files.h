// RenditionFiles: the init segment and the media segments of one rendition, and how to make one file of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace millrace::bench {

struct RenditionFiles {
  std::filesystem::path init;
  std::vector<std::filesystem::path> segments;  // in their order
  std::int64_t media_bytes = 0;                 // of the segments, without the init segment
};

// init.mp4 and *.m4s beside it. internal, with where was looked, when it is not there.
engine::Result<RenditionFiles> rendition_in(const std::filesystem::path& folder);

// That of OUT/abr/NAME.
engine::Result<RenditionFiles> millrace_rendition(const std::filesystem::path& out, const std::string& name);

// OUT/init-streamN.m4s and OUT/chunk-streamN-*.m4s, as ffmpeg's dash muxer names them.
engine::Result<RenditionFiles> dash_rendition(const std::filesystem::path& out, std::size_t stream);

// All pieces one after the other: a fragmented MP4 that any demuxer reads. Where Millrace stepped down from a
// device, init-2.mp4 is left out: key frames bring their headers along then. Replaces `to`.
engine::Status assemble(const RenditionFiles& files, const std::filesystem::path& to);

}  // namespace millrace::bench
