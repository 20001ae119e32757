#include "engine/store/event_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/log.h"
#include "engine/store/keys.h"

namespace millrace::engine {
namespace {

// JOB \n TYPE \n DATA: neither an id nor a type has a line end.
std::string record_of(const Event& event) {
  return fmt::format("{}\n{}\n{}", event.job_id, event.type, event.data);
}

}  // namespace

Result<Event> EventLog::event_from(std::uint64_t number, std::string_view record) {
  const std::size_t first = record.find('\n');
  const std::size_t second = first == std::string_view::npos ? first : record.find('\n', first + 1);
  if (second == std::string_view::npos)
    return Status(Code::internal, fmt::format("the record of event {} is damaged", number));
  return Event{number, std::string(record.substr(0, first)),
               std::string(record.substr(first + 1, second - first - 1)),
               std::string(record.substr(second + 1))};
}

EventLog::EventLog(Database& database, std::uint64_t kept)
    : database_(database), kept_(std::max<std::uint64_t>(kept, 1)) {}

Status EventLog::open() {
  Scan scan = database_.scan(Family::events);
  const std::uint64_t first = scan.valid() ? keys::number_at(scan.key(), 0).value_or(0) : 0;
  scan.to_last();
  if (Status s = scan.status(); !s.ok()) return s;
  pruned_to_ = first;
  order_.start_after(scan.valid() ? keys::number_at(scan.key(), 0).value_or(0) : 0);
  return {};
}

Status EventLog::commit(rocksdb::WriteBatch& batch, const std::string& job_id, const std::string& type,
                        const std::string& data) {
  if (type.empty()) return database_.write(batch);
  Event event{order_.take(), job_id, type, data};
  const std::uint64_t number = event.number;
  database_.put(batch, Family::events, keys::number(number), record_of(event));
  database_.put(batch, Family::job_events, keys::job_event(job_id, number), {});
  const Status status = database_.write(batch);
  order_.finish(number, status.ok() ? std::optional<Event>(std::move(event)) : std::nullopt);
  if (status.ok()) prune(number);
  return status;
}

Status EventLog::erase_of(rocksdb::WriteBatch& batch, const std::string& job_id) {
  Scan scan = database_.scan(Family::job_events, job_id);
  for (; scan.valid(); scan.next()) {
    const auto number = keys::number_at(scan.key(), job_id.size());
    if (number) database_.erase(batch, Family::events, keys::number(*number));
    database_.erase(batch, Family::job_events, std::string(scan.key()));
  }
  return scan.status();
}

Result<std::vector<Event>> EventLog::after(std::uint64_t number, const std::string& job_id, int limit) const {
  const std::uint64_t newest = order_.settled();
  std::vector<Event> events;
  if (number >= newest) return events;
  const Family family = job_id.empty() ? Family::events : Family::job_events;
  Scan scan = database_.scan(family, job_id);
  for (scan.to(job_id + keys::number(number + 1)); scan.valid() && static_cast<int>(events.size()) < limit;
       scan.next()) {
    const auto each = keys::number_at(scan.key(), job_id.size());
    if (!each || *each > newest) break;
    Result<Event> event = Status(Code::internal, "");
    if (job_id.empty()) {
      event = event_from(*each, scan.value());
    } else {
      const auto record = database_.get(Family::events, keys::number(*each));
      if (!record.ok()) return record.status();
      if (!record->has_value()) continue;  // pruned meanwhile
      event = event_from(*each, **record);
    }
    if (!event.ok()) return event.status();
    events.push_back(std::move(*event));
  }
  if (Status s = scan.status(); !s.ok()) return s;
  return events;
}

Result<std::uint64_t> EventLog::newest_of(const std::string& job_id) const {
  Scan scan = database_.scan(Family::job_events, job_id);
  scan.to_last();
  if (Status s = scan.status(); !s.ok()) return s;
  return scan.valid() ? keys::number_at(scan.key(), job_id.size()).value_or(0) : 0;
}

// One thread prunes, now and then; the others go on. What is not pruned now is pruned the next time.
void EventLog::prune(std::uint64_t newest) {
  if (newest <= kept_) return;
  const std::uint64_t limit = newest - kept_;  // the first number that stays is limit + 1
  const std::unique_lock lock(prune_mutex_, std::try_to_lock);
  if (!lock.owns_lock() || limit + 1 < pruned_to_ + std::max<std::uint64_t>(1, kept_ / 100)) return;
  rocksdb::WriteBatch batch;
  Scan scan = database_.scan(Family::events);
  for (scan.to(keys::number(pruned_to_)); scan.valid(); scan.next()) {
    const auto number = keys::number_at(scan.key(), 0);
    if (!number || *number > limit) break;
    if (const Result<Event> event = event_from(*number, scan.value()); event.ok())
      database_.erase(batch, Family::job_events, keys::job_event(event->job_id, *number));
    database_.erase(batch, Family::events, keys::number(*number));
  }
  Status status = scan.status();
  if (status.ok()) status = database_.write(batch);
  if (status.ok())
    pruned_to_ = limit + 1;
  else
    spdlog::warn("old events stay: {}", status.message());
}

}  // namespace millrace::engine
