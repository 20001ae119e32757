#include "engine/pipeline/timeline.h"

#include <algorithm>
#include <cstdlib>

#include "engine/plan/segment_clock.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kBack = kTicksPerSecond / 10;
constexpr std::int64_t kForward = 10 * kTicksPerSecond;
// How far apart streams of one file may lie at the same place of it.
constexpr std::int64_t kInterleave = 5 * kTicksPerSecond;
// How far a stream's own end may lie from the pictures' at a jump.
constexpr std::int64_t kOverlap = kTicksPerSecond;
// Timestamps of MPEG systems have 33 bits: a jump back may look like one of a day forward.
constexpr std::int64_t kWrap = std::int64_t{1} << 33;

std::int64_t unwrapped(std::int64_t by) {
  if (by > kWrap / 2) return by - kWrap;
  return by < -kWrap / 2 ? by + kWrap : by;
}

}  // namespace

bool Timeline::others_are_at(int index, std::int64_t at) const {
  return std::any_of(streams_.begin(), streams_.end(), [&](const auto& other) {
    return other.first != index && other.second.seen && std::abs(other.second.next - at) <= kInterleave;
  });
}

bool Timeline::continues(const Stream& stream, int index, std::int64_t at) const {
  if (at < stream.last - kBack) return false;
  return at <= stream.next + kForward || others_are_at(index, at);
}

void Timeline::enter_next_epoch(Stream& stream, std::int64_t dts, bool picture) {
  for (std::size_t epoch = epochs_.size() - 1; epoch > stream.epoch; --epoch) {
    const std::int64_t at = dts + epochs_[epoch].offset;
    if (at < stream.next - kOverlap || at > stream.next + kForward) continue;
    stream.epoch = epoch;
    if (!picture || epochs_[epoch].by_pictures) return;
    // Sound came first and guessed; the pictures say it to the frame.
    const std::int64_t change = stream.next - at;
    epochs_[epoch].offset += change;
    epochs_[epoch].by_pictures = true;
    for (auto& [index, other] : streams_)
      if (other.epoch == epoch && &other != &stream) {
        other.last += change;
        other.next += change;
      }
    return;
  }
  const std::int64_t given = dts + epochs_[stream.epoch].offset;
  jumps_.push_back({stream.next, unwrapped(given - stream.next)});
  epochs_.push_back({stream.next - dts, picture});
  stream.epoch = epochs_.size() - 1;
}

void Timeline::note(Stream& stream, std::int64_t at, std::int64_t duration) {
  const std::int64_t step = at - stream.last;
  if (step > 0 && step <= kTicksPerSecond) stream.step = step;
  stream.last = at;
  stream.next = at + (stream.step > 0 ? stream.step : duration);
}

std::size_t Timeline::passed_by(int stream) const {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? 0 : found->second.epoch;
}

std::int64_t Timeline::correction(const Packet& packet) {
  if (!packet.picture && !packet.sound) return epochs_.back().offset;
  const auto [found, is_new] = streams_.try_emplace(packet.stream);
  Stream& stream = found->second;
  if (is_new) stream.epoch = epochs_.size() - 1;
  if (!packet.dts) return epochs_[stream.epoch].offset;
  const std::int64_t dts = *packet.dts;
  if (!stream.seen) {
    stream.seen = true;
    stream.last = dts + epochs_[stream.epoch].offset;
  } else if (!continues(stream, packet.stream, dts + epochs_[stream.epoch].offset)) {
    enter_next_epoch(stream, dts, packet.picture);
  }
  const std::int64_t offset = epochs_[stream.epoch].offset;
  note(stream, dts + offset, packet.duration);
  return offset;
}

}  // namespace millrace::engine
