// Copies of a store in a backup folder, which holds many of them and each file once. A store is replaced only
// while no daemon holds it; one that a daemon holds is copied by that daemon (Store::back_up). The files of
// jobs are not part of it: they lie beside the store.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <vector>

#include "engine/base/status.h"
#include "engine/store/store.h"

namespace rocksdb {
class DB;
}

namespace millrace::engine {

// Adds a copy, checks it against its checksums, and takes out the oldest ones until `keep` are left (0: all
// stay). not_found and already_exists as in Store::open().
Result<StoreCopy> back_up_store(const std::filesystem::path& store, const std::filesystem::path& backups,
                                int keep);

// The same of a store that this process has open. Blocking; writers go on.
Result<StoreCopy> back_up_database(rocksdb::DB& database, const std::filesystem::path& backups, int keep);

nlohmann::ordered_json to_json(const StoreCopy& copy);

// Oldest first; not_found where no backup was ever made.
Result<std::vector<StoreCopy>> store_copies(const std::filesystem::path& backups);

struct RestoredStore {
  StoreCopy copy;
  std::int64_t jobs = 0;
  std::int64_t found = 0;                       // by check_store(): the store was that way when it was copied
  std::optional<std::filesystem::path> before;  // where the store that was replaced lies now
};
// Puts a copy (nothing: the newest) in the place of the store, in one step: after any crash the old store is
// there or the new one. The old one is kept beside it. internal where the copy does not hold against its
// checksums; the store is then as it was.
Result<RestoredStore> restore_store(const std::filesystem::path& backups, std::optional<std::uint32_t> number,
                                    const std::filesystem::path& store);

}  // namespace millrace::engine
