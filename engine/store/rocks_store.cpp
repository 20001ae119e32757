#include "engine/store/rocks_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <nlohmann/json.hpp>
#include <shared_mutex>

#include "engine/base/json_text.h"
#include "engine/base/ulid.h"
#include "engine/job/job_json.h"
#include "engine/store/job_index.h"
#include "engine/store/keys.h"
#include "engine/store/records.h"
#include "engine/store/store_copies.h"

namespace millrace::engine {
namespace {

constexpr std::array<JobState, 6> kStates{JobState::queued,    JobState::running, JobState::paused,
                                          JobState::completed, JobState::failed,  JobState::cancelled};

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& folder) {
  return RocksStore::open(folder, {});
}

Result<std::unique_ptr<Store>> RocksStore::open(const std::filesystem::path& folder,
                                                const StoreOptions& options) {
  Result<std::unique_ptr<Database>> database = Database::open(folder, options.env);
  if (!database.ok()) return database.status();
  std::unique_ptr<RocksStore> store(new RocksStore(std::move(*database), options));
  if (Status s = store->events_.open(); !s.ok()) return s;
  if (Status s = store->sweep_keys(); !s.ok()) return s;
  return std::unique_ptr<Store>(std::move(store));
}

RocksStore::RocksStore(std::unique_ptr<Database> database, const StoreOptions& options)
    : database_(std::move(database)),
      events_(*database_, options.events_kept),
      keys_(*database_, options.now ? options.now : now_milliseconds) {}

Result<Store::Submitted> RocksStore::submit(const Job& job, const std::string& idempotency_key,
                                            const std::string& body_digest) {
  if (!is_ulid(job.id)) return Status(Code::internal, fmt::format("'{}' is no id for a job", job.id));
  if (idempotency_key.empty()) return create(job, idempotency_key, body_digest);
  if (Status s = sweep_keys(); !s.ok()) return s;
  // Whoever comes second with the key waits here until the first one's job is on disk.
  const std::unique_lock lock(key_locks_.of(idempotency_key));
  const auto use = keys_.find(idempotency_key);
  if (!use.ok()) return use.status();
  if (use->has_value()) {
    Result<Job> earlier = get((*use)->job_id);
    if (earlier.ok() && (*use)->body_digest != body_digest)
      return Status(
          Code::already_exists,
          fmt::format("this Idempotency-Key made job {} from another body; use a new key", earlier->id));
    if (earlier.ok()) return Submitted{std::move(*earlier), false};
    if (earlier.status().code() != Code::not_found) return earlier.status();
  }
  return create(job, idempotency_key, body_digest);
}

Result<Store::Submitted> RocksStore::create(const Job& job, const std::string& idempotency_key,
                                            const std::string& body_digest) {
  const std::unique_lock lock(job_locks_.of(job.id));
  const Result<bool> there = exists(job.id);
  if (!there.ok()) return there.status();
  if (*there) return Status(Code::already_exists, fmt::format("job {} exists already", job.id));
  rocksdb::WriteBatch batch;
  database_->put(batch, Family::jobs, job.id, records::text_of_job(job));
  if (!job.plan.empty()) database_->put(batch, Family::documents, keys::plan(job.id), job.plan);
  if (!job.receipt.empty()) database_->put(batch, Family::documents, keys::receipt(job.id), job.receipt);
  for (const auto& [family, key] : index_of(job)) database_->put(batch, family, key, {});
  if (!idempotency_key.empty()) keys_.remember(batch, idempotency_key, job.id, body_digest);
  if (Status s =
          events_.commit(batch, job.id, std::string(name_of(job.state)), json_text(shown_json_short(job)));
      !s.ok())
    return s;
  return Submitted{job, true};
}

Status RocksStore::sweep_keys() {
  if (!keys_.due()) return {};
  const auto held = key_locks_.all();
  return keys_.sweep();
}

Result<bool> RocksStore::exists(const std::string& id) const {
  const auto record = database_->get(Family::jobs, id);
  if (!record.ok()) return record.status();
  return record->has_value();
}

Result<Job> RocksStore::record(const std::string& id) const {
  const auto record = database_->get(Family::jobs, id);
  if (!record.ok()) return record.status();
  if (!record->has_value()) return records::no_such_job(id);
  return records::job(id, **record);
}

Result<Job> RocksStore::get(const std::string& id) {
  auto values = database_->get_together(
      {{Family::jobs, id}, {Family::documents, keys::plan(id)}, {Family::documents, keys::receipt(id)}});
  if (!values.ok()) return values.status();
  const auto& text = (*values)[0];
  if (!text) return records::no_such_job(id);
  Result<Job> job = records::job(id, *text);
  if (!job.ok()) return job;
  job->plan = (*values)[1].value_or("");
  job->receipt = (*values)[2].value_or("");
  return job;
}

Result<JobPage> RocksStore::list(const JobFilter& filter) {
  if (!filter.cursor.empty() && !is_ulid(filter.cursor))
    return Status(Code::invalid_argument,
                  "this is no cursor of a list of jobs; use `next` of the page before")
        .at_field("cursor");
  // The narrowest index leads; each of them ends with the job's id, so all go from the newest to the oldest.
  Family family = Family::jobs;
  std::string prefix;
  if (!filter.tag.empty()) {
    family = Family::tags;
    prefix = keys::tag_prefix(filter.tag);
  } else if (filter.state) {
    family = Family::states;
    prefix = keys::state_prefix(*filter.state);
  }
  const std::size_t limit = static_cast<std::size_t>(std::max(filter.limit, 1));
  JobPage page;
  Scan scan = database_->scan(family, prefix);
  if (filter.cursor.empty())
    scan.to_last();
  else
    scan.to_before(prefix + filter.cursor);
  for (; scan.valid(); scan.previous()) {
    const std::string id(keys::job_of(scan.key()));
    Result<Job> job = family == Family::jobs ? records::job(id, scan.value()) : record(id);
    if (!job.ok() && job.status().code() == Code::not_found) continue;  // erased while we read
    if (!job.ok()) return job.status();
    if (filter.state && job->state != *filter.state) continue;
    if (page.jobs.size() == limit) {
      page.next = page.jobs.back().id;
      return page;
    }
    page.jobs.push_back(std::move(*job));
  }
  if (Status s = scan.status(); !s.ok()) return s;
  return page;
}

Result<std::vector<std::string>> RocksStore::jobs_under(Family family, const std::string& prefix) const {
  std::vector<std::string> ids;
  Scan scan = database_->scan(family, prefix);
  for (; scan.valid(); scan.next()) ids.emplace_back(keys::job_of(scan.key()));
  if (Status s = scan.status(); !s.ok()) return s;
  return ids;
}

Result<StoreCopy> RocksStore::back_up(const std::filesystem::path& backups, int keep) {
  // A copy begins with a flush.
  if (!database_->has_room_to_flush())
    return Status(Code::resource_exhausted,
                  "no copy of the store is made: its disk is full; free some space, then ask again");
  return back_up_database(database_->rocks(), backups, keep);
}

Result<std::vector<QueuedJob>> RocksStore::queue() {
  std::vector<QueuedJob> jobs;
  Scan scan = database_->scan(Family::queue, {});
  for (; scan.valid(); scan.next())
    jobs.push_back({std::string(keys::job_of(scan.key())), keys::priority_of(scan.key())});
  if (Status s = scan.status(); !s.ok()) return s;
  return jobs;
}
Result<std::vector<std::string>> RocksStore::ids_in(JobState state) {
  return jobs_under(Family::states, keys::state_prefix(state));
}

Status RocksStore::update(const Job& job, const std::string& event_type, const std::string& event_data) {
  const std::unique_lock lock(job_locks_.of(job.id));
  const Result<Job> old = get(job.id);
  if (!old.ok()) return old.status();
  if (old->state != job.state && !may_change(old->state, job.state))
    return {Code::invalid_argument, fmt::format("job {} is {}; it cannot become {}", job.id,
                                                name_of(old->state), name_of(job.state))};
  rocksdb::WriteBatch batch;
  database_->put(batch, Family::jobs, job.id, records::text_of_job(job));
  // A document is written only when it is another one: progress comes often, a plan once.
  const auto replace = [&](const std::string& key, const std::string& was, const std::string& is) {
    if (is == was) return;
    if (is.empty())
      database_->erase(batch, Family::documents, key);
    else
      database_->put(batch, Family::documents, key, is);
  };
  replace(keys::plan(job.id), old->plan, job.plan);
  replace(keys::receipt(job.id), old->receipt, job.receipt);
  const JobIndex before = index_of(*old);
  const JobIndex after = index_of(job);
  for (const auto& entry : before)
    if (std::find(after.begin(), after.end(), entry) == after.end())
      database_->erase(batch, entry.first, entry.second);
  for (const auto& entry : after)
    if (std::find(before.begin(), before.end(), entry) == before.end())
      database_->put(batch, entry.first, entry.second, {});
  return events_.commit(batch, job.id, event_type, event_data);
}

Status RocksStore::erase(const std::string& id) {
  const std::unique_lock lock(job_locks_.of(id));
  const Result<Job> job = record(id);
  if (!job.ok() && job.status().code() != Code::internal) return job.status();
  if (job.ok() && !is_final(job->state))
    return {Code::invalid_argument,
            fmt::format("job {} is {}; cancel it before it is deleted", id, name_of(job->state))};
  rocksdb::WriteBatch batch;
  database_->erase(batch, Family::jobs, id);
  if (job.ok()) {
    for (const auto& [family, key] : index_of(*job)) database_->erase(batch, family, key);
  } else {
    // A damaged record does not say where it is listed. A tag that still points to it is passed over by
    // list().
    for (const JobState state : kStates) database_->erase(batch, Family::states, keys::state(state, id));
    for (int priority = 0; priority <= 255; ++priority)
      database_->erase(batch, Family::queue, keys::queue(priority, id));
  }
  for (const Family family : {Family::ledger, Family::documents})
    database_->erase_range(batch, family, id, keys::after(id));
  if (Status s = events_.erase_of(batch, id); !s.ok()) return s;
  return events_.commit(batch, id, "deleted", json_text({{"id", id}}));
}

Status RocksStore::announce(const std::string& job_id, const std::string& type, const std::string& data) {
  const std::shared_lock lock(job_locks_.of(job_id));
  const Result<bool> there = exists(job_id);
  if (!there.ok()) return there.status();
  if (!*there) return records::no_such_job(job_id);
  rocksdb::WriteBatch batch;
  return events_.commit(batch, job_id, type, data);
}

Status RocksStore::commit_segment(const std::string& job_id, const FinishedSegment& segment) {
  const std::shared_lock lock(job_locks_.of(job_id));
  const Result<bool> there = exists(job_id);
  if (!there.ok()) return there.status();
  if (!*there) return records::no_such_job(job_id);
  rocksdb::WriteBatch batch;
  database_->put(batch, Family::ledger, keys::segment(job_id, segment.track, segment.index),
                 json_text(to_json(segment)));
  const nlohmann::ordered_json news{{"track", segment.track},       {"index", segment.index},
                                    {"file", segment.file},         {"frames", segment.frames},
                                    {"duration", segment.duration}, {"timescale", segment.timescale},
                                    {"bytes", segment.bytes}};
  return events_.commit(batch, job_id, "segment", json_text(news));
}

Result<std::vector<FinishedSegment>> RocksStore::segments(const std::string& job_id) {
  std::vector<FinishedSegment> segments;
  if (!is_ulid(job_id)) return records::no_such_job(job_id);
  Scan scan = database_->scan(Family::ledger, keys::segments_prefix(job_id));
  for (; scan.valid(); scan.next()) {
    Result<FinishedSegment> segment = records::segment(job_id, scan.value());
    if (!segment.ok()) return segment.status();
    segments.push_back(std::move(*segment));
  }
  if (Status s = scan.status(); !s.ok()) return s;
  return segments;
}

Status RocksStore::forget_segments(const std::string& job_id, const std::string& track,
                                   std::int64_t first_index) {
  if (!is_ulid(job_id)) return records::no_such_job(job_id);
  const std::string prefix =
      track.empty() ? keys::segments_prefix(job_id) : keys::track_prefix(job_id, track);
  rocksdb::WriteBatch batch;
  Scan scan = database_->scan(Family::ledger, prefix);
  for (; scan.valid(); scan.next()) {
    const std::string_view key = scan.key();
    const auto index = keys::number_at(key, key.size() < 8 ? key.size() : key.size() - 8);
    if (index && static_cast<std::int64_t>(*index) >= first_index)
      database_->erase(batch, Family::ledger, std::string(key));
  }
  if (Status s = scan.status(); !s.ok()) return s;
  if (track.empty()) {
    for (const std::string& each : {keys::ends_prefix(job_id), keys::lost_prefix(job_id)})
      database_->erase_range(batch, Family::ledger, each, keys::after(each));
  } else {
    database_->erase(batch, Family::ledger, keys::end(job_id, track));
    if (first_index <= 0) database_->erase(batch, Family::ledger, keys::lost(job_id, track));
  }
  return database_->write(batch);
}

Status RocksStore::note(const std::string& job_id, const std::string& key, const std::string& value) {
  const std::shared_lock lock(job_locks_.of(job_id));
  const Result<bool> there = exists(job_id);
  if (!there.ok()) return there.status();
  if (!*there) return records::no_such_job(job_id);
  rocksdb::WriteBatch batch;
  database_->put(batch, Family::ledger, key, value);
  return database_->write(batch);
}

Status RocksStore::note_end(const std::string& job_id, const std::string& track, std::int64_t end_segment) {
  return note(job_id, keys::end(job_id, track), std::to_string(end_segment));
}

Result<std::map<std::string, std::int64_t>> RocksStore::ended_tracks(const std::string& job_id) {
  if (!is_ulid(job_id)) return records::no_such_job(job_id);
  const std::string prefix = keys::ends_prefix(job_id);
  std::map<std::string, std::int64_t> ends;
  Scan scan = database_->scan(Family::ledger, prefix);
  for (; scan.valid(); scan.next()) {
    const Result<std::int64_t> end = records::end(job_id, scan.value());
    if (!end.ok()) return end.status();
    ends.emplace(scan.key().substr(prefix.size()), *end);
  }
  if (Status s = scan.status(); !s.ok()) return s;
  return ends;
}

Status RocksStore::note_lost(const std::string& job_id, const std::string& track,
                             const std::vector<std::string>& sentences) {
  return note(job_id, keys::lost(job_id, track), json_text(nlohmann::ordered_json(sentences)));
}

Result<std::map<std::string, std::vector<std::string>>> RocksStore::lost(const std::string& job_id) {
  if (!is_ulid(job_id)) return records::no_such_job(job_id);
  const std::string prefix = keys::lost_prefix(job_id);
  std::map<std::string, std::vector<std::string>> lost;
  Scan scan = database_->scan(Family::ledger, prefix);
  for (; scan.valid(); scan.next()) {
    Result<std::vector<std::string>> sentences = records::lost(job_id, scan.value());
    if (!sentences.ok()) return sentences.status();
    lost.emplace(scan.key().substr(prefix.size()), std::move(*sentences));
  }
  if (Status s = scan.status(); !s.ok()) return s;
  return lost;
}

Result<std::vector<Event>> RocksStore::events_after(std::uint64_t number, const std::string& job_id,
                                                    int limit) {
  if (!job_id.empty() && !is_ulid(job_id)) return records::no_such_job(job_id);
  return events_.after(number, job_id, limit);
}

Result<std::uint64_t> RocksStore::newest_event_of(const std::string& job_id) {
  if (!is_ulid(job_id)) return records::no_such_job(job_id);
  return events_.newest_of(job_id);
}

void RocksStore::set_listener(std::function<void(const Event&)> listener) {
  events_.set_listener(std::move(listener));
}

Result<std::string> RocksStore::get_value(const std::string& family, const std::string& key) {
  auto value = database_->get(Family::values, keys::value(family, key));
  if (!value.ok()) return value.status();
  if (!value->has_value())
    return Status(Code::not_found, fmt::format("the store has no {} named {}", family, key));
  return std::move(**value);
}

Status RocksStore::put_value(const std::string& family, const std::string& key, const std::string& value) {
  rocksdb::WriteBatch batch;
  database_->put(batch, Family::values, keys::value(family, key), value);
  return database_->write(batch);
}

Status RocksStore::erase_value(const std::string& family, const std::string& key) {
  rocksdb::WriteBatch batch;
  database_->erase(batch, Family::values, keys::value(family, key));
  return database_->write(batch);
}

Result<std::vector<std::pair<std::string, std::string>>> RocksStore::values(const std::string& family) {
  const std::string prefix = keys::value_prefix(family);
  std::vector<std::pair<std::string, std::string>> found;
  Scan scan = database_->scan(Family::values, prefix);
  for (; scan.valid(); scan.next()) found.emplace_back(scan.key().substr(prefix.size()), scan.value());
  if (Status s = scan.status(); !s.ok()) return s;
  return found;
}

}  // namespace millrace::engine
