#include "engine/pipeline/picture_kinds.h"

#include <algorithm>
#include <iterator>

#include "engine/backend/software/encoder_speed.h"

namespace millrace::engine {
namespace {

// How many pictures x264 takes in after one before that one comes out, at most: those it looks ahead at, one
// a thread, and seven for B-frames that wait their turn and for its own queues.
int held_frames(const EncoderSpeed& speed, int threads) { return speed.x264_lookahead + threads + 7; }

bool take_the_same(const PlannedRendition& a, const PlannedRendition& b) {
  return a.codec == b.codec && a.preset == b.preset && a.gop_ticks == b.gop_ticks;
}

}  // namespace

void PictureKinds::take(std::int64_t pts) {
  {
    const std::lock_guard lock(mutex_);
    kinds_.emplace(pts, AV_PICTURE_TYPE_NONE);
    // Who asks is never more than `ahead_` behind, and what it holds in hand.
    while (kinds_.size() > 2 * ahead_ + 2) kinds_.erase(kinds_.begin());
  }
  changed_.notify_all();
}

void PictureKinds::tell(std::int64_t pts, AVPictureType kind) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = kinds_.find(pts);
    if (found != kinds_.end()) found->second = kind;
  }
  changed_.notify_all();
}

void PictureKinds::end() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
}

bool PictureKinds::is_settled(std::int64_t pts) const {
  if (ended_) return true;
  const auto found = kinds_.find(pts);
  if (found != kinds_.end() && found->second != AV_PICTURE_TYPE_NONE) return true;
  const auto after = static_cast<std::size_t>(std::distance(kinds_.upper_bound(pts), kinds_.end()));
  return after >= ahead_;
}

AVPictureType PictureKinds::kind_of(std::int64_t pts) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop_, [&] { return is_settled(pts); });
  const auto found = kinds_.find(pts);
  return found == kinds_.end() ? AV_PICTURE_TYPE_NONE : found->second;
}

std::optional<KindsGroup> kinds_group(std::span<const PlannedRendition> renditions,
                                      std::span<const std::optional<std::int64_t>> first_segments,
                                      std::size_t queued_frames) {
  std::optional<KindsGroup> best;
  for (std::size_t i = 0; i < renditions.size(); ++i) {
    const PlannedRendition& teller = renditions[i];
    // A rate of its own drops pictures, so that it gets fewer than are queued for the others.
    const auto joins = [&](std::size_t index) {
      const PlannedRendition& each = renditions[index];
      return first_segments[index] && first_segments[index] == first_segments[i] &&
             each.codec == VideoCodec::h264 && !each.max_frame_rate.known() && take_the_same(each, teller);
    };
    const EncoderSpeed* speed = encoder_speed(teller.preset);
    if (!joins(i) || speed == nullptr || speed->x264_lookahead == 0) continue;
    if (held_frames(*speed, teller.encoder_threads) > static_cast<int>(queued_frames)) continue;
    KindsGroup group{i, {}};
    for (std::size_t k = 0; k < renditions.size(); ++k)
      if (k != i && joins(k) && renditions[k].height * renditions[k].width >= teller.width * teller.height)
        group.askers.push_back(k);
    if (!group.askers.empty() && (!best || group.askers.size() > best->askers.size())) best = group;
  }
  return best;
}

}  // namespace millrace::engine
