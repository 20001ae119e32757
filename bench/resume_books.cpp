#include "bench/resume_books.h"

#include <fmt/format.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "engine/store/store.h"
#include "engine/store/store_check.h"

namespace millrace::bench {
namespace {

namespace fs = std::filesystem;
using engine::Event;
using engine::Job;
using engine::JobState;
using engine::Result;
using engine::Status;
using engine::Store;

// Every segment of the job that was booked, and those that were booked again. A file of its own is booked
// too, and is no segment.
Status count_segments(Store& store, const std::string& id, ResumeBooks& books) {
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

std::string key_of(const Job& job) {
  const std::string prefix = std::string(kKeyTag) + "=";
  for (const std::string& tag : job.tags)
    if (tag.starts_with(prefix)) return tag.substr(prefix.size());
  return {};
}

}  // namespace

Result<ResumeBooks> read_resume_books(const fs::path& data, const std::set<std::string>& acknowledged) {
  ResumeBooks books;
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
        else
          books.wrong.push_back(fmt::format("job {} is {}: {}", job.id, name_of(job.state),
                                            job.error ? job.error->message : "without an error"));
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

}  // namespace millrace::bench
