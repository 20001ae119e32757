#include "engine/schedule/film_source.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/base/file.h"
#include "engine/plan/planner.h"
#include "engine/schedule/calibration_film.h"
#include "engine/schedule/job_runner.h"
#include "engine/schedule/memory_ledger.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

class PlanKeeper final : public JobObserver {
 public:
  Status planned(const Plan& plan) override {
    plan_ = plan;
    return {};
  }
  void progress(const Progress&) override {}
  const Plan& plan() const { return plan_; }

 private:
  Plan plan_;
};

// Remembers the files of one track in their order.
class FileKeeper final : public TaskObserver {
 public:
  Status segment_finished(const FinishedSegment& segment) override {
    files_.push_back(segment.file);
    return {};
  }
  void progress(const TaskProgress&) override {}
  const std::vector<std::string>& files() const { return files_; }

 private:
  std::vector<std::string> files_;
};

Result<fs::path> drawn_film(const FilmSource& film, const FilmMakers& makers, const std::stop_token& stop) {
  const fs::path drawn = makers.folder / kDrawnFilm;
  std::error_code error;
  if (!fs::exists(drawn, error))
    if (Status s = write_film(drawn, film.width, film.height, film.frames, stop); !s.ok()) return s;
  return drawn;
}

// The drawn film as if it were graded in HDR10.
Result<Plan> hdr_plan(Source source, const FilmSource& film, const FilmMakers& makers) {
  if (source.main_video() == nullptr) return Status(Code::internal, source.url + ": it shows no picture");
  VideoTrack& video = source.video[static_cast<std::size_t>(source.chosen_video)];
  video.color_range = "tv";
  video.color_matrix = "bt2020nc";
  video.color_primaries = "bt2020";
  video.color_transfer = "smpte2084";
  AdaptiveOutput output;
  output.name = "hdr";
  output.codec = VideoCodec::hevc;
  output.keep_hdr = true;
  output.ladder = {{film.height, film.bits_per_second, {}, {}}};
  JobSpec spec;
  spec.input_url = source.url;
  spec.device = {DevicePreference::Kind::cpu, ""};
  spec.outputs = {output};
  Result<Plan> plan = make_plan(source, spec, makers.machine, makers.cores);
  if (!plan.ok()) return plan;
  plan->normalisations.insert(plan->normalisations.begin(),
                              {"colours",
                               "lutyuv=y=16+(val-16)/2:u=128+(val-128)*3/10:v=128+(val-128)*3/10,"
                               "setparams=range=limited:colorspace=bt2020nc:color_primaries=bt2020:"
                               "color_trc=smpte2084",
                               "it is drawn as HDR10"});
  return plan;
}

}  // namespace

Result<MadeJob> make_job(const JobSpec& spec, const fs::path& output, const FilmMakers& makers,
                         const std::stop_token& stop) {
  if (Status s = make_directories(output); !s.ok()) return s;
  JobRun run{spec, output, makers.cores, std::nullopt};
  run.watched_early = false;
  MemoryLedger ledger;
  PlanKeeper keeper;
  const Publisher usual;
  const RunParts parts{makers.workers, makers.machine, ledger, keeper,
                       makers.publisher == nullptr ? usual : *makers.publisher};
  const auto receipt = JobRunner(run, parts).run(stop);
  if (!receipt.ok()) return receipt.status();
  const auto usage = receipt->find("usage");
  return MadeJob{keeper.plan(), usage == receipt->end() ? 0.0 : usage->value("cpu_seconds", 0.0)};
}

Result<fs::path> make_film_source(const FilmSource& film, const FilmMakers& makers,
                                  const std::stop_token& stop) {
  const Result<fs::path> drawn = drawn_film(film, makers, stop);
  if (!drawn.ok()) return drawn.status();
  FileOutput output;
  output.name = std::string(name_of(film.codec));
  output.codec = film.codec;
  output.bits_per_second = film.bits_per_second;
  JobSpec spec;
  spec.input_url = drawn->native();
  spec.outputs = {output};
  const auto made = make_job(spec, makers.folder / output.name, makers, stop);
  if (!made.ok()) return made.status();
  return makers.folder / output.name / (output.name + ".mp4");
}

Result<fs::path> make_hdr_film_source(const FilmSource& film, const FilmMakers& makers,
                                      const std::stop_token& stop) {
  const Result<fs::path> drawn = drawn_film(film, makers, stop);
  if (!drawn.ok()) return drawn.status();
  Result<Source> source = makers.workers.inspect(drawn->native(), /*accept_damage=*/false, stop);
  if (!source.ok()) return source.status();
  const Result<Plan> plan = hdr_plan(std::move(*source), film, makers);
  if (!plan.ok()) return plan.status();
  const fs::path folder = makers.folder / "hdr10", track = folder / plan->renditions.at(0).folder;
  if (Status s = make_directories(track); !s.ok()) return s;
  FileKeeper kept;
  const auto made = makers.workers.run_range({*plan, 0, -1, folder, {}}, kept, stop);
  if (!made.ok()) return made.status();
  // An init segment and what follows it are a file by themselves (ISO 14496-12 §8.8).
  Result<std::string> whole = read_file(track / "init.mp4");
  if (!whole.ok()) return whole.status();
  for (const std::string& each : kept.files()) {
    const Result<std::string> part = read_file(folder / each);
    if (!part.ok()) return part.status();
    *whole += *part;
  }
  const fs::path file = folder / "hdr10.mp4";
  if (Status s = write_file(file, *whole); !s.ok()) return s;
  return file;
}

}  // namespace millrace::engine
