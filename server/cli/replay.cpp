#include "server/cli/replay.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/scratch_folder.h"
#include "engine/job/job_spec_json.h"
#include "engine/pipeline/inspect.h"
#include "engine/pipeline/media_log.h"
#include "engine/schedule/failure_bundle.h"
#include "engine/schedule/job_trial.h"
#include "engine/schedule/run_job.h"
#include "engine/schedule/source_cut.h"
#include "engine/work/worker_pool.h"
#include "hw/probe.h"
#include "server/cli/exit_code.h"
#include "server/cli/source_argument.h"
#include "server/cli/start_workers.h"
#include "server/cli/stop_signals.h"

namespace millrace::server {
namespace {

namespace fs = std::filesystem;
using engine::Code;
using engine::FailureBundle;
using engine::JobSpec;
using engine::Result;
using engine::Status;
using nlohmann::ordered_json;

constexpr std::int64_t kMostShrunkBytes = 64 << 20;  // base64 in one JSON text

class Nobody : public engine::JobObserver {
  Status planned(const engine::Plan&) override { return {}; }
  void progress(const engine::Progress&) override {}
};

class Replay {
 public:
  Replay(FailureBundle bundle, JobSpec spec, const fs::path& scratch, engine::WorkerPool& workers,
         std::stop_token stop)
      : bundle_(std::move(bundle)),
        spec_(std::move(spec)),
        scratch_(scratch),
        machine_(hw::probe()),
        trial_{spec_, bundle_.plan, scratch / "out", machine_.cpu.usable_cores, workers, machine_, nobody_},
        stop_(std::move(stop)) {}

  // What comes of the job with this source.
  Status run(const std::string& url) { return trial_.run(url, stop_); }

  // The source as this replay reads it.
  Result<std::string> source_url(const std::string& given) {
    if (!given.empty()) return url_of_source(given);
    if (bundle_.source_bytes.empty()) return engine::source_url_of(spec_);
    const fs::path file = beginning_file();
    if (Status s = engine::write_file(file, bundle_.source_bytes); !s.ok()) return s;
    return url_of_source(file.native());
  }

  // The bundle with as little of the source as still fails in the same way.
  Result<FailureBundle> shrink(const std::string& url, const Status& failure, Console& console) {
    const Result<std::string> path = engine::path_of_url(url);
    if (spec_.slides || !path.ok())
      return Status(Code::unsupported, "--shrink: only a source that is one file of this machine can be cut")
          .at_field("shrink");
    engine::CutSearch search;
    search.source = *path;
    search.folder = scratch_ / "cut";
    search.most_bytes = kMostShrunkBytes;
    search.place = engine::place_in_source(bundle_);
    search.failure = failure;
    search.run = [&](const std::string& part) { return run(part); };
    search.tried = [&](std::int64_t bytes, bool fails) {
      if (!console.json)
        console.out << fmt::format("{} bytes: {}\n", bytes, fails ? "fails" : "does not fail so")
                    << std::flush;
    };
    Result<std::optional<engine::SourceCut>> cut = engine::cut_source(search, stop_);
    if (!cut.ok()) return cut.status();
    if (stop_.stop_requested()) return Status(Code::cancelled, "stopped before the end");
    if (!*cut)
      return Status(
          Code::resource_exhausted,
          fmt::format("neither its first {} bytes nor as many around the place where it was seen fail "
                      "so, and more are too many for a bundle",
                      kMostShrunkBytes));
    FailureBundle small = bundle_;
    add_source(small, std::move(**cut));
    return small;
  }

  const FailureBundle& bundle() const { return bundle_; }

 private:
  // A file of the source's own name, which sentences repeat and which tells some formats.
  fs::path beginning_file() const {
    const Result<std::string> path = engine::path_of_url(spec_.input_url);
    const fs::path name = path.ok() ? fs::path(*path).filename() : fs::path("source");
    return scratch_ / (name.empty() ? fs::path("source") : name);
  }

  FailureBundle bundle_;
  JobSpec spec_;
  const fs::path& scratch_;
  const hw::Inventory machine_;
  Nobody nobody_;
  const engine::JobTrial trial_;
  std::stop_token stop_;
};

ordered_json error_json(const Status& status) {
  if (status.ok()) return nullptr;
  return {{"code", engine::name_of(status.code())}, {"message", status.message()}};
}

int tell(const Replay& replay, const Status& now, const fs::path& written, Console& console) {
  const Status& before = replay.bundle().failure;
  const bool same = engine::is_same_failure(now, before);
  const int code = exit_code_of_job(now);
  if (console.json) {
    print(console, {{"replay", now.ok() ? "completes"
                               : same   ? "fails_the_same"
                                        : "fails_otherwise"},
                    {"job", replay.bundle().job_id},
                    {"trace_id", replay.bundle().trace_id},
                    {"error", error_json(now)},
                    {"error_before", error_json(before)},
                    {"bundle", written.empty() ? ordered_json() : ordered_json(written.string())},
                    {"exit_code", code}});
    return code;
  }
  if (now.ok())
    console.out << fmt::format("completes now; before: {}\n", before.message());
  else if (same)
    console.out << fmt::format("fails as before: {}\n", now.message());
  else
    console.out << fmt::format("fails otherwise: {}\nbefore: {}\n", now.message(), before.message());
  if (!written.empty()) console.out << written.string() << '\n';
  console.out << std::flush;
  return code;
}

int replay_with(Replay& replay, const ReplayOptions& options, const std::stop_token& stop, Console& console) {
  const Result<std::string> url = replay.source_url(options.source);
  if (!url.ok()) return fail(console, url.status(), kWrongUsage);
  const Status now = replay.run(*url);
  if (stop.stop_requested()) return fail(console, {Code::cancelled, "stopped before the end"}, kCancelled);
  if (options.shrink.empty()) return tell(replay, now, {}, console);
  if (!engine::is_same_failure(now, replay.bundle().failure)) {
    tell(replay, now, {}, console);
    if (!console.json) console.err << "millrace: nothing is cut: it does not fail as before\n";
    return now.ok() ? kDone : kJobFailed;
  }
  const Result<FailureBundle> small = replay.shrink(*url, replay.bundle().failure, console);
  if (!small.ok()) return fail(console, small.status(), exit_code_of_job(small.status()));
  if (Status s = engine::write_file(options.shrink, engine::text_of(*small)); !s.ok())
    return fail(console, s, kWrongUsage);
  return tell(replay, now, options.shrink, console);
}

}  // namespace

int run_replay(const ReplayOptions& options, Console& console) {
  const Result<std::string> text = engine::read_file(options.bundle);
  if (!text.ok()) return fail(console, text.status(), kWrongUsage);
  Result<FailureBundle> bundle = engine::bundle_from(*text);
  if (!bundle.ok()) return fail(console, bundle.status().under(options.bundle.string()), kWrongUsage);
  Result<JobSpec> spec = engine::parse_job_spec(bundle->spec);
  if (!spec.ok()) return fail(console, spec.status(), kWrongUsage);

  engine::init_media_log();
  const StopSignals signals;
  const auto scratch = engine::ScratchFolder::make("replay");
  if (!scratch.ok()) return fail(console, scratch.status(), kJobFailed);
  const auto workers = start_workers(*spec, options.program, options.verbose);
  if (!workers.ok()) return fail(console, workers.status(), kJobFailed);
  Replay replay(std::move(*bundle), std::move(*spec), scratch->path(), **workers, signals.token());
  return replay_with(replay, options, signals.token(), console);
}

}  // namespace millrace::server
