#include "tests/server/fake_jobs.h"

#include <stdexcept>

#include "engine/base/ulid.h"

namespace millrace::test {

using engine::Code;
using engine::Event;
using engine::Job;
using engine::JobState;
using engine::Result;
using engine::Status;

void FakeJobs::add(const std::string& id, JobState state) {
  const std::lock_guard lock(mutex_);
  Job job;
  job.id = id;
  job.spec = "{}";
  job.state = state;
  job.created = 1'700'000'000'000;
  jobs_[id] = job;
}

void FakeJobs::set_state(const std::string& id, JobState state) {
  const std::lock_guard lock(mutex_);
  jobs_.at(id).state = state;
}

void FakeJobs::announce(const std::string& id, const std::string& type, const std::string& data) {
  const std::lock_guard lock(mutex_);
  announce_locked(id, type, data);
}

void FakeJobs::complete(const std::string& id) {
  const std::lock_guard lock(mutex_);
  jobs_.at(id).state = JobState::completed;
  announce_locked(id, "completed", "{}");
}

void FakeJobs::complete_hidden(const std::string& id) {
  const std::lock_guard lock(mutex_);
  jobs_.at(id).state = JobState::completed;
  hidden_ = Event{events_.size() + 1, id, "completed", "{}"};
}

void FakeJobs::show_hidden() {
  const std::lock_guard lock(mutex_);
  const Event event = std::exchange(hidden_, std::nullopt).value();
  announce_locked(event.job_id, event.type, event.data);
}

void FakeJobs::announce_locked(const std::string& id, const std::string& type, const std::string& data) {
  events_.push_back(Event{events_.size() + 1, id, type, data});
  for (const auto& [number, listener] : listeners_) listener(events_.back());
}

void FakeJobs::refuse_with(std::optional<Status> status) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(status);
}

void FakeJobs::throw_at_submit(int kind) {
  const std::lock_guard lock(mutex_);
  throw_kind_ = kind;
}

void FakeJobs::set_not_ready(std::optional<Status> status) {
  const std::lock_guard lock(mutex_);
  not_ready_ = std::move(status);
}

void FakeJobs::hold_inspect() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void FakeJobs::release_inspect() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  changed_.notify_all();
}

void FakeJobs::wait_until_inspecting(int calls) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return inspecting_ >= calls; });
}

std::string FakeJobs::last_spec() const {
  const std::lock_guard lock(mutex_);
  return last_spec_;
}

std::string FakeJobs::last_key() const {
  const std::lock_guard lock(mutex_);
  return last_key_;
}

engine::JobFilter FakeJobs::last_filter() const {
  const std::lock_guard lock(mutex_);
  return last_filter_;
}

int FakeJobs::submits() const {
  const std::lock_guard lock(mutex_);
  return submits_;
}

int FakeJobs::listeners() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(listeners_.size());
}

Result<engine::Store::Submitted> FakeJobs::submit(const std::string& spec, const std::string& key) {
  const std::lock_guard lock(mutex_);
  ++submits_;
  last_spec_ = spec;
  last_key_ = key;
  if (throw_kind_ == 1) throw std::runtime_error("secret words of a library");
  if (throw_kind_ == 2) throw 5;
  if (refusal_) return *refusal_;
  if (!key.empty() && keys_.contains(key)) return engine::Store::Submitted{jobs_.at(keys_[key]), false};
  Job job;
  job.id = engine::new_ulid();
  job.spec = spec;
  job.created = 1'700'000'000'000;
  jobs_[job.id] = job;
  if (!key.empty()) keys_[key] = job.id;
  return engine::Store::Submitted{job, true};
}

Result<nlohmann::ordered_json> FakeJobs::look(const std::string& at) {
  std::unique_lock lock(mutex_);
  ++inspecting_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return !held_; });
  --inspecting_;
  if (refusal_) return *refusal_;
  return nlohmann::ordered_json{{"looked_at", at}};
}

Result<nlohmann::ordered_json> FakeJobs::plan(const std::string& spec) { return look(spec); }
Result<nlohmann::ordered_json> FakeJobs::inspect(const engine::JobSpec& input) {
  return look(source_url_of(input));
}

Result<Job> FakeJobs::get(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return Status(Code::not_found, "job " + id + ": there is none");
  return job->second;
}

Result<engine::JobPage> FakeJobs::list(const engine::JobFilter& filter) {
  const std::lock_guard lock(mutex_);
  last_filter_ = filter;
  if (refusal_) return *refusal_;
  engine::JobPage page;
  for (const auto& [id, job] : jobs_)
    if (!filter.state || job.state == *filter.state) page.jobs.insert(page.jobs.begin(), job);
  if (page.jobs.size() > static_cast<std::size_t>(filter.limit)) {
    page.jobs.resize(static_cast<std::size_t>(filter.limit));
    page.next = page.jobs.back().id;
  }
  return page;
}

Result<Job> FakeJobs::change(const std::string& id, JobState to) {
  const std::lock_guard lock(mutex_);
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return Status(Code::not_found, "job " + id + ": there is none");
  if (!engine::may_change(job->second.state, to))
    return Status(Code::invalid_argument, "the job is " + std::string(engine::name_of(job->second.state)));
  job->second.state = to;
  return job->second;
}

Result<Job> FakeJobs::cancel(const std::string& id) { return change(id, JobState::cancelled); }
Result<Job> FakeJobs::cancel_output(const std::string& id, const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return Status(Code::not_found, "job " + id + ": there is none");
  if (name != "web") return Status(Code::not_found, "job " + id + " has no output '" + name + "'");
  if (!job->second.cancelled_outputs.empty())
    return Status(Code::invalid_argument, "output 'web' is cancelled already");
  job->second.cancelled_outputs = {name};
  return job->second;
}
Result<Job> FakeJobs::retry(const std::string& id) { return change(id, JobState::queued); }
Result<Job> FakeJobs::pause(const std::string& id) { return change(id, JobState::paused); }
Result<Job> FakeJobs::resume(const std::string& id) { return change(id, JobState::queued); }

Status FakeJobs::erase(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto job = jobs_.find(id);
  if (job == jobs_.end()) return Status(Code::not_found, "job " + id + ": there is none");
  if (!engine::is_final(job->second.state)) return Status(Code::invalid_argument, "the job is not final");
  jobs_.erase(job);
  return {};
}

Result<std::filesystem::path> FakeJobs::folder(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (!jobs_.contains(id)) return Status(Code::not_found, "job " + id + ": there is none");
  return folder_ / id;
}

Result<std::vector<Event>> FakeJobs::events_after(std::uint64_t number, const std::string& job_id,
                                                  int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Event> found;
  for (const Event& event : events_)
    if (event.number > number && (job_id.empty() || event.job_id == job_id) &&
        found.size() < static_cast<std::size_t>(limit))
      found.push_back(event);
  return found;
}

std::uint64_t FakeJobs::last_event() const {
  const std::lock_guard lock(mutex_);
  return events_.size();
}

Result<std::uint64_t> FakeJobs::newest_event_of(const std::string& job_id) {
  const std::lock_guard lock(mutex_);
  if (hidden_ && hidden_->job_id == job_id) return hidden_->number;
  std::uint64_t newest = 0;
  for (const Event& event : events_)
    if (event.job_id == job_id) newest = event.number;
  return newest;
}

int FakeJobs::subscribe(std::function<void(const Event&)> listener) {
  const std::lock_guard lock(mutex_);
  listeners_[++subscriptions_] = std::move(listener);
  return subscriptions_;
}

void FakeJobs::unsubscribe(int subscription) {
  const std::lock_guard lock(mutex_);
  listeners_.erase(subscription);
}

engine::Result<engine::StoreCopy> FakeJobs::back_up() {
  const std::lock_guard lock(mutex_);
  if (refusal_) return *refusal_;
  return engine::StoreCopy{3, 1'000, 4'711};
}

engine::Result<nlohmann::ordered_json> FakeJobs::capacity(const std::string& profile) {
  if (!profile.empty() && profile != "720p-h264-veryfast")
    return Status(Code::invalid_argument,
                  "there is no profile '" + profile + "'; there are 720p-h264-veryfast");
  return nlohmann::ordered_json{{"profiles", {{{"profile", "720p-h264-veryfast"}, {"slots", 3}}}}};
}

nlohmann::ordered_json FakeJobs::hardware() { return {{"cpu", {{"usable_cores", 2}}}}; }

std::vector<engine::Metric> FakeJobs::metrics() {
  return {{"millrace_jobs", engine::Metric::Kind::gauge, "Jobs.", {{{{"state", "running"}}, 1}}}};
}

Status FakeJobs::ready() {
  const std::lock_guard lock(mutex_);
  return not_ready_.value_or(Status());
}

}  // namespace millrace::test
