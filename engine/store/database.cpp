#include "engine/store/database.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/listener.h>
#include <rocksdb/options.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/table.h>

#include <array>
#include <cstdarg>
#include <cstdio>
#include <regex>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/store/keys.h"
#include "engine/store/schema.h"

namespace millrace::engine {
namespace {

// In the order of Family. RocksDB insists on the name "default" for the first.
constexpr std::array<const char*, kFamilies> kNames{"default",     "jobs",   "queue",    "states",
                                                    "tags",        "ledger", "events",   "job_events",
                                                    "idempotency", "values", "documents"};

// All families together: what is written before all of it goes into files, and what of the files is held in
// memory. Small, so that a daemon has its whole size after its first minutes, however many jobs it has had.
constexpr std::uint64_t kUnwrittenBytes = 4U << 20;
constexpr std::size_t kCacheBytes = 8U << 20;
constexpr int kOpenFiles = 256;

// RocksDB 7.8 forgets a flush that it has planned when a write to its log fails before the flush begins, and
// Resume() then waits for it for good. On a full disk that is what happens where a write makes it plan one.
// So its own occasions for flushes lie out of reach, and ours come only while there is room.
constexpr std::size_t kFamilyBytes = 16U << 20;
constexpr int kFamilyBuffers = 4;  // one is written to; while the others go into files nobody waits
constexpr std::size_t kArenaBytes = 64U << 10;
constexpr std::uint64_t kRoomToFlush = 8U << 20;  // beside what lies in memory

// After a full disk RocksDB would look for room on its own, seconds later, and refuse our Resume() meanwhile.
class NoRecoveryOnItsOwn : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* on_its_own) override {
    *on_its_own = false;
  }
};

// RocksDB's own log file lies on the disk that may be full, and the line after one that did not fit aborts
// the process (an assertion of WritableFileWriter, which Debian builds in).
class OurLog : public rocksdb::Logger {
 public:
  OurLog() : Logger(rocksdb::InfoLogLevel::ERROR_LEVEL) {}
  using Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 1024> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    spdlog::error("store: {}", text.data());
  }
  void LogHeader(const char*, va_list) override {}
};

rocksdb::DBOptions database_options(rocksdb::Env* env) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  if (env != nullptr) options.env = env;
  // A torn last record is what a crash leaves; damage before it is an error, not a silent loss of what came
  // after.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.listeners = {std::make_shared<NoRecoveryOnItsOwn>()};
  options.max_open_files = kOpenFiles;
  options.max_total_wal_size = 32ULL << 20;
  options.info_log = std::make_shared<OurLog>();
  options.max_background_jobs = 2;
  return options;
}

rocksdb::ColumnFamilyOptions family_options() {
  static const std::shared_ptr<rocksdb::Cache> cache = rocksdb::NewLRUCache(kCacheBytes);
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = kFamilyBytes;
  options.max_write_buffer_number = kFamilyBuffers;
  options.arena_block_size = kArenaBytes;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::vector<std::string> families_in(const std::filesystem::path& folder, const rocksdb::DBOptions& options) {
  std::vector<std::string> names;
  // Fails where there is no database yet; where it is damaged, opening it says so.
  if (!rocksdb::DB::ListColumnFamilies(options, folder.native(), &names).ok() || names.empty())
    return {kNames[0]};
  return names;
}

Status open_status(const rocksdb::Status& status, const std::filesystem::path& folder) {
  const std::string text = status.ToString();
  if (status.IsIOError() && (text.find("While lock file") != std::string::npos ||
                             text.find("lock hold by current process") != std::string::npos))
    return {Code::already_exists,
            fmt::format("{}: another daemon holds this store (LOCK); stop it, or choose another data folder",
                        folder.native())};
  Status failure = status_of(status).under(folder.native());
  if (!status.IsCorruption()) return failure;
  return {failure.code(), failure.message() + "; put a backup in its place with millrace store restore"};
}

}  // namespace

std::string_view name_of(Family family) { return kNames[static_cast<std::size_t>(family)]; }

Status status_of(const rocksdb::Status& status) {
  if (status.ok()) return {};
  if (status.IsNoSpace())
    return {Code::resource_exhausted,
            "the store cannot be written: the disk is full; free some space, then ask again"};
  static const std::regex path("(/[^/ :]+)+");
  const std::string text = std::regex_replace(status.ToString(), path, "(file)");
  if (status.IsCorruption()) return {Code::internal, fmt::format("the store is damaged: {}", text)};
  if (status.IsMemoryLimit()) return {Code::resource_exhausted, fmt::format("the store: {}", text)};
  return {Code::io_error, fmt::format("the store: {}", text)};
}

Scan::Scan(std::unique_ptr<rocksdb::Iterator> entries, std::string prefix)
    : entries_(std::move(entries)), prefix_(std::move(prefix)) {
  to_first();
}

void Scan::to_first() { entries_->Seek(prefix_); }
void Scan::to_last() {
  if (const std::string end = keys::after(prefix_); end.empty())
    entries_->SeekToLast();
  else
    to_before(end);
}
void Scan::to(const std::string& key) { entries_->Seek(key); }
void Scan::to_before(const std::string& key) {
  entries_->SeekForPrev(key);
  if (entries_->Valid() && entries_->key() == rocksdb::Slice(key)) entries_->Prev();
}
bool Scan::valid() const { return entries_->Valid() && entries_->key().starts_with(prefix_); }
std::string_view Scan::key() const { return entries_->key().ToStringView(); }
std::string_view Scan::value() const { return entries_->value().ToStringView(); }
Status Scan::status() const { return status_of(entries_->status()); }

Result<StoreLock> StoreLock::take(const std::filesystem::path& folder) {
  rocksdb::FileLock* lock = nullptr;
  const auto status = rocksdb::Env::Default()->LockFile((folder / "LOCK").native(), &lock);
  if (!status.ok()) return open_status(status, folder);
  return StoreLock(lock);
}

StoreLock::~StoreLock() {
  if (lock_ != nullptr) rocksdb::Env::Default()->UnlockFile(lock_).PermitUncheckedError();
}

Result<std::unique_ptr<Database>> Database::open(const std::filesystem::path& folder, rocksdb::Env* env,
                                                 Absent absent) {
  if (absent == Absent::make) {
    if (Status s = make_directories(folder); !s.ok()) return s;
  } else if (std::error_code error; !std::filesystem::exists(folder / "CURRENT", error)) {
    return Status(Code::not_found,
                  fmt::format("{}: there is no store here; name a daemon's data folder", folder.native()));
  }
  rocksdb::DBOptions options = database_options(env);
  options.create_if_missing = absent == Absent::make;
  const std::vector<std::string> names = families_in(folder, options);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) descriptors.emplace_back(name, family_options());

  std::unique_ptr<Database> database(new Database);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  if (const auto s = rocksdb::DB::Open(options, folder.native(), descriptors, &handles, &raw); !s.ok())
    return open_status(s, folder);
  database->db_.reset(raw);
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    std::size_t place = 0;
    while (place < kNames.size() && handle->GetName() != kNames[place]) ++place;
    if (place < kNames.size())
      database->handles_[place] = handle;
    else
      raw->DestroyColumnFamilyHandle(handle);  // of a newer schema, which adopt_schema() refuses
  }
  // The schema is asked before anything is made, so that a newer store stays as it is.
  if (Status s = database->adopt_schema(); !s.ok()) return s.under(folder.native());
  return database;
}

Status Database::adopt_schema() {
  const Result<int> schema = schema_of(*this);
  if (!schema.ok()) return schema.status();
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (handles_[i] != nullptr) continue;
    if (const auto s = db_->CreateColumnFamily(family_options(), kNames[i], &handles_[i]); !s.ok())
      return status_of(s);
  }
  return migrate(*this, *schema);
}

Database::~Database() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* each : handles_)
    if (each != nullptr) db_->DestroyColumnFamilyHandle(each);
  db_->Close();
}

rocksdb::ColumnFamilyHandle* Database::handle(Family family) const {
  return handles_[static_cast<std::size_t>(family)];
}

Result<std::optional<std::string>> Database::get(Family family, const std::string& key) const {
  std::string value;
  const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), handle(family), key, &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return status_of(status);
  return std::optional<std::string>(std::move(value));
}

Result<std::vector<std::optional<std::string>>> Database::get_together(
    const std::vector<Place>& places) const {
  rocksdb::ManagedSnapshot moment(db_.get());
  rocksdb::ReadOptions options;
  options.snapshot = moment.snapshot();
  std::vector<std::optional<std::string>> values;
  for (const Place& place : places) {
    std::string value;
    const rocksdb::Status status = db_->Get(options, handle(place.family), place.key, &value);
    if (!status.ok() && !status.IsNotFound()) return status_of(status);
    values.push_back(status.ok() ? std::optional(std::move(value)) : std::nullopt);
  }
  return values;
}

Scan Database::scan(Family family, const std::string& prefix) const {
  return Scan(std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(rocksdb::ReadOptions(), handle(family))),
              prefix);
}

void Database::put(rocksdb::WriteBatch& batch, Family family, const std::string& key,
                   const std::string& value) const {
  batch.Put(handle(family), key, value);
}
void Database::erase(rocksdb::WriteBatch& batch, Family family, const std::string& key) const {
  batch.Delete(handle(family), key);
}
void Database::erase_range(rocksdb::WriteBatch& batch, Family family, const std::string& begin,
                           const std::string& end) const {
  batch.DeleteRange(handle(family), begin, end);
}

// A function of its own, so that Database::write stands in the stacks of the thread sanitizer
// (deploy/tsan.supp).
[[gnu::noinline]] static rocksdb::Status write_synced(rocksdb::DB& db, rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.sync = true;
  return db.Write(options, &batch);
}

Status Database::write(rocksdb::WriteBatch& batch) {
  rocksdb::Status status = write_synced(*db_, batch);
  if (status.ok()) {
    flush_now_and_then(batch.GetDataSize());
    return {};
  }
  // After a failed write, or a flush of its own that failed, RocksDB refuses all writes until it is told to
  // look again: by one at a time. That writes out what lies in memory.
  if (!has_room_to_flush()) return status_of(status);
  const std::lock_guard lock(resuming_);
  if (db_->Resume().ok()) status = write_synced(*db_, batch);
  return status_of(status);
}

void Database::flush_now_and_then(std::uint64_t written) {
  std::uint64_t unflushed = unflushed_.fetch_add(written) + written;
  if (unflushed < kUnwrittenBytes || !has_room_to_flush()) return;
  // Of writers that come by at once the last one does it.
  if (!unflushed_.compare_exchange_strong(unflushed, 0)) return;
  rocksdb::FlushOptions options;
  options.wait = false;
  options.allow_write_stall = true;
  for (rocksdb::ColumnFamilyHandle* each : handles_) {
    const rocksdb::Status status = db_->Flush(options, each);
    // What was written is in the log all the same, and the next occasion comes. TryAgain: those before are
    // not through yet.
    if (!status.ok() && !status.IsTryAgain()) spdlog::warn("store: {}", status_of(status).message());
  }
}

bool Database::has_room_to_flush() const {
  std::uint64_t unwritten = 0;
  std::uint64_t free = 0;
  // A disk that cannot be asked is tried.
  if (!db_->GetEnv()->GetFreeSpace(db_->GetName(), &free).ok()) return true;
  if (!db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &unwritten)) return true;
  return free >= 2 * unwritten + kRoomToFlush;
}

Status Database::compact() {
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (rocksdb::ColumnFamilyHandle* each : handles_)
    if (const auto status = db_->CompactRange(options, each, nullptr, nullptr); !status.ok())
      return status_of(status);
  return {};
}

Status Database::verify() { return status_of(db_->VerifyChecksum()); }

}  // namespace millrace::engine
