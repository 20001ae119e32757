// FFmpeg's messages go to the process's log. Safe to call from any thread, any number of times.
#pragma once

namespace millrace::engine {

// From `warning` on, at most a few hundred lines a minute: a damaged file can make a decoder say thousands.
void init_media_log();

}  // namespace millrace::engine
