#include "engine/store/schema.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/base/log.h"
#include "engine/store/keys.h"

namespace millrace::engine {
namespace {

const char* const kSchemaKey = "schema";

Status write_schema(Database& database, int schema) {
  rocksdb::WriteBatch batch;
  database.put(batch, Family::meta, kSchemaKey, std::to_string(schema));
  return database.write(batch);
}

// Lists read every record of a page: plan and receipt, most of its bytes, move out of it.
Status move_documents_out(Database& database) {
  constexpr int kJobsInABatch = 200;
  rocksdb::WriteBatch batch;
  Scan scan = database.scan(Family::jobs);
  for (; scan.valid(); scan.next()) {
    auto record = nlohmann::ordered_json::parse(scan.value(), nullptr, false);
    if (!record.is_object()) continue;  // damaged: whoever asks for the job is told so
    const std::string id(scan.key());
    const auto move = [&](const char* field, const std::string& key) {
      const auto found = record.find(field);
      if (found == record.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
        return false;
      database.put(batch, Family::documents, key, found->get_ref<const std::string&>());
      *found = "";
      return true;
    };
    const bool plan = move("plan", keys::plan(id));
    const bool receipt = move("receipt", keys::receipt(id));
    if (!plan && !receipt) continue;
    database.put(batch, Family::jobs, id, record.dump());
    if (batch.Count() < 3 * kJobsInABatch) continue;
    if (Status s = database.write(batch); !s.ok()) return s;
    batch.Clear();
  }
  if (Status s = scan.status(); !s.ok()) return s;
  return batch.Count() == 0 ? Status() : database.write(batch);
}

constexpr std::array<Migration, kSchema - 1> kMigrations{
    {{1, "plans and receipts lie beside the records", move_documents_out}}};

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

Result<int> schema_of(const Database& database) {
  const Result<std::optional<std::string>> stored = database.get(Family::meta, kSchemaKey);
  if (!stored.ok()) return stored.status();
  if (!stored->has_value()) return 0;
  const std::string& text = **stored;
  int schema = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), schema);
  if (error != std::errc{} || end != text.data() + text.size() || schema < 1)
    return Status(Code::internal, fmt::format("the store's schema number is damaged ('{}')", text));
  if (schema > kSchema)
    return Status(Code::unsupported,
                  fmt::format("the store has schema {}, this program knows {}; use the newer program", schema,
                              kSchema));
  return schema;
}

Status migrate(Database& database, int schema, std::span<const Migration> steps) {
  if (schema == 0) return write_schema(database, kSchema);
  for (const Migration& step : steps) {
    if (step.from < schema) continue;
    spdlog::info("the store's schema {} becomes {}: {}", step.from, step.from + 1, step.what);
    if (Status s = step.run(database); !s.ok()) return s;
    if (Status s = write_schema(database, step.from + 1); !s.ok()) return s;
  }
  return {};
}

}  // namespace millrace::engine
