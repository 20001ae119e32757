// What fills the tracks of a file that is made in one go from the source: pictures or sound that are encoded,
// or packets that are copied. One thread.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>

#include "engine/backend/backend.h"
#include "engine/pipeline/damage_log.h"
#include "engine/pipeline/file_tracks.h"
#include "engine/pipeline/media_input.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

class TrackFeed {
 public:
  virtual ~TrackFeed() = default;
  // Takes one packet of the source further. False when the track has finished.
  virtual Result<bool> step() = 0;
  // How far the source is read, in seconds of the job, and how many pictures or samples went in. For
  // progress.
  virtual double seconds() const = 0;
  virtual std::int64_t frames() const = 0;
  // Seconds of the job's clock at which a sound was ended although the source's own may go on.
  virtual std::optional<double> sound_cut_at() const { return std::nullopt; }
};

// What all feeds of a task share; it outlives them.
struct FeedContext {
  const Plan& plan;
  Backend& backend;
  DamageLog& damage;
  FileTracks& tracks;
  std::stop_token stop;
};

// Each adds its track to `tracks`. Failures as those of the stages.
Result<std::unique_ptr<TrackFeed>> feed_pictures(const FeedContext& context,
                                                 const PlannedRendition& rendition);
// `alone`: the sound runs from its own first sample to its last, without the picture's clock.
Result<std::unique_ptr<TrackFeed>> feed_sound(const FeedContext& context, const PlannedSound& sound,
                                              bool alone);
// `input`: as open_track() gives it.
Result<std::unique_ptr<TrackFeed>> feed_copy(const FeedContext& context,
                                             Result<std::unique_ptr<MediaInput>> input,
                                             const std::string& language, bool alone);

}  // namespace millrace::engine
