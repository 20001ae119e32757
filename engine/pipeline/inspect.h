// Looks at a source: container, tracks, colours, rotation, and the first frames where the container is
// silent. Reads the source; runs in a worker process or a one-shot program, never in the daemon.
#pragma once

#include <stop_token>
#include <string>

#include "engine/base/status.h"
#include "engine/plan/source.h"

namespace millrace::engine {

// `url`: file:///a/b.mov, a plain path, or a slide show by value (slide_show.h). not_found, io_error;
// corrupt_input or unsupported for what is no media
// ("/a/b.mov: not a media file (empty)"). A source whose file is shorter than its header promises is
// corrupt_input.
// Lengths are what media there is, be it more than the container promises; where that took too much reading,
// Source::length_promised says so (find_length.h).
// With `accept_damage`, what can be read of a damaged source is told, and the damage in Source::damage.
Result<Source> inspect(const std::string& url, std::stop_token stop = {}, bool accept_damage = false);

// The path of a file: URL (percent-decoded) or of a plain path; nothing for other schemes.
Result<std::string> path_of_url(const std::string& url);

}  // namespace millrace::engine
