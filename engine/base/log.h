// The process's log: lines to standard error, through spdlog. Safe to call from any thread.
#pragma once

#include <spdlog/spdlog.h>

#include <string>

namespace millrace::engine {

// The last lines are kept (log_tail.h). Lines look like "2026-11-20T21:06:00.123Z info daemon: text"; `who`
// is daemon, worker, millrace. FFmpeg's own messages come along from the level `warning` on, once
// init_media_log() of the pipeline was called.
void init_log(const std::string& who, spdlog::level::level_enum level = spdlog::level::info);

}  // namespace millrace::engine
