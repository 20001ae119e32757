#include "engine/pipeline/packets_ahead.h"

#include <algorithm>

namespace millrace::engine {

std::int64_t shown_at(const AVPacket& packet) {
  return (packet.flags & AV_PKT_FLAG_DISCARD) != 0 ? AV_NOPTS_VALUE : packet.pts;
}

PacketPtr PacketsAhead::take() {
  PacketPtr packet = std::move(queue_.front());
  queue_.pop_front();
  if (const std::int64_t at = shown_at(*packet); at != AV_NOPTS_VALUE) taken_.push_back(at);
  if (taken_.size() > 2 * kAhead) taken_.pop_front();
  return packet;
}

bool PacketsAhead::may_show_at(const AVPacket& packet, std::int64_t time) const {
  if ((packet.flags & AV_PKT_FLAG_DISCARD) != 0) return false;
  const std::int64_t at = shown_at(packet);
  if (at == AV_NOPTS_VALUE) return true;
  if (at > time + slack_) return false;
  const auto comes_between = [&](std::int64_t other) { return other > at && other <= time - slack_; };
  return std::none_of(taken_.begin(), taken_.end(), comes_between) &&
         std::none_of(queue_.begin(), queue_.end(),
                      [&](const PacketPtr& other) { return comes_between(shown_at(*other)); });
}

bool PacketsAhead::front_may_show_at(std::int64_t time) const { return may_show_at(front(), time); }

bool PacketsAhead::all_taken_for(std::int64_t time) const {
  // Decode times rise and no picture is shown before it is decoded: what comes after this one is shown later.
  const bool seen_past = std::any_of(queue_.begin(), queue_.end(), [&](const PacketPtr& packet) {
    return packet->dts != AV_NOPTS_VALUE && packet->dts > time + slack_;
  });
  if (!seen_past && !ended_) return false;
  return std::none_of(queue_.begin(), queue_.end(),
                      [&](const PacketPtr& packet) { return may_show_at(*packet, time); });
}

bool PacketsAhead::drop_to_key(std::int64_t time) {
  const auto is_start = [&](const PacketPtr& packet) {
    const std::int64_t at = shown_at(*packet);
    return (packet->flags & AV_PKT_FLAG_KEY) != 0 && at != AV_NOPTS_VALUE && at <= time - slack_ &&
           (!opens_ || opens_(*packet));
  };
  const auto last = std::find_if(queue_.rbegin(), queue_.rend(), is_start);
  if (last == queue_.rend() || last + 1 == queue_.rend()) return false;
  queue_.erase(queue_.begin(), last.base() - 1);
  taken_.clear();
  return true;
}

std::int64_t PacketsAhead::read_to() const {
  if (queue_.empty()) return taken_.empty() ? INT64_MIN : taken_.back();
  const AVPacket& last = *queue_.back();
  return last.dts != AV_NOPTS_VALUE ? last.dts : last.pts;
}

void PacketsAhead::clear() {
  queue_.clear();
  taken_.clear();
  ended_ = false;
}

}  // namespace millrace::engine
