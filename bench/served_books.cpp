#include "bench/served_books.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>

#include "bench/measured_run.h"
#include "engine/store/store.h"
#include "engine/store/store_check.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::Event;
using engine::Job;
using engine::JobState;
using engine::Result;
using engine::Status;
using engine::Store;

// Every segment of the job that was booked, and those that were booked again. A file of its own is booked
// too, and is no segment.
Status count_segments(Store& store, const std::string& id, ServedBooks& books) {
  const auto events = store.events_after(0, id, std::numeric_limits<int>::max());
  if (!events.ok()) return events.status();
  std::set<std::string> booked;
  for (const Event& event : *events) {
    if (event.type != "segment") continue;
    const auto data = nlohmann::json::parse(event.data, nullptr, false);
    const std::string file = data.is_object() ? data.value("file", "") : "";
    if (!file.ends_with(".m4s")) continue;
    const bool again = !booked.insert(file).second;
    if (file.find("/audio/") != std::string::npos || file.starts_with("audio/")) {
      books.sounds_twice += again ? 1 : 0;
    } else {
      ++books.segments;
      books.segments_twice += again ? 1 : 0;
    }
  }
  return {};
}

constexpr std::size_t kTold = 10;

void count_attempts(const Job& job, ServedBooks& books) {
  for (const engine::Attempt& attempt : job.attempts) {
    if (attempt.outcome.starts_with("waiting: ")) ++books.waits;
    for (const engine::Retry& retry : attempt.retries)
      ++books.tasks_again[std::string(engine::name_of(retry.code))];
  }
}

// Refused when its turn came, or not found by a worker.
bool lacks_its_source(const Job& job) {
  return job.state == JobState::failed && job.error &&
         (job.error->code == Code::not_found || job.error->code == Code::invalid_argument);
}

Target none_of(std::string what, std::int64_t count, const std::string& measured = {}) {
  return {std::move(what), "0", measured.empty() ? std::to_string(count) : measured,
          count == 0 ? Verdict::met : Verdict::not_met};
}

std::string key_of(const Job& job) {
  const std::string prefix = std::string(kKeyTag) + "=";
  for (const std::string& tag : job.tags)
    if (tag.starts_with(prefix)) return tag.substr(prefix.size());
  return {};
}

}  // namespace

Result<ServedBooks> read_served_books(const fs::path& data, const std::set<std::string>& acknowledged,
                                      const std::set<std::string>& sourceless) {
  ServedBooks books;
  std::set<std::string> ids;
  std::map<std::string, int> jobs_of_key;
  {
    const auto store = Store::open(data / "store");
    if (!store.ok()) return store.status();
    engine::JobFilter filter;
    filter.limit = 500;
    do {
      const auto page = (*store)->list(filter);
      if (!page.ok()) return page.status();
      for (const Job& job : page->jobs) {
        ids.insert(job.id);
        if (const std::string key = key_of(job); !key.empty() && ++jobs_of_key[key] == 2) {
          ++books.doubled;
          books.wrong.push_back(fmt::format("key {} has more than one job, {} among them", key, job.id));
        }
        if (job.state == JobState::completed)
          books.completed_ids.push_back(job.id);
        else if (sourceless.contains(job.id) && lacks_its_source(job))
          ++books.failed_rightly;
        else
          books.wrong.push_back(fmt::format("job {} is {}: {}", job.id, name_of(job.state),
                                            job.error ? job.error->message : "without an error"));
        count_attempts(job, books);
        if (Status s = count_segments(**store, job.id, books); !s.ok()) return s;
      }
      filter.cursor = page->next;
    } while (!filter.cursor.empty());
  }
  books.jobs = static_cast<int>(ids.size());
  books.completed = static_cast<int>(books.completed_ids.size());
  for (const std::string& id : acknowledged) {
    if (ids.contains(id)) continue;
    ++books.lost;
    books.wrong.push_back(fmt::format("job {} was acknowledged and is not in the store", id));
  }
  std::error_code error;
  for (fs::directory_iterator each(data / "jobs", error), end; !error && each != end; each.increment(error)) {
    const std::string name = each->path().filename().string();
    if (ids.contains(name)) continue;
    ++books.stray_folders;
    books.wrong.push_back(fmt::format("jobs/{} belongs to no job", name));
  }
  const auto check = engine::check_store(data / "store", false);
  if (!check.ok()) return check.status();
  books.findings = check->found;
  books.wrong.insert(books.wrong.end(), check->findings.begin(), check->findings.end());
  return books;
}

Result<int> verify_jobs(const std::string& millrace, const fs::path& data, std::size_t every,
                        ServedBooks& books, const StopFlag& stop) {
  int refused = 0;
  for (std::size_t i = 0; i < books.completed_ids.size(); i += every) {
    const std::string& id = books.completed_ids[i];
    const fs::path output = data / "jobs" / id / "out";
    const Status verified =
        output_of({millrace, "verify", output.string()}, data.parent_path(), stop).status();
    if (verified.ok()) continue;
    if (verified.code() == Code::cancelled) return verified;
    ++refused;
    books.wrong.push_back(fmt::format("job {}: {}", id, verified.message()));
  }
  return refused;
}

std::vector<Target> judge(const ServedBooks& books, int orphans, int receipts_wrong) {
  return {
      none_of("jobs lost", books.lost),
      none_of("jobs doubled", books.doubled),
      none_of("jobs that did not end as they should", books.jobs - books.completed - books.failed_rightly),
      none_of("orphans", orphans + books.stray_folders,
              fmt::format("{} processes, {} folders", orphans, books.stray_folders)),
      none_of("receipts that do not hold", receipts_wrong),
      none_of("findings in the store", books.findings)};
}

std::string wrong_text(const ServedBooks& books) {
  std::string text;
  for (std::size_t i = 0; i < std::min(books.wrong.size(), kTold); ++i) text += "  " + books.wrong[i] + "\n";
  if (books.wrong.size() > kTold) text += fmt::format("  and {} more\n", books.wrong.size() - kTold);
  return text;
}

}  // namespace millrace::bench
