#include "engine/schedule/job_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <thread>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/plan/planner.h"
#include "engine/schedule/track_folder.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

constexpr int kMostDeathsInARow = 3;
// Renditions that only a file needs lie here until the file is made.
constexpr const char* kPartsFolder = ".parts";
constexpr const char* kReceipt = "receipt.json";

template <class T>
bool lost(const Result<T>& result) {
  return !result.ok() && result.status().code() == Code::device_lost;
}

Status stopped() { return {Code::cancelled, "stopped before the end"}; }

bool is_there(const fs::path& output_folder, const FinishedSegment& segment) {
  std::error_code error;
  const auto size = fs::file_size(output_folder / segment.file, error);
  return !error && static_cast<std::int64_t>(size) == segment.bytes;
}

}  // namespace

// Hears of one task and passes it on to the runner.
class JobRunner::Listener final : public TaskObserver {
 public:
  using Place = std::function<void(RunProgress&, double media_seconds)>;
  Listener(JobRunner& runner, Place place) : runner_(runner), place_(std::move(place)) {}
  Status segment_finished(const FinishedSegment& segment) override {
    return runner_.segment_finished(segment);
  }
  void progress(const TaskProgress& progress) override {
    runner_.tell([&](RunProgress& run) { place_(run, progress.media_seconds); });
  }

 private:
  JobRunner& runner_;
  Place place_;
};

JobRunner::JobRunner(const JobRun& run, const RunParts& parts) : run_(run), parts_(parts) {}

Result<nlohmann::ordered_json> JobRunner::run(std::stop_token stop) {
  const auto begun = parts_.now();
  enter(Phase::checking);
  if (Status s = decide(stop); !s.ok()) return s;
  if (taken_over_)
    if (auto receipt = earlier_receipt()) return finish(std::move(*receipt));
  if (Status s = take_stock(); !s.ok()) return s;
  if (Status s = parts_.observer.planned(plan_); !s.ok()) return s;
  enter(Phase::processing);
  if (Status s = make_segments(stop); !s.ok()) return stop.stop_requested() ? stopped() : s;
  enter(Phase::packaging);
  if (Status s = package(stop); !s.ok()) return s;
  enter(Phase::publishing);
  usage_.wall_seconds = std::chrono::duration<double>(parts_.now() - begun).count();
  return publish(stop);
}

Status JobRunner::decide(std::stop_token stop) {
  Result<Source> source = parts_.workers.inspect(run_.spec.input_url, stop);
  for (int deaths = 1; lost(source) && deaths < kMostDeathsInARow && !stop.stop_requested(); ++deaths) {
    spdlog::warn("{}; another worker looks at the source", source.status().message());
    source = parts_.workers.inspect(run_.spec.input_url, stop);
  }
  if (stop.stop_requested()) return stopped();
  if (!source.ok()) return source.status();
  taken_over_ = run_.plan && to_json(run_.plan->source) == to_json(*source);
  if (taken_over_) {
    plan_ = *run_.plan;
  } else {
    const int cores = std::max(1, std::min(run_.cores, run_.spec.cores.value_or(run_.cores)));
    Result<Plan> plan = make_plan(*source, run_.spec, parts_.machine, cores);
    if (!plan.ok()) return plan.status();
    plan_ = std::move(*plan);
  }
  for (const PlannedRendition& each : plan_.renditions) picture_tracks_.push_back(each.folder);
  for (const PlannedSound& each : plan_.sounds) sound_tracks_.push_back(each.folder);
  tell([&](RunProgress& run) { run.planned(plan_); });
  if (!taken_over_)
    if (Status s = start_with_nothing(); !s.ok()) return s;
  for (const auto* tracks : {&picture_tracks_, &sound_tracks_})
    for (const std::string& track : *tracks)
      if (Status s = make_directories(folder_of(track)); !s.ok()) return s;
  return {};
}

// Before the new plan is stored: a plan that is stored never meets segments of another.
Status JobRunner::start_with_nothing() {
  if (Status s = parts_.ledger.forget("", 0); !s.ok()) return s;
  if (Status s = remove_tree(run_.output_folder / kReceipt); !s.ok()) return s;
  for (const auto* tracks : {&picture_tracks_, &sound_tracks_})
    for (const std::string& track : *tracks)
      if (Status s = remove_tree(folder_of(track)); !s.ok()) return s;
  return {};
}

Status JobRunner::take_stock() {
  const auto segments = parts_.ledger.segments();
  if (!segments.ok()) return segments.status();
  const auto ends = parts_.ledger.ends();
  if (!ends.ok()) return ends.status();
  for (const FinishedSegment& each : *segments) book_.add(each);
  for (const auto& [track, end] : *ends) book_.note_end(track, end);
  for (const FinishedSegment& each : *segments) {
    std::error_code error;
    const bool has_init = fs::exists(folder_of(each.track) / "init.mp4", error);
    if (has_init && is_there(run_.output_folder, each)) continue;
    spdlog::warn("{} is booked but not on the disk; it is made again", each.file);
    if (Status s = drop_from(each.track, has_init ? each.index : 0); !s.ok()) return s;
  }
  for (const auto* tracks : {&picture_tracks_, &sound_tracks_})
    for (const std::string& track : *tracks) listed_[track] = book_.unbroken(track);
  tell([this](RunProgress& run) {
    run.pictures_at(seconds_before(book_.unbroken(picture_tracks_)), parts_.now());
    for (std::size_t i = 0; i < sound_tracks_.size(); ++i)
      if (book_.whole(sound_tracks_[i]))
        run.sound_at(i, seconds_before(book_.unbroken(sound_tracks_[i])), parts_.now());
  });
  return {};
}

Status JobRunner::make_segments(std::stop_token stop) {
  FirstFailure failure(stop);
  PlaylistKeeper keeper(
      parts_.between_playlists, [this] { return write_playlists(); },
      [&failure](const Status& status) { failure.report(status); });
  {
    const std::lock_guard lock(books_mutex_);
    keeper_ = &keeper;
    note_listable();
  }
  {
    std::vector<std::jthread> sounds;
    for (std::size_t i = 0; i < sound_tracks_.size(); ++i)
      sounds.emplace_back([this, i, &failure] {
        if (Status s = make_sound(i, failure.token()); !s.ok()) failure.report(s);
      });
    if (Status s = make_pictures(failure.token()); !s.ok()) failure.report(s);
  }
  const std::lock_guard lock(books_mutex_);
  keeper_ = nullptr;
  return failure.status();
}

Status JobRunner::make_pictures(std::stop_token stop) {
  int deaths = 0;
  while (!picture_tracks_.empty() && !all_whole(picture_tracks_)) {
    const RangeTask task = next_range();
    // What lies beyond a gap is made again. Its files stay until they are replaced: players may be reading
    // them.
    for (std::size_t i = 0; i < picture_tracks_.size(); ++i) {
      if (task.end_segment < 0)
        if (Status s = drop_from(picture_tracks_[i], task.lacking_from[i]); !s.ok()) return s;
      if (Status s = sweep_track_folder(folder_of(picture_tracks_[i]), kEverySegment); !s.ok()) return s;
    }
    const double start = seconds_before(task.first_segment);
    Listener listener(*this, [&](RunProgress& run, double at) {
      if (task.end_segment < 0) run.pictures_at(start + at, parts_.now());
    });
    const Result<TaskEnd> end = parts_.workers.run_range(task, listener, stop);
    if (end.ok() && task.end_segment < 0) return close(picture_tracks_, *end);
    if (end.ok()) {
      add_usage(*end);
      const std::lock_guard lock(books_mutex_);
      if (book_.unbroken(picture_tracks_.back()) == 1) continue;
      return {Code::internal, fmt::format("{}: its first segment was not booked", picture_tracks_.back())};
    }
    if (end.status().code() != Code::device_lost) return end.status();
    {
      const std::lock_guard lock(books_mutex_);
      deaths = book_.unbroken(picture_tracks_) > task.first_segment ? 0 : deaths + 1;
    }
    if (deaths == kMostDeathsInARow || stop.stop_requested()) return end.status();
    spdlog::warn("{}; the range goes to another worker", end.status().message());
  }
  return {};
}

RangeTask JobRunner::next_range() {
  RangeTask task{plan_, 0, -1, run_.output_folder, {}};
  const std::lock_guard lock(books_mutex_);
  task.first_segment = book_.unbroken(picture_tracks_);
  for (const std::string& track : picture_tracks_) task.lacking_from.push_back(book_.unbroken(track));
  const bool nothing_yet = *std::max_element(task.lacking_from.begin(), task.lacking_from.end()) == 0;
  if (run_.watched_early && nothing_yet && picture_tracks_.size() > 1 && plan_.estimated_segments != 1) {
    task.end_segment = 1;
    std::fill(task.lacking_from.begin(), task.lacking_from.end() - 1, 1);
  }
  return task;
}

Status JobRunner::make_sound(std::size_t sound, std::stop_token stop) {
  const std::string& track = sound_tracks_[sound];
  if (all_whole({track})) return {};
  int deaths = 0;
  std::int64_t furthest = 0;
  while (true) {
    // A sound is one pass from its start. Its files stay until they are replaced: players may be reading
    // them.
    if (Status s = drop_from(track, 0); !s.ok()) return s;
    if (Status s = sweep_track_folder(folder_of(track), kEverySegment); !s.ok()) return s;
    Listener listener(*this, [&](RunProgress& run, double at) { run.sound_at(sound, at, parts_.now()); });
    const Result<TaskEnd> end = parts_.workers.run_sound({plan_, sound, run_.output_folder}, listener, stop);
    if (end.ok()) return close({track}, *end);
    if (end.status().code() != Code::device_lost) return end.status();
    {
      const std::lock_guard lock(books_mutex_);
      const std::int64_t reached = book_.unbroken(track);
      deaths = reached > furthest ? 0 : deaths + 1;
      furthest = std::max(furthest, reached);
    }
    if (deaths == kMostDeathsInARow || stop.stop_requested()) return end.status();
    spdlog::warn("{}; the sound goes to another worker", end.status().message());
  }
}

Status JobRunner::drop_from(const std::string& track, std::int64_t first_index) {
  {
    const std::lock_guard lock(books_mutex_);
    if (!book_.reaches(track, first_index)) return {};
    book_.forget(track, first_index);
  }
  return parts_.ledger.forget(track, first_index);
}

void JobRunner::add_usage(const TaskEnd& end) {
  const std::lock_guard lock(books_mutex_);
  usage_.cpu_seconds += end.cpu_seconds;
  usage_.peak_memory_bytes = std::max(usage_.peak_memory_bytes, end.peak_memory_bytes);
}

Status JobRunner::close(const std::vector<std::string>& tracks, const TaskEnd& end) {
  add_usage(end);
  {
    const std::lock_guard lock(books_mutex_);
    if (!end.end_of_source)
      return {Code::internal,
              fmt::format("{}: the worker ended before the end of the source", tracks.front())};
    for (const std::string& track : tracks)
      if (book_.unbroken(track) != end.end_segment || end.end_segment == 0)
        return {Code::internal, fmt::format("{}: {} of {} segments were booked", track, book_.unbroken(track),
                                            end.end_segment)};
  }
  for (const std::string& track : tracks) {
    if (Status s = sweep_track_folder(folder_of(track), end.end_segment); !s.ok()) return s;
    if (Status s = parts_.ledger.note_end(track, end.end_segment); !s.ok()) return s;
    const std::lock_guard lock(books_mutex_);
    book_.note_end(track, end.end_segment);
  }
  return {};
}

bool JobRunner::all_whole(const std::vector<std::string>& tracks) {
  const std::lock_guard lock(books_mutex_);
  return std::all_of(tracks.begin(), tracks.end(),
                     [&](const std::string& track) { return book_.whole(track); });
}

Status JobRunner::segment_finished(const FinishedSegment& segment) {
  if (Status s = parts_.ledger.commit(segment); !s.ok()) return s;
  const std::lock_guard lock(books_mutex_);
  book_.add(segment);
  note_listable();
  return {};
}

void JobRunner::note_listable() {
  std::int64_t segments = 0;
  std::int64_t begun = 0;
  for (const auto* tracks : {&picture_tracks_, &sound_tracks_})
    for (const std::string& track : *tracks) {
      segments += book_.unbroken(track);
      begun += book_.unbroken(track) > 0 ? 1 : 0;
    }
  const bool grew = segments > listable_;
  const bool a_track_begins = begun > begun_;
  listable_ = segments;
  begun_ = begun;
  if (grew && keeper_ != nullptr) keeper_->changed(a_track_begins);
}

Status JobRunner::write_playlists() {
  Segments listed;
  {
    const std::lock_guard lock(books_mutex_);
    for (const auto* tracks : {&picture_tracks_, &sound_tracks_})
      for (const std::string& track : *tracks) {
        const std::int64_t end = book_.unbroken(track);
        // While a track is made again, what was listed of it stays listed.
        if (end < listed_[track]) return {};
        const Segments some = book_.segments(track, end);
        listed.insert(listed.end(), some.begin(), some.end());
      }
    for (const auto* tracks : {&picture_tracks_, &sound_tracks_})
      for (const std::string& track : *tracks) listed_[track] = book_.unbroken(track);
  }
  for (const PlannedOutput& output : plan_.outputs)
    if (output.type == PlannedOutput::Type::adaptive)
      if (Status s = parts_.publisher.adaptive(run_.output_folder, plan_, output, listed, false); !s.ok())
        return s;
  return {};
}

Status JobRunner::package(std::stop_token stop) {
  const Segments segments = book_.segments();
  for (const PlannedOutput& output : plan_.outputs) {
    if (stop.stop_requested()) return stopped();
    const Status status = output.type == PlannedOutput::Type::adaptive
                              ? parts_.publisher.adaptive(run_.output_folder, plan_, output, segments, true)
                              : parts_.publisher.file(run_.output_folder, plan_, output, segments);
    if (!status.ok()) return status;
    tell([&](RunProgress& run) { run.output_packaged(output.name); });
  }
  return {};
}

Result<nlohmann::ordered_json> JobRunner::publish(std::stop_token stop) {
  if (stop.stop_requested()) return stopped();
  auto receipt = parts_.publisher.receipt(run_.output_folder, plan_, book_.segments(), usage_);
  if (!receipt.ok()) return receipt.status();
  if (stop.stop_requested()) return stopped();
  // From here on the job is done: a run that is cut off after it finds the receipt.
  if (Status s = write_file(run_.output_folder / kReceipt, receipt->dump(2) + "\n"); !s.ok()) return s;
  return finish(std::move(*receipt));
}

Result<nlohmann::ordered_json> JobRunner::finish(nlohmann::ordered_json receipt) {
  if (Status s = remove_tree(run_.output_folder / kPartsFolder); !s.ok()) return s;
  tell([](RunProgress& run) {
    run.finished();
    run.enter(Phase::publishing);  // the last word is always told
  });
  return receipt;
}

std::optional<nlohmann::ordered_json> JobRunner::earlier_receipt() const {
  const Result<std::string> text = read_file(run_.output_folder / kReceipt);
  if (!text.ok()) return std::nullopt;
  auto receipt = nlohmann::ordered_json::parse(*text, nullptr, false);
  if (receipt.is_discarded()) return std::nullopt;
  return receipt;
}

double JobRunner::seconds_before(std::int64_t segment) const {
  return static_cast<double>(plan_.clock.start_of(segment)) / kTicksPerSecond;
}

void JobRunner::enter(Phase phase) {
  tell([phase](RunProgress& run) { run.enter(phase); });
}

void JobRunner::tell(const std::function<void(RunProgress&)>& change) {
  const std::lock_guard lock(progress_mutex_);
  change(progress_);
  if (progress_.due(parts_.now())) parts_.observer.progress(progress_.progress());
}

}  // namespace millrace::engine
