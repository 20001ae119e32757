#include "engine/schedule/film_source.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "engine/base/file.h"
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
  const fs::path drawn = makers.folder / kDrawnFilm;
  std::error_code error;
  if (!fs::exists(drawn, error))
    if (Status s = write_film(drawn, film.width, film.height, film.frames, stop); !s.ok()) return s;
  FileOutput output;
  output.name = std::string(name_of(film.codec));
  output.codec = film.codec;
  output.bits_per_second = film.bits_per_second;
  JobSpec spec;
  spec.input_url = drawn.native();
  spec.outputs = {output};
  const auto made = make_job(spec, makers.folder / output.name, makers, stop);
  if (!made.ok()) return made.status();
  return makers.folder / output.name / (output.name + ".mp4");
}

}  // namespace millrace::engine
