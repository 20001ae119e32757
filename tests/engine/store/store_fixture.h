// What tests of the store share: a folder that goes away, jobs and segments made by hand.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/ulid.h"
#include "engine/job/job.h"
#include "engine/store/rocks_store.h"

namespace millrace::engine {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "millrace-test-XXXXXX").native();
    if (::mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline Job new_job(int priority = 50) {
  Job job;
  job.id = new_ulid();
  job.spec = R"({"input":{"url":"file:///media/in.mov"}})";
  job.priority = priority;
  job.created = 1'000;
  return job;
}

inline FinishedSegment new_segment(const std::string& track, std::int64_t index) {
  FinishedSegment segment;
  segment.track = track;
  segment.index = index;
  segment.file = track + "/" + segment_file_name(index);
  segment.start = index * 360'000;
  segment.duration = 360'000;
  segment.frames = segment.frames_in = 120;
  segment.last_pts = segment.start + 357'000;
  segment.bytes = 1'000 + index;
  segment.sha256 = std::string(64, 'a');
  segment.opens_with_idr = true;
  return segment;
}

// Of the jobs that wait, in their order.
inline std::vector<std::string> queued_ids(Store& store) {
  std::vector<std::string> ids;
  const auto queue = store.queue();
  EXPECT_TRUE(queue.ok()) << to_string(queue.status());
  for (const QueuedJob& each : queue.value_or({})) ids.push_back(each.id);
  return ids;
}

class StoreTest : public testing::Test {
 protected:
  void SetUp() override { reopen(); }

  // Closes the store if it is open, and opens it again.
  void reopen() {
    store_.reset();
    Result<std::unique_ptr<Store>> store = RocksStore::open(folder_.path(), options_);
    ASSERT_TRUE(store.ok()) << to_string(store.status());
    store_ = std::move(*store);
  }

  Job submitted(int priority = 50) {
    const Job job = new_job(priority);
    const auto result = store_->submit(job, "", "");
    EXPECT_TRUE(result.ok()) << to_string(result.status());
    return job;
  }

  // The job moved on to a state, the event bearing its name.
  Status move_to(Job& job, JobState state) {
    job.state = state;
    return store_->update(job, std::string(name_of(state)), "{}");
  }

  TemporaryFolder folder_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

}  // namespace millrace::engine
