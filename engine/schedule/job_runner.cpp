#include "engine/schedule/job_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/plan/planner.h"
#include "engine/plan/threads.h"
#include "engine/plan/without_outputs.h"
#include "engine/schedule/files_beside.h"
#include "engine/schedule/left_out_files.h"
#include "engine/schedule/picture_ranges.h"
#include "engine/schedule/task_listener.h"
#include "engine/schedule/track_folder.h"
#include "engine/schedule/until_unwanted.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

// Renditions that only a file needs lie here until the file is made.
constexpr const char* kPartsFolder = ".parts";
constexpr const char* kReceipt = "receipt.json";

Status stopped() { return {Code::cancelled, "stopped before the end"}; }

bool is_there(const fs::path& output_folder, const FinishedSegment& segment) {
  std::error_code error;
  const auto size = fs::file_size(output_folder / segment.file, error);
  return !error && static_cast<std::int64_t>(size) == segment.bytes;
}

std::vector<std::string> folders_of(const std::vector<PlannedRendition>& renditions) {
  std::vector<std::string> folders;
  for (const PlannedRendition& each : renditions) folders.push_back(each.folder);
  return folders;
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

JobRunner::JobRunner(const JobRun& run, const RunParts& parts)
    : run_(run),
      parts_(parts),
      control_(parts.control != nullptr ? *parts.control : own_control_),
      books_(parts.ledger),
      retries_{[this](std::chrono::milliseconds time, const std::stop_token& stop) { wait(time, stop); },
               [this](const Retry& retry, const Status& failure) { retrying(retry, failure); }, care_} {}

Result<nlohmann::ordered_json> JobRunner::run(std::stop_token stop) {
  const auto begun = parts_.now();
  enter(Phase::checking);
  if (Status s = decide(stop); !s.ok()) return s;
  if (taken_over_ && !leaves_out())
    if (auto receipt = earlier_receipt()) return finish(std::move(*receipt));
  if (Status s = take_stock(); !s.ok()) return s;
  if (Status s = parts_.observer.planned(plan_); !s.ok()) return s;
  enter(Phase::processing);
  if (Status s = process(stop); !s.ok()) return is_halted(stop) ? stopped() : s;
  enter(Phase::packaging);
  if (Status s = package(stop); !s.ok()) return is_halted(stop) ? stopped() : s;
  enter(Phase::publishing);
  return publish(stop, std::chrono::duration<double>(parts_.now() - begun).count());
}

Status JobRunner::decide(const std::stop_token& stop) {
  Result<Source> source = inspect(stop);
  if (is_halted(stop)) return stopped();
  if (!source.ok()) return source.status();
  taken_over_ = run_.plan && to_json(run_.plan->source) == to_json(*source) &&
                has_same_files_beside(*run_.plan) && has_wanted_outputs(*run_.plan);
  const int cores = std::max(1, std::min(run_.cores, run_.spec.cores.value_or(run_.cores)));
  if (taken_over_) {
    plan_ = *run_.plan;
    plan_.ranges_at_once = ranges_again(plan_, cores, parts_.machine.memory.usable_bytes);
    care_.take_over(plan_, run_.steps_down);
    for (const Retry& each : run_.steps_down) books_.note_step_down(step_down_text(each));
  } else {
    JobSpec spec = run_.spec;
    const std::set<std::string> left_out = control_.left_out();
    std::erase_if(spec.outputs, [&](const Output& each) { return left_out.contains(name_of(each)); });
    Result<Plan> plan = make_plan(*source, spec, parts_.machine, cores, parts_.devices);
    if (!plan.ok()) return plan.status();
    plan_ = std::move(*plan);
    note_files_beside(plan_);
  }
  picture_tracks_ = folders_of(plan_.renditions);
  for (const PlannedSound& each : plan_.sounds) sound_tracks_.push_back(each.folder);
  tell([&](RunProgress& run) { run.planned(plan_); });
  if (!taken_over_)
    if (Status s = start_with_nothing(); !s.ok()) return s;
  for (const auto* tracks : {&picture_tracks_, &sound_tracks_})
    for (const std::string& track : *tracks)
      if (is_wanted(plan_, track, control_.left_out()))
        if (Status s = make_directories(folder_of(track)); !s.ok()) return s;
  return {};
}

// A run that was told to leave one out planned without it; that it was told need not have been booked. Where
// nobody can tell the run (a trial) the plan holds as it is.
bool JobRunner::has_wanted_outputs(const Plan& plan) const {
  if (parts_.control == nullptr) return true;
  std::set<std::string> known = control_.left_out();
  for (const PlannedOutput& each : plan.outputs) known.insert(each.name);
  return std::all_of(run_.spec.outputs.begin(), run_.spec.outputs.end(),
                     [&](const Output& each) { return known.contains(name_of(each)); });
}

Result<Source> JobRunner::inspect(const std::stop_token& stop) {
  const bool accept_damage = run_.spec.on_damage == OnDamage::accept;
  TaskRetries retries(retries_);
  while (true) {
    Result<Source> source = parts_.workers.inspect(source_url_of(run_.spec), accept_damage, stop);
    if (source.ok() || !retries.another(source.status(), 0, stop, "the look at the source")) return source;
  }
}

// Before the new plan is stored: a plan that is stored never meets segments of another. All goes, not what
// the new plan names alone: the one before may have had other tracks, and the receipt knows of none of its
// files.
Status JobRunner::start_with_nothing() {
  if (Status s = books_.empty(); !s.ok()) return s;
  if (Status s = remove_tree(run_.output_folder / kReceipt); !s.ok()) return s;
  std::vector<fs::path> left;
  std::error_code error;
  fs::directory_iterator each(run_.output_folder, error);
  for (; !error && each != fs::directory_iterator(); each.increment(error)) left.push_back(each->path());
  if (error) return errno_status(error.value(), "cannot list", run_.output_folder.native());
  for (const fs::path& path : left)
    if (Status s = remove_tree(path); !s.ok()) return s;
  return {};
}

Status JobRunner::take_stock() {
  if (Status s = books_.open(); !s.ok()) return s;
  for (const FinishedSegment& each : books_.segments()) {
    std::error_code error;
    // Segments need their init segment, the first of which are of the track's beginning; the files of an
    // output stand for themselves, and are made together.
    const bool segmented = contains(picture_tracks_, each.track) || contains(sound_tracks_, each.track);
    const bool has_init = segmented && fs::exists(run_.output_folder / init_file_of(each), error);
    if ((has_init || !segmented) && is_there(run_.output_folder, each)) continue;
    spdlog::warn("{} is booked but not on the disk; it is made again", each.file);
    const bool all_go = !has_init && each.headers == 0;
    if (Status s = books_.drop_from(each.track, all_go ? 0 : each.index); !s.ok()) return s;
  }
  const std::vector<std::string> pictures = folders_of(wanted_plan().renditions);
  tell([&](RunProgress& run) {
    run.pictures_at(seconds_before(books_.least(pictures)), parts_.now());
    for (std::size_t i = 0; i < sound_tracks_.size(); ++i)
      if (books_.all_whole({sound_tracks_[i]}))
        run.sound_at(i, seconds_before(books_.unbroken(sound_tracks_[i])), parts_.now());
  });
  return {};
}

Status JobRunner::process(const std::stop_token& stop) {
  FirstFailure failure(stop);
  GrowingPlaylists playlists(run_.output_folder, plan_, parts_.publisher, books_, control_,
                             parts_.between_playlists,
                             [&failure](const Status& status) { failure.report(status); });
  const Booked booked = [&playlists] { playlists.look(); };
  {
    std::vector<std::jthread> beside;
    for (std::size_t i = 0; i < sound_tracks_.size(); ++i)
      beside.emplace_back([this, i, &booked, &failure] {
        const auto make = [&](const std::stop_token& until) { return make_sound(i, booked, until); };
        if (Status s = while_wanted(plan_, sound_tracks_[i], control_, failure.token(), make); !s.ok())
          failure.report(s);
      });
    beside.emplace_back([this, &booked, &failure] {
      if (Status s = output_tasks(booked).make_alone(failure.token()); !s.ok()) failure.report(s);
    });
    if (Status s = make_pictures(booked, failure.token()); !s.ok()) failure.report(s);
    pace_.pictures_ended();
    // Nothing else has edges to wait for.
    const std::stop_callback on_pause(control_.paused(), [&failure] { failure.report(stopped()); });
    beside.clear();
  }
  return failure.status();
}

Status JobRunner::make_pictures(const Booked& booked, const std::stop_token& stop) {
  const auto look = [this] { pace_.pictures_have(books_.least(folders_of(wanted_plan().renditions))); };
  look();
  PictureRanges ranges(
      {plan_, run_.output_folder, parts_.workers, books_, retries_, control_, run_.watched_early,
       [this] { return wanted_plan(); },
       [&] {
         booked();
         look();
       },
       [this](double at) { tell([&](RunProgress& run) { run.pictures_at(at, parts_.now()); }); }});
  return ranges.make(stop);
}

Status JobRunner::make_sound(std::size_t sound, const Booked& booked, const std::stop_token& stop) {
  const std::string& track = sound_tracks_[sound];
  if (books_.all_whole({track})) return {};
  TaskRetries retries(retries_);
  while (true) {
    // A sound is one pass from its start. Its files stay until they are replaced: players may be reading
    // them.
    if (Status s = books_.drop_from(track, 0); !s.ok()) return s;
    if (Status s = sweep_track_folder(folder_of(track), kEverySegment); !s.ok()) return s;
    TaskListener listener(
        books_, {track},
        [&] {
          booked();
          pace_.wait(books_.unbroken(track), stop);
        },
        [&](double at) { tell([&](RunProgress& run) { run.sound_at(sound, at, parts_.now()); }); });
    const Result<TaskEnd> end = parts_.workers.run_sound({plan_, sound, run_.output_folder}, listener, stop);
    if (end.ok()) return close({track}, 0, *end);
    if (!retries.another(end.status(), books_.unbroken(track), stop, track)) return end.status();
  }
}

Plan JobRunner::wanted_plan() {
  const std::set<std::string> left_out = control_.left_out();
  tell([&](RunProgress& run) {
    for (const std::string& output : left_out) run.left_out(output);
  });
  return without_outputs(plan_, left_out);
}

bool JobRunner::leaves_out() const {
  const std::set<std::string> left_out = control_.left_out();
  return std::any_of(plan_.outputs.begin(), plan_.outputs.end(),
                     [&](const PlannedOutput& each) { return left_out.contains(each.name); });
}

Status JobRunner::close(const std::vector<std::string>& tracks, std::int64_t least_segments,
                        const TaskEnd& end) {
  if (!end.end_of_source)
    return {Code::internal, fmt::format("{}: the worker ended before the end of the source", tracks.front())};
  if (end.end_segment < least_segments)
    return {Code::internal, fmt::format("{}: the worker made no segment", tracks.front())};
  if (Status s = books_.settle(tracks, end); !s.ok()) return s;
  for (const std::string& track : tracks) {
    if (Status s = sweep_track_folder(folder_of(track), end.end_segment); !s.ok()) return s;
    if (Status s = books_.note_end(track, end.end_segment); !s.ok()) return s;
  }
  return {};
}

OutputTasks JobRunner::output_tasks(Booked booked) {
  return OutputTasks({plan_, run_.output_folder, parts_.workers, books_, retries_, control_,
                      std::move(booked),
                      [this](std::size_t task, double at) {
                        tell([&](RunProgress& run) { run.output_at(task, at, parts_.now()); });
                      },
                      [this](std::size_t task) { tell([&](RunProgress& run) { run.output_made(task); }); }});
}

Status JobRunner::package(const std::stop_token& stop) {
  std::stop_source halt;
  const std::stop_callback on_stop(stop, [&halt] { halt.request_stop(); });
  const std::stop_callback on_pause(control_.paused(), [&halt] { halt.request_stop(); });
  OutputTasks tasks = output_tasks([] {});
  wanted_plan();
  for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
    const PlannedOutput& output = plan_.outputs[i];
    if (is_halted(stop)) return stopped();
    if (output.is_made_alone() || control_.left_out().contains(output.name)) continue;
    if (output.type != PlannedOutput::Type::adaptive) {
      if (Status s = tasks.join(i, halt.get_token()); !s.ok()) return s;
      continue;
    }
    if (Status s = parts_.publisher.adaptive(run_.output_folder, plan_, output, books_.segments(), true);
        !s.ok())
      return s;
    tell([&](RunProgress& run) { run.output_made(i); });
  }
  return {};
}

Result<nlohmann::ordered_json> JobRunner::publish(const std::stop_token& stop, double wall_seconds) {
  if (is_halted(stop)) return stopped();
  const std::set<std::string> left_out = control_.close_outputs();
  if (Status s = remove_left_out(plan_, left_out, run_.output_folder, books_); !s.ok()) return s;
  const Plan plan = without_outputs(plan_, left_out);
  Usage usage = books_.usage();
  usage.wall_seconds = wall_seconds;
  std::stop_source halt;
  const std::stop_callback on_stop(stop, [&halt] { halt.request_stop(); });
  const std::stop_callback on_pause(control_.paused(), [&halt] { halt.request_stop(); });
  auto receipt = parts_.publisher.receipt(run_.output_folder, plan, books_.segments(), usage, books_.lost(),
                                          halt.get_token());
  if (is_halted(stop)) return stopped();
  if (!receipt.ok()) return receipt.status();
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

// A pause ends the wait too: the loop that waits meets it next.
void JobRunner::wait(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::stop_source halt;
  const std::stop_callback on_stop(stop, [&halt] { halt.request_stop(); });
  const std::stop_callback on_pause(control_.paused(), [&halt] { halt.request_stop(); });
  parts_.wait(time, halt.get_token());
}

void JobRunner::retrying(const Retry& retry, const Status& failure) {
  if (!retry.step_down.empty()) {
    books_.note_step_down(step_down_text(retry));
    if (parts_.stepped_down)
      parts_.stepped_down({retry.stage, device_that_failed(retry), retry.code, is_of_source(failure)});
  }
  const bool of_device = retry.code != Code::resource_exhausted && !is_of_source(failure);
  if (!retry.stage.empty() && of_device) remember(retry);
  if (retry.code == Code::device_lost && parts_.lost_device && uses_device(plan_)) parts_.lost_device();
  const std::lock_guard lock(progress_mutex_);
  parts_.observer.retrying(retry);
}

std::string JobRunner::device_that_failed(const Retry& retry) const {
  Stage stage{};
  return from_name(retry.stage, stage) ? device_of(plan_, stage) : std::string();
}

void JobRunner::remember(const Retry& retry) const {
  Stage stage{};
  if (!from_name(retry.stage, stage)) return;
  const std::string device = device_that_failed(retry);
  for (const hw::GpuFacts& gpu : parts_.machine.gpus)
    if (parts_.remember && device_name(gpu) == device)
      parts_.remember(
          {stage, device_id(gpu), gpu.driver, shape_of(*plan_.source.main_video()), retry.message, retry.at});
}

}  // namespace millrace::engine
