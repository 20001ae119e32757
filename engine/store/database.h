// Database: one RocksDB folder with our column families, every write synced. Safe to call from any thread;
// threads that write at once share one fsync (RocksDB groups their batches), so nobody should hold a lock
// around write() that others need.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace millrace::engine {

// One column family per concern; README.md has their keys.
enum class Family { meta, jobs, queue, states, tags, ledger, events, job_events, idempotency, values };

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

class Database {
 public:
  // already_exists when another process holds the folder, unsupported for a newer schema. `env`: not owned,
  // for tests.
  static Result<std::unique_ptr<Database>> open(const std::filesystem::path& folder, rocksdb::Env* env);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The value, or nothing when the key is absent.
  Result<std::optional<std::string>> get(Family family, const std::string& key) const;
  Scan scan(Family family, const std::string& prefix = {}) const;

  // Adds to a batch.
  void put(rocksdb::WriteBatch& batch, Family family, const std::string& key, const std::string& value) const;
  void erase(rocksdb::WriteBatch& batch, Family family, const std::string& key) const;
  void erase_range(rocksdb::WriteBatch& batch, Family family, const std::string& begin,
                   const std::string& end) const;

  // All of the batch or nothing, on disk when it returns. resource_exhausted when the disk is full; the first
  // write after room was made works again.
  Status write(rocksdb::WriteBatch& batch);

 private:
  Database() = default;
  rocksdb::ColumnFamilyHandle* handle(Family family) const;
  Status adopt_schema();

  std::unique_ptr<rocksdb::DB> db_;
  std::array<rocksdb::ColumnFamilyHandle*, 10> handles_{};
  std::atomic<bool> stopped_{false};  // RocksDB refuses writes until Resume()
};

// Of a RocksDB status, in words without the server's paths.
Status status_of(const rocksdb::Status& status);

}  // namespace millrace::engine
