#include "engine/schedule/run_progress.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace millrace::engine {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;

constexpr milliseconds kBetweenNews{200};
// Where each phase ends on the bar of the whole job. Encoding is nearly all of it.
constexpr double kCheckingEnd = 0.02;
constexpr double kProcessingEnd = 0.94;
constexpr double kPackagingEnd = 0.98;
constexpr double kSoundShare = 0.05;
constexpr double kBeforePackaging = 0.96;  // of one output's bar
// Speed is taken over steps of half a second at least, and a step counts more the longer it is against 5 s.
constexpr double kLeastStep = 0.5;
constexpr double kMemory = 5.0;

}  // namespace

void RunProgress::planned(const Plan& plan) {
  duration_seconds_ = std::max(plan.source.duration_seconds, 0.0);
  has_pictures_ = !plan.renditions.empty();
  sounds_at_.assign(plan.sounds.size(), 0);
  outputs_.clear();
  for (const PlannedOutput& output : plan.outputs) outputs_.push_back(output.name);
}

void RunProgress::enter(Phase phase) {
  phase_ = phase;
  phase_told_ = false;
}

void RunProgress::pictures_at(double media_seconds, Time now) {
  pictures_at_ = media_seconds;
  measure(media_seconds, now);
}

void RunProgress::sound_at(std::size_t sound, double media_seconds, Time now) {
  if (sound >= sounds_at_.size()) return;
  sounds_at_[sound] = media_seconds;
  if (!has_pictures_ && sound == 0) measure(media_seconds, now);
}

void RunProgress::measure(double media_seconds, Time now) {
  if (!sample_ || media_seconds < sample_->media_seconds) {
    sample_ = Sample{now, media_seconds};
    return;
  }
  const double step = duration<double>(now - sample_->time).count();
  if (step < kLeastStep) return;
  const double measured = (media_seconds - sample_->media_seconds) / step;
  speed_ = speed_ == 0 ? measured : speed_ + (1 - std::exp(-step / kMemory)) * (measured - speed_);
  sample_ = Sample{now, media_seconds};
}

void RunProgress::output_packaged(const std::string& name) { packaged_.insert(name); }
void RunProgress::finished() { finished_ = true; }

bool RunProgress::due(Time now) {
  if (phase_told_ && told_ && now - *told_ < kBetweenNews) return false;
  phase_told_ = true;
  told_ = now;
  return true;
}

double RunProgress::share_of(double media_seconds) const {
  if (phase_ > Phase::processing) return 1;
  if (duration_seconds_ <= 0) return 0;
  return std::clamp(media_seconds / duration_seconds_, 0.0, 1.0);
}

double RunProgress::processed() const {
  if (phase_ < Phase::processing) return 0;
  double sounds = 0;
  for (const double each : sounds_at_) sounds += share_of(each);
  if (!sounds_at_.empty()) sounds /= static_cast<double>(sounds_at_.size());
  if (!has_pictures_) return sounds;
  if (sounds_at_.empty()) return share_of(pictures_at_);
  return (1 - kSoundShare) * share_of(pictures_at_) + kSoundShare * sounds;
}

Progress RunProgress::progress() const {
  Progress progress;
  progress.phase = phase_;
  const double processed_share = processed();
  switch (phase_) {
    case Phase::checking:
      break;
    case Phase::fetching:
      progress.done = kCheckingEnd;
      break;
    case Phase::processing:
      progress.done = kCheckingEnd + (kProcessingEnd - kCheckingEnd) * processed_share;
      break;
    case Phase::packaging:
      progress.done = kProcessingEnd;
      if (!outputs_.empty())
        progress.done += (kPackagingEnd - kProcessingEnd) * static_cast<double>(packaged_.size()) /
                         static_cast<double>(outputs_.size());
      break;
    case Phase::publishing:
      progress.done = finished_ ? 1 : kPackagingEnd;
      break;
  }
  progress.done = most_done_ = std::max(most_done_, progress.done);
  progress.media_seconds = has_pictures_ || sounds_at_.empty() ? pictures_at_ : sounds_at_.front();
  if (finished_ && duration_seconds_ > 0)
    progress.media_seconds = std::max(progress.media_seconds, duration_seconds_);
  progress.speed = speed_;
  if (finished_)
    progress.eta_seconds = 0;
  else if (phase_ == Phase::processing && speed_ > 0 && duration_seconds_ > 0)
    progress.eta_seconds = std::max(duration_seconds_ - progress.media_seconds, 0.0) / speed_;
  for (const std::string& name : outputs_)
    progress.outputs.push_back({name, packaged_.contains(name) ? 1.0 : kBeforePackaging * processed_share});
  return progress;
}

}  // namespace millrace::engine
