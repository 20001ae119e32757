#include "engine/store/store_copies.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/utilities/backup_engine.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/base/ulid.h"
#include "engine/base/unique_fd.h"
#include "engine/job/job_json.h"
#include "engine/store/database.h"
#include "engine/store/store_check.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

StoreCopy copy_of(const rocksdb::BackupInfo& info) {
  return {info.backup_id, info.timestamp * 1000, static_cast<std::int64_t>(info.size)};
}

Result<std::unique_ptr<rocksdb::BackupEngineReadOnly>> open_backups(const fs::path& backups) {
  std::error_code error;
  if (!fs::is_directory(backups / "meta", error))
    return Status(Code::not_found, fmt::format("{}: there is no backup of a store here", backups.native()));
  rocksdb::BackupEngineReadOnly* raw = nullptr;
  const auto status = rocksdb::BackupEngineReadOnly::Open(rocksdb::BackupEngineOptions(backups.native()),
                                                          rocksdb::Env::Default(), &raw);
  if (!status.ok()) return status_of(status).under(backups.native());
  return std::unique_ptr<rocksdb::BackupEngineReadOnly>(raw);
}

std::vector<StoreCopy> copies_in(const rocksdb::BackupEngineReadOnly& engine) {
  std::vector<rocksdb::BackupInfo> infos;
  engine.GetBackupInfo(&infos);
  std::vector<StoreCopy> copies;
  for (const rocksdb::BackupInfo& info : infos) copies.push_back(copy_of(info));
  return copies;
}

Result<StoreCopy> chosen(const std::vector<StoreCopy>& copies, std::optional<std::uint32_t> number,
                         const fs::path& backups) {
  for (auto copy = copies.rbegin(); copy != copies.rend(); ++copy)
    if (!number || copy->number == *number) return *copy;
  return Status(Code::not_found,
                number ? fmt::format("{}: there is no backup {} here", backups.native(), *number)
                       : fmt::format("{}: there is no whole backup here", backups.native()));
}

Status sync_files(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error)) {
    const UniqueFd fd(::open(each->path().c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.valid() || ::fsync(fd.get()) != 0)
      return errno_status(errno, "cannot fsync", each->path().native());
  }
  if (error) return errno_status(error.value(), "cannot list", folder.native());
  return sync_directory(folder);
}

fs::path parent_of(const fs::path& path) {
  return path.parent_path().empty() ? fs::path(".") : path.parent_path();
}

// The copy as a store of its own, on disk, with what a check found in it.
Result<StoreCheck> unpack(const rocksdb::BackupEngineReadOnly& engine, const StoreCopy& copy,
                          const fs::path& fresh) {
  if (const auto s =
          engine.RestoreDBFromBackup(rocksdb::RestoreOptions(), copy.number, fresh.native(), fresh.native());
      !s.ok())
    return status_of(s);
  Result<StoreCheck> check = check_store(fresh, false);
  if (!check.ok()) return check;
  if (Status s = sync_files(fresh); !s.ok()) return s;
  return check;
}

// In one step where there is a store: a daemon that starts in between must not take an absent store for a new
// one, and remove the folders of all jobs. The old one then bears the other name.
Status put_in_place(const fs::path& fresh, const fs::path& store, bool old) {
  const unsigned how = old ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, store.c_str(), how) != 0)
    return errno_status(errno, "cannot change places with the restored copy", store.native());
  return {};
}

}  // namespace

Result<StoreCopy> back_up_store(const fs::path& store, const fs::path& backups, int keep) {
  if (lies_within(backups, store))
    return Status(
        Code::invalid_argument,
        fmt::format("{}: a backup cannot lie inside the store; name another folder", backups.native()));
  const auto database = Database::open(store, nullptr, Absent::refuse);
  return database.ok() ? back_up_database((*database)->rocks(), backups, keep) : database.status();
}

Result<StoreCopy> back_up_database(rocksdb::DB& database, const fs::path& backups, int keep) {
  if (Status s = make_directories(backups); !s.ok()) return s;
  rocksdb::BackupEngine* raw = nullptr;
  const auto opened = rocksdb::BackupEngine::Open(rocksdb::BackupEngineOptions(backups.native()),
                                                  rocksdb::Env::Default(), &raw);
  if (!opened.ok()) return status_of(opened).under(backups.native());
  const std::unique_ptr<rocksdb::BackupEngine> engine(raw);
  rocksdb::CreateBackupOptions options;
  options.flush_before_backup = true;
  rocksdb::BackupID number = 0;
  if (const auto s = engine->CreateNewBackupWithMetadata(options, &database, {}, &number); !s.ok())
    return status_of(s).under(backups.native());
  if (const auto s = engine->VerifyBackup(number, true); !s.ok()) return status_of(s).under(backups.native());
  rocksdb::BackupInfo info;
  if (const auto s = engine->GetBackupInfo(number, &info); !s.ok())
    return status_of(s).under(backups.native());
  if (keep > 0) {
    if (const auto s = engine->PurgeOldBackups(static_cast<std::uint32_t>(keep)); !s.ok())
      return status_of(s).under(backups.native());
  }
  return copy_of(info);
}

nlohmann::ordered_json to_json(const StoreCopy& copy) {
  return {{"backup", copy.number}, {"made", rfc3339(copy.made)}, {"bytes", copy.bytes}};
}

Result<std::vector<StoreCopy>> store_copies(const fs::path& backups) {
  const auto engine = open_backups(backups);
  if (!engine.ok()) return engine.status();
  return copies_in(**engine);
}

Result<RestoredStore> restore_store(const fs::path& backups, std::optional<std::uint32_t> number,
                                    const fs::path& store) {
  const auto engine = open_backups(backups);
  if (!engine.ok()) return engine.status();
  const Result<StoreCopy> copy = chosen(copies_in(**engine), number, backups);
  if (!copy.ok()) return copy.status();
  if (const auto s = (*engine)->VerifyBackup(copy->number, true); !s.ok())
    return status_of(s).under(fmt::format("{}: backup {}", backups.native(), copy->number));

  std::error_code error;
  const bool old = fs::is_directory(store, error);
  std::optional<StoreLock> lock;  // until the end: no daemon starts on what is being replaced
  if (old) {
    Result<StoreLock> taken = StoreLock::take(store);
    if (!taken.ok()) return taken.status();
    lock.emplace(std::move(*taken));
  } else if (Status s = make_directories(parent_of(store)); !s.ok()) {
    return s;
  }
  // Names that no earlier restore used: what one left when it was cut off may be the only good store.
  const std::string id = new_ulid();
  const fs::path fresh = store.native() + ".restoring-" + id;
  const fs::path aside = store.native() + ".before-" + id;
  const Result<StoreCheck> check = unpack(**engine, *copy, fresh);
  Status status = check.ok() ? put_in_place(fresh, store, old) : check.status();
  if (!status.ok()) {
    if (Status s = remove_tree(fresh); !s.ok()) spdlog::warn("{}", s.message());
    return status;
  }
  if (Status s = sync_directory(parent_of(store)); !s.ok()) return s;
  RestoredStore restored{*copy, check->jobs, check->found, std::nullopt};
  if (!old) return restored;
  if (::rename(fresh.c_str(), aside.c_str()) != 0)
    return errno_status(errno, "the old store cannot be renamed to " + aside.native(), fresh.native());
  if (Status s = sync_directory(parent_of(store)); !s.ok()) return s;
  restored.before = aside;
  return restored;
}

}  // namespace millrace::engine
