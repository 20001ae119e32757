// PictureKinds carries what one encoder made of each picture (P or B) to the encoders of the same pictures in
// other sizes, which then need not find it out. Safe to call from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "engine/pipeline/av.h"
#include "engine/plan/planned_tracks.h"

namespace millrace::engine {

class PictureKinds {
 public:
  // `ahead`: so many pictures after one that an encoder waits with, the telling encoder is sure to get. A
  // stop ends every wait.
  PictureKinds(std::size_t ahead, std::stop_token stop) : ahead_(ahead), stop_(std::move(stop)) {}

  // Of the telling encoder, with rising times: it takes a picture in. Then, in any order: it made a picture
  // of this kind. Last: it makes no more.
  void take(std::int64_t pts);
  void tell(std::int64_t pts, AVPictureType kind);
  void end();

  // Waits until the kind is told. AV_PICTURE_TYPE_NONE, so that who asks decides: it will not be told in
  // time, it is long past, or a stop was asked for.
  AVPictureType kind_of(std::int64_t pts);

 private:
  bool is_settled(std::int64_t pts) const;

  const std::size_t ahead_;
  const std::stop_token stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::int64_t, AVPictureType> kinds_;  // NONE while it is only taken in
  bool ended_ = false;
};

// What an encoder does with the kinds of pictures: none, either or both are null. Not owned.
struct KindsRole {
  PictureKinds* tells = nullptr;
  PictureKinds* asks = nullptr;
};

// Who tells whom, as indices.
struct KindsGroup {
  std::size_t teller = 0;
  std::vector<std::size_t> askers;
};

// Of the renditions that are made (`first_segments` says from where on; none: it is not made), the smallest
// and those that take the same pictures with the same x264 preset. Nothing where nobody would ask, or where
// an encoder tells later than `queued_frames` after it took the picture in. Pure.
std::optional<KindsGroup> kinds_group(std::span<const PlannedRendition> renditions,
                                      std::span<const std::optional<std::int64_t>> first_segments,
                                      std::size_t queued_frames);

}  // namespace millrace::engine
