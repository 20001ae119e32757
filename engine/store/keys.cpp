#include "engine/store/keys.h"

#include <algorithm>

namespace millrace::engine::keys {
namespace {

constexpr std::size_t kIdLength = 26;

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string key;
  for (const std::string_view part : parts) key.append(part);
  return key;
}

constexpr std::string_view kNul("\0", 1);

}  // namespace

std::string number(std::uint64_t value) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>((value >> (8 * (7 - i))) & 0xFFU);
  return bytes;
}

std::optional<std::uint64_t> number_at(std::string_view key, std::size_t place) {
  if (key.size() < place + 8) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 8; ++i) value = (value << 8) | static_cast<unsigned char>(key[place + i]);
  return value;
}

std::string queue(int priority, std::string_view job_id) {
  const char inverted = static_cast<char>(255 - std::clamp(priority, 0, 255));
  return joined({std::string_view(&inverted, 1), job_id});
}

int priority_of(std::string_view queue_key) {
  return queue_key.empty() ? 0 : 255 - static_cast<unsigned char>(queue_key.front());
}

std::string state_prefix(JobState state) { return joined({name_of(state), "/"}); }
std::string state(JobState state, std::string_view job_id) { return state_prefix(state).append(job_id); }

// The length in front keeps "a=1" from being a prefix of "a=12".
std::string tag_prefix(std::string_view tag) { return number(tag.size()).append(tag); }
std::string tag(std::string_view tag, std::string_view job_id) { return tag_prefix(tag).append(job_id); }

std::string_view job_of(std::string_view key) {
  return key.size() < kIdLength ? std::string_view() : key.substr(key.size() - kIdLength);
}

std::string segments_prefix(std::string_view job_id) { return joined({job_id, "s"}); }
std::string track_prefix(std::string_view job_id, std::string_view track) {
  return joined({job_id, "s", track, kNul});
}
std::string segment(std::string_view job_id, std::string_view track, std::int64_t index) {
  return track_prefix(job_id, track)
      .append(number(static_cast<std::uint64_t>(std::max<std::int64_t>(index, 0))));
}
std::string ends_prefix(std::string_view job_id) { return joined({job_id, "e"}); }
std::string end(std::string_view job_id, std::string_view track) { return joined({job_id, "e", track}); }
std::string lost_prefix(std::string_view job_id) { return joined({job_id, "l"}); }
std::string lost(std::string_view job_id, std::string_view track) { return joined({job_id, "l", track}); }

std::string plan(std::string_view job_id) { return joined({job_id, "p"}); }
std::string receipt(std::string_view job_id) { return joined({job_id, "r"}); }

std::string job_event(std::string_view job_id, std::uint64_t value) {
  return joined({job_id, number(value)});
}

std::string value_prefix(std::string_view family) { return joined({family, kNul}); }
std::string value(std::string_view family, std::string_view key) { return joined({family, kNul, key}); }

std::string after(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty() && static_cast<unsigned char>(next.back()) == 0xFFU) next.pop_back();
  if (!next.empty()) next.back() = static_cast<char>(static_cast<unsigned char>(next.back()) + 1U);
  return next;
}

}  // namespace millrace::engine::keys
