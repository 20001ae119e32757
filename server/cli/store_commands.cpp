#include "server/cli/store_commands.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "engine/job/job_json.h"
#include "engine/schedule/job_folders.h"
#include "engine/store/store_check.h"
#include "engine/store/store_copies.h"
#include "server/cli/exit_code.h"

namespace millrace::server {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using engine::StoreCopy;
using nlohmann::ordered_json;

std::filesystem::path store_of(const StoreFlags& options) { return engine::JobFolders(options.data).store(); }

int failed(Console& console, const Status& status) {
  const bool misnamed = status.code() == Code::not_found || status.code() == Code::invalid_argument;
  return fail(console, status, misnamed ? kWrongUsage : kJobFailed);
}

std::string megabytes(std::int64_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) * 1e-6);
}

std::string text_of(const StoreCopy& copy) {
  return fmt::format("backup {} of {}, {}", copy.number, engine::rfc3339(copy.made), megabytes(copy.bytes));
}

}  // namespace

int run_store_check(const StoreFlags& options, Console& console) {
  const Result<engine::StoreCheck> checked = engine::check_store(store_of(options), options.repair);
  if (!checked.ok()) return failed(console, checked.status());
  const engine::StoreCheck& check = *checked;
  const int code = check.found == check.mended ? kDone : kJobFailed;
  if (console.json) {
    print(console, {{"schema", check.schema},
                    {"jobs", check.jobs},
                    {"segments", check.segments},
                    {"events", check.events},
                    {"idempotency_keys", check.keys},
                    {"found", check.found},
                    {"mended", check.mended},
                    {"findings", check.findings}});
    return code;
  }
  for (const std::string& finding : check.findings) console.out << finding << "\n";
  const auto told = static_cast<std::int64_t>(check.findings.size());
  if (check.found > told) console.out << fmt::format("and {} more\n", check.found - told);
  console.out << fmt::format("schema {}: {} jobs, {} segments, {} events, {} idempotency keys: ",
                             check.schema, check.jobs, check.segments, check.events, check.keys);
  if (check.found == 0)
    console.out << "nothing is wrong" << std::endl;
  else
    console.out << fmt::format("{} findings, {} mended{}", check.found, check.mended,
                               options.repair ? "" : " (--repair mends lists and what belongs to no job)")
                << std::endl;
  return code;
}

int run_store_compact(const StoreFlags& options, Console& console) {
  const Result<engine::Compacted> compacted = engine::compact_store(store_of(options));
  if (!compacted.ok()) return failed(console, compacted.status());
  if (console.json)
    print(console, {{"bytes_before", compacted->bytes_before}, {"bytes_after", compacted->bytes_after}});
  else
    console.out << fmt::format("{} before, {} after", megabytes(compacted->bytes_before),
                               megabytes(compacted->bytes_after))
                << std::endl;
  return kDone;
}

int run_store_backup(const StoreFlags& options, Console& console) {
  const Result<StoreCopy> copy = engine::back_up_store(store_of(options), options.backups, options.keep);
  if (copy.status().code() == Code::already_exists)
    return failed(
        console, {Code::already_exists,
                  fmt::format("{}; while it runs, POST /v1/backups makes it copy its store to {}",
                              copy.status().message(), engine::JobFolders(options.data).backups().native())});
  if (!copy.ok()) return failed(console, copy.status());
  if (console.json)
    print(console, to_json(*copy));
  else
    console.out << fmt::format("{}, in {}; the files of jobs are not part of it", text_of(*copy),
                               options.backups.native())
                << std::endl;
  return kDone;
}

int run_store_restore(const StoreFlags& options, Console& console) {
  if (options.list) {
    const Result<std::vector<StoreCopy>> copies = engine::store_copies(options.backups);
    if (!copies.ok()) return failed(console, copies.status());
    ordered_json list = ordered_json::array();
    for (const StoreCopy& copy : *copies) {
      list.push_back(to_json(copy));
      if (!console.json) console.out << text_of(copy) << std::endl;
    }
    if (console.json) print(console, {{"backups", list}});
    return kDone;
  }
  const std::optional<std::uint32_t> number =
      options.number == 0 ? std::nullopt : std::optional(options.number);
  const Result<engine::RestoredStore> restored =
      engine::restore_store(options.backups, number, store_of(options));
  if (!restored.ok()) return failed(console, restored.status());
  if (console.json) {
    ordered_json document = to_json(restored->copy);
    document["jobs"] = restored->jobs;
    document["findings"] = restored->found;
    document["old_store"] = restored->before ? ordered_json(restored->before->native()) : ordered_json();
    print(console, document);
    return kDone;
  }
  console.out << fmt::format("{} is the store now, with {} jobs", text_of(restored->copy), restored->jobs);
  if (restored->found > 0)
    console.out << fmt::format("; it was copied with {} findings, see millrace store check", restored->found);
  if (restored->before)
    console.out << fmt::format(
        "; the old one is {}. The next serve removes the folders of jobs that this store does not know",
        restored->before->native());
  console.out << std::endl;
  return kDone;
}

}  // namespace millrace::server
