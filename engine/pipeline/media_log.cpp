#include "engine/pipeline/media_log.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstdlib>
#include <mutex>
#include <string_view>

#include "engine/pipeline/av.h"

namespace millrace::engine {
namespace {

constexpr int kLinesPerMinute = 200;

// True for the first lines of each minute.
bool may_speak() {
  static std::atomic<std::int64_t> minute{0};
  static std::atomic<int> lines{0};
  const auto now =
      std::chrono::duration_cast<std::chrono::minutes>(std::chrono::steady_clock::now().time_since_epoch())
          .count();
  if (minute.exchange(now) != now) lines = 0;
  return ++lines <= kLinesPerMinute;
}

void write_line(void* context, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING || !may_speak()) return;
  char line[1024];
  thread_local int prefix = 1;
  av_log_format_line2(context, level, format, arguments, line, sizeof line, &prefix);
  std::string_view text(line);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  if (!text.empty())
    spdlog::log(level <= AV_LOG_ERROR ? spdlog::level::err : spdlog::level::warn, "{}", text);
}

}  // namespace

void init_media_log() {
  static std::once_flag once;
  std::call_once(once, [] {
    av_log_set_callback(write_line);
    // SVT-AV1 writes to stderr by itself, an error for each encoder that is not run to its end, and reads
    // this when one opens. What it fails at comes back as a code. Who has set it wants to see more.
    ::setenv("SVT_LOG", "0", 0);
  });
}

}  // namespace millrace::engine
