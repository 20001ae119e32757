#include "engine/schedule/bundle_cut.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/job/job_spec_json.h"
#include "engine/pipeline/inspect.h"
#include "engine/plan/estimate.h"
#include "engine/schedule/failure_bundle.h"
#include "engine/schedule/job_trial.h"
#include "engine/schedule/task_retries.h"

namespace millrace::engine {
namespace {

constexpr std::int64_t kMostWrittenBytes = 256 << 20;
constexpr std::chrono::milliseconds kBetweenLooks{250};

// Nothing that another source could show.
bool is_of_the_source(Code code) {
  switch (code) {
    case Code::corrupt_input:
    case Code::unsupported:
    case Code::device_lost:  // a worker died of it, or was stuck
    case Code::internal:
      return true;
    default:
      return false;
  }
}

// Lets a trial begin where there is room for what it writes.
class Bounds final : public JobObserver {
 public:
  Bounds(RoomLedger& room, std::string id) : room_(room), id_(std::move(id)) {}
  ~Bounds() override { room_.forget(id_); }
  Bounds(const Bounds&) = delete;
  Bounds& operator=(const Bounds&) = delete;

  Status planned(const Plan& plan) override {
    if (plan.estimated_bytes > kMostWrittenBytes)
      return {Code::resource_exhausted, "a trial that would write more than it may"};
    return room_.reserve(id_, {plan.estimated_bytes, estimate_memory(plan)});
  }
  void progress(const Progress&) override {}

 private:
  RoomLedger& room_;
  const std::string id_;
};

}  // namespace

Status cut_bundle(const std::filesystem::path& file, const std::filesystem::path& folder,
                  const BundleCutParts& parts, const std::stop_token& stop) {
  const Result<std::string> text = read_file(file);
  if (!text.ok()) return text.status();
  Result<FailureBundle> bundle = bundle_from(*text);
  if (!bundle.ok()) return bundle.status();
  if (!bundle->source_bytes.empty() || bundle->source_size == 0 || !is_of_the_source(bundle->failure.code()))
    return {};
  Result<JobSpec> spec = parse_job_spec(bundle->spec);
  if (!spec.ok()) return spec.status();
  const Result<std::string> source = path_of_url(source_url_of(*spec));
  if (!source.ok()) return source.status();

  spdlog::info("job {}: looking for the part of its source that fails", bundle->job_id);
  std::stop_source over;
  const std::stop_callback stopped(stop, [&] { over.request_stop(); });
  const std::jthread clock([&](const std::stop_token& done) {
    const auto end = std::chrono::steady_clock::now() + parts.longest;
    while (!done.stop_requested() && std::chrono::steady_clock::now() < end && !parts.others_wait())
      wait_or_stop(kBetweenLooks, done);
    over.request_stop();
  });
  Bounds bounds(parts.room, bundle->job_id);
  const JobTrial trial{std::move(*spec), bundle->plan,  folder / "out", parts.cores,
                       parts.workers,    parts.machine, bounds};
  CutSearch search;
  search.source = *source;
  search.folder = folder / "cut";
  search.most_bytes = kMostBundledBytes;
  search.place = place_in_source(*bundle);
  search.failure = bundle->failure;
  search.run = [&](const std::string& part) {
    if (parts.others_wait()) over.request_stop();
    return trial.run(part, over.get_token());
  };
  Result<std::optional<SourceCut>> cut = cut_source(search, over.get_token());
  const Status removed = remove_tree(folder);
  if (!cut.ok()) return cut.status();
  if (!removed.ok()) return removed;
  if (stop.stop_requested() && !*cut) return {};
  if (*cut)
    add_source(*bundle, std::move(**cut));
  else
    bundle->source_note += fmt::format(
        "; {}", over.stop_requested() ? "no part of it that fails so was found in the time there was"
                                      : "neither its beginning nor a part around the place fails so");
  spdlog::info("job {}: of its source, its bundle has: {}", bundle->job_id, bundle->source_note);
  return write_file(file, text_of(*bundle));
}

}  // namespace millrace::engine
