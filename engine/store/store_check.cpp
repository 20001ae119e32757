#include "engine/store/store_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/base/ulid.h"
#include "engine/store/database.h"
#include "engine/store/event_log.h"
#include "engine/store/idempotency_keys.h"
#include "engine/store/job_index.h"
#include "engine/store/keys.h"
#include "engine/store/records.h"
#include "engine/store/schema.h"

namespace millrace::engine {
namespace {

constexpr std::size_t kTold = 100;
constexpr std::size_t kIdLength = 26;

class Check {
 public:
  Check(Database& database, bool repair) : database_(database), repair_(repair) {}

  Result<StoreCheck> run() {
    const Result<int> schema = schema_of(database_);
    if (!schema.ok()) return schema.status();
    check_.schema = *schema;
    if (Status s = database_.verify(); !s.ok()) find(s.message());
    for (const auto part : {&Check::look_at_jobs, &Check::look_at_lists, &Check::look_at_documents,
                            &Check::look_at_ledger, &Check::look_at_events, &Check::look_at_keys}) {
      if (Status s = (this->*part)(); !s.ok()) return s;
      if (Status s = mend(); !s.ok()) return s;
    }
    return std::move(check_);
  }

 private:
  void find(std::string sentence) {
    ++check_.found;
    if (check_.findings.size() < kTold) check_.findings.push_back(std::move(sentence));
  }
  void find_stray(Family family, std::string_view key, std::string sentence) {
    find(std::move(sentence));
    database_.erase(mending_, family, std::string(key));
  }

  Status mend() {
    const auto count = static_cast<std::int64_t>(mending_.Count());
    if (count == 0) return {};
    if (repair_) {
      if (Status s = database_.write(mending_); !s.ok()) return s;
      check_.mended += count;
    }
    mending_.Clear();
    return {};
  }

  bool is_job(std::string_view id) const { return std::binary_search(jobs_.begin(), jobs_.end(), id); }

  Status look_at_jobs() {
    Scan scan = database_.scan(Family::jobs);
    for (; scan.valid(); scan.next()) {
      const std::string id(scan.key());
      ++check_.jobs;
      jobs_.push_back(id);
      const Result<Job> job = records::job(id, scan.value());
      if (!job.ok()) {
        damaged_.push_back(id);
        find(job.status().message());
        continue;
      }
      for (const auto& [family, key] : index_of(*job)) {
        const auto entry = database_.get(family, key);
        if (!entry.ok()) return entry.status();
        if (entry->has_value()) continue;
        find(fmt::format("job {} is {} and missing in the list '{}'", id, name_of(job->state),
                         name_of(family)));
        database_.put(mending_, family, key, {});
      }
    }
    return scan.status();
  }

  Status look_at_lists() {
    for (const Family family : {Family::states, Family::queue, Family::tags}) {
      Scan scan = database_.scan(family);
      for (; scan.valid(); scan.next()) {
        const std::string id(keys::job_of(scan.key()));
        // Where the record is damaged, nobody can say which lists are right.
        if (std::binary_search(damaged_.begin(), damaged_.end(), id)) continue;
        const auto text = database_.get(Family::jobs, id);
        if (!text.ok()) return text.status();
        if (!text->has_value()) {
          find_stray(family, scan.key(),
                     fmt::format("the list '{}' names job {}, which is not there", name_of(family), id));
          continue;
        }
        const Result<Job> job = records::job(id, **text);
        if (!job.ok()) return job.status();
        const JobIndex index = index_of(*job);
        if (std::find(index.begin(), index.end(), std::pair(family, std::string(scan.key()))) == index.end())
          find_stray(
              family, scan.key(),
              fmt::format("job {} stands in the list '{}' where it does not belong", id, name_of(family)));
      }
      if (Status s = scan.status(); !s.ok()) return s;
    }
    return {};
  }

  Status look_at_documents() {
    Scan scan = database_.scan(Family::documents);
    for (; scan.valid(); scan.next()) {
      const std::string_view id = scan.key().substr(0, kIdLength);
      if (!is_job(id))
        find_stray(Family::documents, scan.key(),
                   fmt::format("a document belongs to job {}, which is not there", id));
      else if (!nlohmann::ordered_json::accept(scan.value()))
        find(fmt::format("job {}: its {} is not JSON; delete the job", id,
                         scan.key() == keys::plan(id) ? "plan" : "receipt"));
    }
    return scan.status();
  }

  Status look_at_ledger() {
    Scan scan = database_.scan(Family::ledger);
    for (; scan.valid(); scan.next()) {
      const std::string_view key = scan.key();
      const std::string id(key.substr(0, kIdLength));
      if (!is_job(id)) {
        find_stray(Family::ledger, key,
                   fmt::format("the ledger has entries of job {}, which is not there", id));
        continue;
      }
      const Status status = entry_status(id, key, scan.value());
      if (!status.ok()) find(status.message());
      if (key.substr(kIdLength).starts_with('s')) ++check_.segments;
    }
    return scan.status();
  }

  static Status entry_status(const std::string& id, std::string_view key, std::string_view value) {
    const std::string_view kind = key.substr(kIdLength, 1);
    if (kind == "e") return records::end(id, value).status();
    if (kind == "l") return records::lost(id, value).status();
    if (kind != "s")
      return Status(Code::internal, fmt::format("job {}: its ledger has an entry of no known kind", id));
    const Result<FinishedSegment> segment = records::segment(id, value);
    if (!segment.ok()) return segment.status();
    if (key == keys::segment(id, segment->track, segment->index)) return {};
    return Status(Code::internal, fmt::format("job {}: segment {} of {} is booked under another name", id,
                                              segment->index, segment->track));
  }

  Status look_at_events() {
    Scan scan = database_.scan(Family::events);
    for (; scan.valid(); scan.next()) {
      ++check_.events;
      const auto number = keys::number_at(scan.key(), 0).value_or(0);
      const Result<Event> event = EventLog::event_from(number, scan.value());
      if (!event.ok()) {
        find_stray(Family::events, scan.key(), event.status().message());
        continue;
      }
      const std::string key = keys::job_event(event->job_id, number);
      const auto entry = database_.get(Family::job_events, key);
      if (!entry.ok()) return entry.status();
      if (entry->has_value()) continue;
      find(fmt::format("event {} is missing in the list of job {}", number, event->job_id));
      database_.put(mending_, Family::job_events, key, {});
    }
    if (Status s = scan.status(); !s.ok()) return s;
    Scan list = database_.scan(Family::job_events);
    for (; list.valid(); list.next()) {
      const auto number = keys::number_at(list.key(), kIdLength);
      const auto event = database_.get(Family::events, keys::number(number.value_or(0)));
      if (!event.ok()) return event.status();
      if (!number || !event->has_value())
        find_stray(Family::job_events, list.key(),
                   fmt::format("the events of job {} name number {}, which is not there",
                               list.key().substr(0, kIdLength), number.value_or(0)));
    }
    return list.status();
  }

  Status look_at_keys() {
    Scan scan = database_.scan(Family::idempotency);
    for (; scan.valid(); scan.next()) {
      ++check_.keys;
      if (const auto use = IdempotencyKeys::use_from(scan.value()); !use.ok())
        find_stray(Family::idempotency, scan.key(), use.status().message());
    }
    return scan.status();
  }

  Database& database_;
  const bool repair_;
  StoreCheck check_;
  rocksdb::WriteBatch mending_;
  std::vector<std::string> jobs_;     // in their order
  std::vector<std::string> damaged_;  // in their order
};

std::int64_t bytes_in(const std::filesystem::path& folder) {
  std::int64_t bytes = 0;
  std::error_code error;
  std::filesystem::directory_iterator each(folder, error);
  for (; !error && each != std::filesystem::directory_iterator(); each.increment(error)) {
    std::error_code gone;
    const std::uintmax_t size = each->file_size(gone);
    if (!gone) bytes += static_cast<std::int64_t>(size);
  }
  return bytes;
}

}  // namespace

Result<StoreCheck> check_store(const std::filesystem::path& folder, bool repair) {
  const auto database = Database::open(folder, nullptr, Absent::refuse);
  if (!database.ok()) return database.status();
  return Check(**database, repair).run();
}

Result<Compacted> compact_store(const std::filesystem::path& folder) {
  Compacted compacted;
  {
    const auto database = Database::open(folder, nullptr, Absent::refuse);
    if (!database.ok()) return database.status();
    compacted.bytes_before = bytes_in(folder);
    if (Status s = (*database)->compact(); !s.ok()) return s;
  }
  // Opened once more: files that are replaced go at the latest then.
  const auto database = Database::open(folder, nullptr, Absent::refuse);
  if (!database.ok()) return database.status();
  compacted.bytes_after = bytes_in(folder);
  return compacted;
}

}  // namespace millrace::engine
