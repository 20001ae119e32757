#include "engine/pipeline/copy_clock.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::engine {

Status CopyClock::unusable(std::int64_t at, const std::string& what) const {
  return {Code::unsupported,
          fmt::format("{}: at {:.3f} s: {}, so its packets cannot be copied; ask for a codec instead of copy",
                      settings_.path, static_cast<double>(at) * av_q2d(settings_.time_base), what)};
}

// Without reordering a picture is shown when it is decoded, and sound follows sound.
Status CopyClock::check_pts(AVPacket& packet) const {
  if (packet.pts != AV_NOPTS_VALUE) {
    packet.pts -= settings_.zero;
    return {};
  }
  if (settings_.reorder_frames > 0) return unusable(next_, "a packet does not say when it is shown");
  if (packet.dts == AV_NOPTS_VALUE && packets_ == 0)
    return unusable(0, "its packets do not say when they are shown");
  packet.pts = packet.dts != AV_NOPTS_VALUE ? packet.dts - settings_.zero : next_;
  return {};
}

// The n-th least pts, as many pictures early as may be coded before their turn.
std::int64_t CopyClock::made_dts(std::int64_t pts, std::int64_t duration) {
  if (packets_ == 0)
    for (int early = settings_.reorder_frames; early > 0; --early)
      earliest_.push_back(pts - early * duration);
  earliest_.insert(std::upper_bound(earliest_.begin(), earliest_.end(), pts), pts);
  const std::int64_t dts = earliest_.front();
  earliest_.erase(earliest_.begin());
  return dts;
}

Status CopyClock::stamp(AVPacket& packet) {
  if (Status status = check_pts(packet); !status.ok()) return status;
  if (packet.duration <= 0) packet.duration = settings_.duration;
  if (packets_ == 0) makes_dts_ = packet.dts == AV_NOPTS_VALUE;
  if (makes_dts_)
    packet.dts = made_dts(packet.pts, packet.duration);
  else
    packet.dts = packet.dts != AV_NOPTS_VALUE ? packet.dts - settings_.zero : last_dts_ + 1;
  if (packets_ > 0) packet.dts = std::max(packet.dts, last_dts_ + 1);
  // Sound that overlaps by some units of a coarse clock moves on; a picture keeps its time.
  if (settings_.reorder_frames == 0) packet.pts = std::max(packet.pts, packet.dts);
  if (packet.dts > packet.pts) return unusable(packet.pts, "the times of its packets contradict each other");
  last_dts_ = packet.dts;
  next_ = packet.pts + packet.duration;
  ++packets_;
  return {};
}

}  // namespace millrace::engine
