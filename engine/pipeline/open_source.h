// open_source: what a URL of a source leads to: a local file, a web server's file, a playlist's segments, a
// slide show.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/pipeline/hls_bytes.h"
#include "engine/pipeline/source_bytes.h"

namespace millrace::engine {

struct OpenedSource {
  std::string name;             // for sentences: the path, or the address without its query
  std::int64_t size_bytes = 0;  // 0: not known
  // None: a local file of that name, which libavformat reads itself.
  std::unique_ptr<SourceBytes> bytes;
  // Of an HLS playlist; its bytes are here no more.
  std::optional<HlsSource> playlist;
};

// Playlists are told by their content; on this machine also by their name (.m3u8, .m3u), so that what a task
// may read is known beforehand. not_found, io_error, invalid_argument for what may not be read, corrupt_input
// for what is empty.
// `extent`: of a playlist.
Result<OpenedSource> open_source(const std::string& url, std::stop_token stop,
                                 HlsExtent extent = HlsExtent::whole);

// The whole of a small file (an image, subtitles) by a file: URL, a path or over http(s). unsupported when it
// is longer than `most_bytes`.
Result<std::string> read_source_file(const std::string& url, std::size_t most_bytes,
                                     std::stop_token stop = {});

// For sentences: the path of a file, an address without its query.
std::string shown_name(const std::string& url);

// True for a local name that may hold a playlist: "a.m3u8".
bool is_playlist_name(const std::string& path);

}  // namespace millrace::engine
