// PacketsAhead: the next packets of a picture track in decode order, looked through before they are decoded:
// which of them may be the picture on show at a time, and from when on no further one is needed. Exact where
// packets have timestamps; a packet without one is taken for needed. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>

#include "engine/pipeline/av.h"

namespace millrace::engine {

// Times are in the track's time base. What is on show at a time is the picture that began last by then.
class PacketsAhead {
 public:
  // Enough to see the picture that follows another one: codecs reorder by 16 at most.
  static constexpr std::size_t kAhead = 32;

  // Two timestamps that are at most `slack` apart may compare otherwise once they are on the job's clock.
  // `opens`: a decoder that begins with this key packet has all that later pictures need.
  explicit PacketsAhead(std::int64_t slack, std::function<bool(const AVPacket&)> opens = {})
      : slack_(slack), opens_(std::move(opens)) {}

  bool wants_more() const { return !ended_ && queue_.size() < kAhead; }
  void add(PacketPtr packet) { queue_.push_back(std::move(packet)); }
  void end() { ended_ = true; }
  bool ended() const { return ended_; }
  bool empty() const { return queue_.empty(); }

  const AVPacket& front() const { return *queue_.front(); }
  PacketPtr take();
  // False: another picture, known by now, is on show at `time`.
  bool front_may_show_at(std::int64_t time) const;
  // True: every packet that may be on show at `time` was taken.
  bool all_taken_for(std::int64_t time) const;
  // Drops what comes before the last key packet that opens and is shown by `time`; false: there is none
  // ahead, or it is the next one already.
  bool drop_to_key(std::int64_t time);
  // What was read last; before everything: INT64_MIN.
  std::int64_t read_to() const;
  // After a seek.
  void clear();

 private:
  bool may_show_at(const AVPacket& packet, std::int64_t time) const;

  const std::int64_t slack_;
  const std::function<bool(const AVPacket&)> opens_;
  std::deque<PacketPtr> queue_;
  std::deque<std::int64_t> taken_;  // presentation times of the last packets taken
  bool ended_ = false;
};

// When the packet's picture is shown; AV_NOPTS_VALUE where it does not say, or where it is never shown.
std::int64_t shown_at(const AVPacket& packet);

}  // namespace millrace::engine
