#include "engine/schedule/calibrate.h"

#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/base/file.h"
#include "engine/job/profiles.h"
#include "engine/plan/job_times.h"
#include "engine/schedule/calibration_film.h"
#include "engine/schedule/memory_ledger.h"
#include "engine/schedule/run_job.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

constexpr int kWidth = 1280;
constexpr int kHeight = 720;
constexpr int kFrames = 100;
// What coding the film costs over what a filmed scene of its size does, at the same bits; measured with four
// seconds of Big Buck Bunny. Jobs that end correct it.
constexpr double kFilmOverScenes = 1.25;
constexpr std::array kMeasured = {"ladder-h264-veryfast", "ladder-h264-medium", "720p-hevc-veryfast"};

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

struct Measured {
  Plan plan;
  double cpu_seconds = 0;
};

Result<Measured> run_one(const JobSpec& spec, const fs::path& output, WorkerPool& workers,
                         const hw::Inventory& machine, int cores, const std::stop_token& stop) {
  if (Status s = make_directories(output); !s.ok()) return s;
  JobRun run{spec, output, cores, std::nullopt};
  run.watched_early = false;
  MemoryLedger ledger;
  PlanKeeper keeper;
  const auto receipt = run_job(run, workers, machine, ledger, keeper, stop);
  if (!receipt.ok()) return receipt.status();
  return Measured{keeper.plan(), receipt->at("usage").at("cpu_seconds").get<double>()};
}

// The film as a source that has to be decoded: H.264 at a good rate.
Result<fs::path> make_source(const fs::path& folder, WorkerPool& workers, const hw::Inventory& machine,
                             int cores, const std::stop_token& stop) {
  const fs::path film = folder / "film.y4m";
  if (Status s = write_film(film, kWidth, kHeight, kFrames, stop); !s.ok()) return s;
  FileOutput output;
  output.name = "film";
  output.bits_per_second = 8'000'000;
  JobSpec spec;
  spec.input_url = film.native();
  spec.outputs = {output};
  const auto made = run_one(spec, folder / "film", workers, machine, cores, stop);
  if (!made.ok()) return made.status();
  if (Status s = remove_tree(film); !s.ok()) return s;
  return folder / "film/film.mp4";
}

}  // namespace

Result<CostModel> calibrate(WorkerPool& workers, const hw::Inventory& machine, int cores,
                            const fs::path& folder, const std::function<void(const std::string&)>& told,
                            std::stop_token stop) {
  told("a short film");
  const auto source = make_source(folder, workers, machine, cores, stop);
  if (!source.ok()) return source.status();
  CostModel model;
  for (const char* name : kMeasured) {
    told(name);
    const Result<JobSpec> spec = profile_spec(name, source->native());
    if (!spec.ok()) return spec.status();
    const auto measured = run_one(*spec, folder / name, workers, machine, cores, stop);
    if (!measured.ok()) return measured.status();
    learn(model, measured->plan, media_seconds(measured->plan), measured->cpu_seconds / kFilmOverScenes, 1);
    if (Status s = remove_tree(folder / name); !s.ok()) return s;
  }
  return model;
}

}  // namespace millrace::engine
