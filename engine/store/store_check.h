// check_store: does everything in a store fit together? The store is opened, so no daemon may hold it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

struct StoreCheck {
  int schema = 0;
  std::int64_t jobs = 0;
  std::int64_t segments = 0;
  std::int64_t events = 0;
  std::int64_t keys = 0;              // idempotency keys
  std::int64_t found = 0;             // findings in all
  std::int64_t mended = 0;            // of them, by `repair`
  std::vector<std::string> findings;  // sentences, the first 100 of them
};

// Held against one another: files and their checksums; records, the lists they stand in, their documents; the
// ledger and its jobs; events and the lists of their jobs. `repair` mends the lists and takes out what
// belongs to no job; a damaged record stays, as only a person can say that its job may go. not_found,
// already_exists and unsupported as in Store::open(), which also brings an older store forward.
Result<StoreCheck> check_store(const std::filesystem::path& folder, bool repair);

// Writes every file of the store anew, without what was erased or replaced. Bytes on disk before and after.
struct Compacted {
  std::int64_t bytes_before = 0;
  std::int64_t bytes_after = 0;
};
Result<Compacted> compact_store(const std::filesystem::path& folder);

}  // namespace millrace::engine
