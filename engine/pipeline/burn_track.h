// BurnTrack reads one subtitle track of a plan's source ahead of its pictures, and says what it shows at a
// time. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>

#include "engine/base/status.h"
#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/media_input.h"
#include "engine/pipeline/subtitle_bitmaps.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

class BurnTrack final : public SubtitleShow {
 public:
  // A subtitle is shown for as long as this at most, so that ranges of a source that begin later show the
  // same.
  static constexpr std::int64_t kLongestShow = 120 * kTicksPerSecond;

  // From `start_ticks` of the job's clock on; damage before it is let pass. All that is given must outlive
  // the track. Fails as open_track() and the decoder do.
  static Result<std::unique_ptr<BurnTrack>> open(const Plan& plan, int stream, std::int64_t start_ticks,
                                                 DamageLog& damage, std::stop_token stop);

  // corrupt_input for a damaged
  // subtitle, with its place, where damage is not accepted; resource_exhausted for more of them than fit.
  Result<std::shared_ptr<const SubtitlePicture>> at(std::int64_t ticks) override;

 private:
  BurnTrack(const Plan& plan, int stream, std::int64_t start_ticks, DamageLog& damage);
  Status begin(std::stop_token stop);
  Status step();
  Status take(const AVPacket& packet);
  Status add(ShownBitmaps shown);
  Status damaged(const AVPacket& packet, const Status& why);
  std::int64_t job_ticks(std::int64_t source_ticks) const { return source_ticks - origin_; }

  const Plan& plan_;
  const int stream_;
  const std::int64_t start_;
  DamageLog& damage_;
  DamageLog of_the_file_{true};  // the pictures' own reading tells of it
  const std::int64_t origin_;    // ticks of the source's clock that the job calls 0
  std::unique_ptr<MediaInput> input_;
  std::optional<BitmapSubtitles> decoder_;
  AVRational video_time_base_{1, 90'000};
  AVRational time_base_{1, 90'000};
  std::int64_t read_to_ = INT64_MIN;  // of the pictures' packets, ticks of the job
  bool ended_ = false;
  bool seen_one_ = false;
  std::deque<ShownBitmaps> waiting_;  // times on the job's clock, in their order; the first may be on show
  std::size_t waiting_bytes_ = 0;
  std::shared_ptr<const SubtitlePicture> picture_;  // of the first, once it was on show
};

}  // namespace millrace::engine
