#include "engine/schedule/run_progress.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/plan/job_times.h"

namespace millrace::engine {
namespace {

using std::chrono::duration;
using std::chrono::milliseconds;

constexpr milliseconds kBetweenNews{200};
// Where each phase ends on the bar of the whole job. Encoding is nearly all of it.
constexpr double kCheckingEnd = 0.02;
constexpr double kProcessingEnd = 0.94;
constexpr double kPackagingEnd = 0.98;
// What things weigh in the processing phase: about the time they take.
constexpr double kPicturesWeight = 0.95;
constexpr double kSoundsWeight = 0.05;  // all of them
constexpr double kCodedAloneWeight = 0.5;
constexpr double kLightTaskWeight = 0.05;
constexpr double kBeforePackaging = 0.96;  // of one output's bar
// Speed is taken over steps of half a second at least, and a step counts more the longer it is against 5 s.
constexpr double kLeastStep = 0.5;
constexpr double kMemory = 5.0;

}  // namespace

void RunProgress::planned(const Plan& plan) {
  duration_seconds_ = std::max(expected_seconds(plan), 0.0);
  has_pictures_ = !plan.renditions.empty();
  sounds_at_.assign(plan.sounds.size(), 0);
  tasks_.clear();
  for (const PlannedOutput& output : plan.outputs) {
    Task task{output.name};
    if (output.is_made_alone())
      task.weight = output.in_one_go && output.in_one_go->picture ? kCodedAloneWeight : kLightTaskWeight;
    tasks_.push_back(std::move(task));
  }
  for (std::size_t i = 0; i < plan.subtitles.size(); ++i) tasks_.push_back({"", kLightTaskWeight});
}

void RunProgress::enter(Phase phase) {
  phase_ = phase;
  phase_told_ = false;
}

void RunProgress::pictures_at(double media_seconds, Time now) {
  pictures_at_ = media_seconds;
  measure(now);
}

void RunProgress::sound_at(std::size_t sound, double media_seconds, Time now) {
  if (sound >= sounds_at_.size()) return;
  sounds_at_[sound] = media_seconds;
  if (!has_pictures_ && sound == 0) measure(now);
}

void RunProgress::output_at(std::size_t task, double media_seconds, Time now) {
  if (task >= tasks_.size()) return;
  tasks_[task].at = media_seconds;
  if (!has_pictures_ && sounds_at_.empty()) measure(now);
}

void RunProgress::output_made(std::size_t task) {
  if (task < tasks_.size()) tasks_[task].made = true;
}

void RunProgress::left_out(const std::string& output) {
  for (Task& task : tasks_) {
    if (task.name.empty() || task.name != output) continue;
    task.weight = 0;
    task.name.clear();
  }
}

void RunProgress::finished() { finished_ = true; }

// What the pictures have done; without any the first sound; without any, the mean of the tasks that make
// outputs.
double RunProgress::place() const {
  if (has_pictures_) return pictures_at_;
  if (!sounds_at_.empty()) return sounds_at_.front();
  double sum = 0;
  double count = 0;
  for (const Task& task : tasks_) {
    if (task.weight <= 0) continue;
    sum += task.made ? std::max(duration_seconds_, task.at) : task.at;
    count += 1;
  }
  return count > 0 ? sum / count : 0;
}

void RunProgress::measure(Time now) {
  const double media_seconds = place();
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

bool RunProgress::due(Time now) {
  if (phase_told_ && told_ && now - *told_ < kBetweenNews) return false;
  phase_told_ = true;
  told_ = now;
  return true;
}

double RunProgress::share_of(double media_seconds) const {
  return duration_seconds_ > 0 ? std::clamp(media_seconds / duration_seconds_, 0.0, 1.0) : 0;
}

double RunProgress::own_share(const Task& task) const { return task.made ? 1 : share_of(task.at); }

double RunProgress::segments_made() const {
  if (phase_ > Phase::processing) return 1;
  double sounds = 0;
  for (const double each : sounds_at_) sounds += share_of(each);
  if (!sounds_at_.empty()) sounds /= static_cast<double>(sounds_at_.size());
  if (!has_pictures_) return sounds;
  if (sounds_at_.empty()) return share_of(pictures_at_);
  return (kPicturesWeight * share_of(pictures_at_) + kSoundsWeight * sounds) /
         (kPicturesWeight + kSoundsWeight);
}

double RunProgress::processed() const {
  if (phase_ != Phase::processing) return phase_ > Phase::processing ? 1 : 0;
  double weight = (has_pictures_ ? kPicturesWeight : 0) + (sounds_at_.empty() ? 0 : kSoundsWeight);
  double done = weight * segments_made();
  for (const Task& task : tasks_) {
    weight += task.weight;
    done += task.weight * own_share(task);
  }
  return weight > 0 ? done / weight : 0;
}

double RunProgress::packaged() const {
  double done = 0;
  double count = 0;
  for (const Task& task : tasks_) {
    if (task.name.empty()) continue;
    count += 1;
    done += own_share(task);
  }
  return count > 0 ? done / count : 0;
}

OutputProgress RunProgress::progress_of(const Task& task) const {
  if (task.made) return {task.name, 1};
  if (phase_ < Phase::processing) return {task.name, 0};
  if (task.weight > 0) return {task.name, kBeforePackaging * own_share(task)};
  const double joined = phase_ > Phase::processing ? own_share(task) : 0;
  return {task.name, kBeforePackaging * segments_made() + (1 - kBeforePackaging) * joined};
}

Progress RunProgress::progress() const {
  Progress progress;
  progress.phase = phase_;
  switch (phase_) {
    case Phase::checking:
      break;
    case Phase::fetching:
      progress.done = kCheckingEnd;
      break;
    case Phase::processing:
      progress.done = kCheckingEnd + (kProcessingEnd - kCheckingEnd) * processed();
      break;
    case Phase::packaging:
      progress.done = kProcessingEnd + (kPackagingEnd - kProcessingEnd) * packaged();
      break;
    case Phase::publishing:
      progress.done = finished_ ? 1 : kPackagingEnd;
      break;
  }
  progress.done = most_done_ = std::max(most_done_, progress.done);
  progress.media_seconds = place();
  if (finished_ && duration_seconds_ > 0)
    progress.media_seconds = std::max(progress.media_seconds, duration_seconds_);
  progress.speed = speed_;
  if (finished_)
    progress.eta_seconds = 0;
  else if (phase_ == Phase::processing && speed_ > 0 && duration_seconds_ > progress.media_seconds)
    progress.eta_seconds = (duration_seconds_ - progress.media_seconds) / speed_;
  for (const Task& task : tasks_)
    if (!task.name.empty()) progress.outputs.push_back(progress_of(task));
  return progress;
}

}  // namespace millrace::engine
