// Database: one RocksDB folder with our column families, every write synced. Safe to call from any thread;
// threads that write at once share one fsync (RocksDB groups their batches), so nobody should hold a lock
// around write() that others need.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

// One column family per concern; README.md has their keys.
enum class Family {
  meta,
  jobs,
  queue,
  states,
  tags,
  ledger,
  events,
  job_events,
  idempotency,
  values,
  documents
};
constexpr std::size_t kFamilies = 11;
std::string_view name_of(Family family);

// Goes through the keys that begin with `prefix`, in a snapshot of one moment.
class Scan {
 public:
  Scan(std::unique_ptr<rocksdb::Iterator> entries, std::string prefix);

  void to_first();                         // of the prefix
  void to_last();                          // of the prefix
  void to(const std::string& key);         // the first at or after the key
  void to_before(const std::string& key);  // the last before the key
  bool valid() const;
  void next() { entries_->Next(); }
  void previous() { entries_->Prev(); }
  std::string_view key() const;
  std::string_view value() const;
  // Whether the scan ended because there was no more, not because the disk failed.
  Status status() const;

 private:
  std::unique_ptr<rocksdb::Iterator> entries_;
  std::string prefix_;
};

// The lock that every process with an open store holds, without opening it: a damaged one has it too.
class StoreLock {
 public:
  // already_exists when another process holds it. The folder must be there.
  static Result<StoreLock> take(const std::filesystem::path& folder);
  StoreLock(StoreLock&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  explicit StoreLock(rocksdb::FileLock* lock) : lock_(lock) {}
  rocksdb::FileLock* lock_;
};

// What open() does where there is no store.
enum class Absent { make, refuse };

class Database {
 public:
  // already_exists when another process holds the folder, unsupported for a newer schema, not_found for a
  // refused absence; an older schema is brought forward. `env`: not owned, for tests.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder,
                                                rocksdb::Env* env = nullptr, Absent absent = Absent::make);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The value, or nothing when the key is absent.
  Result<std::optional<std::string>> get(Family family, const std::string& key) const;
  // Several values of one moment.
  struct Place {
    Family family;
    std::string key;
  };
  Result<std::vector<std::optional<std::string>>> get_together(const std::vector<Place>& places) const;
  Scan scan(Family family, const std::string& prefix = {}) const;

  // Adds to a batch.
  void put(rocksdb::WriteBatch& batch, Family family, const std::string& key, const std::string& value) const;
  void erase(rocksdb::WriteBatch& batch, Family family, const std::string& key) const;
  void erase_range(rocksdb::WriteBatch& batch, Family family, const std::string& begin,
                   const std::string& end) const;

  // All of the batch or nothing, on disk when it returns. resource_exhausted when the disk is full; the first
  // write after room was made works again.
  Status write(rocksdb::WriteBatch& batch);

  // Writes every file anew without what was erased or replaced. Blocks; others may go on.
  Status compact();
  // Reads every file and holds it against its checksums; internal when one is damaged.
  Status verify();
  // Whether the disk has room for what lies in memory, and a log to go on with. Without it nobody may make
  // RocksDB write that out: see database.cpp.
  bool has_room_to_flush() const;
  // For RocksDB's own tools.
  rocksdb::DB& rocks() { return *db_; }

 private:
  Database() = default;
  rocksdb::ColumnFamilyHandle* handle(Family family) const;
  Status adopt_schema();
  // So many bytes more were written; from time to time all that lies in memory goes into files.
  void flush_now_and_then(std::uint64_t written);

  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> handles_{};
  std::mutex resuming_;
  std::atomic<std::uint64_t> unflushed_{0};
};

// Of a RocksDB status, in words without the server's paths.
Status status_of(const rocksdb::Status& status);

}  // namespace millrace::engine
