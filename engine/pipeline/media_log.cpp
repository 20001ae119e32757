#include "engine/pipeline/media_log.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <cstdarg>
#include <cstdio>
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

constexpr std::size_t kMostWords = 300;

std::string& words() {
  thread_local std::string said;
  return said;
}

std::string_view one_line(const char* line) {
  std::string_view text(line);
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  return text;
}

// Without the address of the object that speaks.
void keep_words(const char* format, va_list arguments) {
  if (words().size() >= kMostWords) return;
  char line[kMostWords];
  std::vsnprintf(line, sizeof line, format, arguments);
  if (const std::string_view text = one_line(line); !text.empty())
    words().append(words().empty() ? "" : "; ").append(text);
}

void write_line(void* context, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING) return;
  if (level <= AV_LOG_ERROR) {
    va_list again;
    va_copy(again, arguments);
    keep_words(format, again);
    va_end(again);
  }
  if (!may_speak()) return;
  char line[1024];
  thread_local int prefix = 1;
  av_log_format_line2(context, level, format, arguments, line, sizeof line, &prefix);
  if (const std::string_view text = one_line(line); !text.empty())
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

std::string media_words() { return words(); }
void forget_media_words() { words().clear(); }

}  // namespace millrace::engine
