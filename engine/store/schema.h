// The store's schema: its number, and the steps that bring an older store forward.
#pragma once

#include <span>

#include "engine/base/status.h"
#include "engine/store/database.h"

namespace millrace::engine {

inline constexpr int kSchema = 2;

// Brings a store from one schema to the next. Runs again from its start when it was cut off, so what it did
// already must not matter.
struct Migration {
  int from = 0;  // to from + 1
  const char* what = "";
  Status (*run)(Database& database) = nullptr;
};

// In their order, one for each schema before kSchema.
std::span<const Migration> migrations();

// The number in the store; 0: a new store that has none yet. internal when it is damaged.
Result<int> schema_of(const Database& database);

// Runs the steps that `schema` lacks and writes the new number after each. A newer schema than kSchema is
// unsupported, and nothing is written.
Status migrate(Database& database, int schema, std::span<const Migration> steps = migrations());

}  // namespace millrace::engine
