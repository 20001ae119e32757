#include "engine/schedule/film_source.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/backend/software/film_encoder.h"
#include "engine/base/file.h"
#include "engine/plan/planner.h"
#include "engine/schedule/calibration_film.h"
#include "engine/schedule/job_runner.h"
#include "engine/schedule/memory_ledger.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

constexpr double kFramesPerSecond = 25;

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

// As FFmpeg names them.
struct Look {
  std::string_view name;
  const char* drawn_so;  // libavfilter text; empty: as it is drawn
  const char* range;
  const char* matrix;
  const char* primaries;
  const char* transfer;
  bool ten_bit;
  const char* mastering_display;
};

constexpr const char* kSofter = "lutyuv=y=16+(val-16)/2:u=128+(val-128)*3/10:v=128+(val-128)*3/10";
constexpr std::array<Look, 7> kLooks = {{
    {"plain", "", "tv", "bt709", "bt709", "bt709", false, ""},
    {"smooth", "gblur=sigma=0.1:sigmaV=8", "tv", "bt709", "bt709", "bt709", false, ""},
    {"full_range", "lutyuv=y=(val-16)*255/219:u=128+(val-128)*127/112:v=128+(val-128)*127/112", "pc", "bt709",
     "bt709", "bt709", false, ""},
    {"wide", "lutyuv=y=val:u=128+(val-128)*3/10:v=128+(val-128)*3/10", "tv", "bt2020nc", "bt2020",
     "bt2020-10", false, ""},
    {"deep", "", "tv", "bt709", "bt709", "bt709", true, ""},
    // BT.2020's primaries, 0.0001 to 1000 cd/m2.
    {"hdr10", kSofter, "tv", "bt2020nc", "bt2020", "smpte2084", true,
     "G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,1)"},
    {"hlg", kSofter, "tv", "bt2020nc", "bt2020", "arib-std-b67", true, ""},
}};

const Look& look_of(FilmLook look) { return kLooks.at(static_cast<std::size_t>(look)); }

std::string filter_of(const Look& look) {
  const std::string tags = fmt::format("setparams=range={}:colorspace={}:color_primaries={}:color_trc={}",
                                       look.range, look.matrix, look.primaries, look.transfer);
  return *look.drawn_so == '\0' ? tags : fmt::format("{},{}", look.drawn_so, tags);
}

// That jobs can ask for.
std::optional<VideoCodec> codec_of_jobs(const FilmSource& film) {
  for (const VideoCodec each : video_codecs_of_adaptive())
    if (name_of(each) == film.codec) return each;
  return std::nullopt;
}

// The plan of a job that takes the drawn film for one in BT.709, and dresses it as its first step.
Result<Plan> dressing_plan(Source source, const FilmSource& film, const FilmMakers& makers) {
  if (source.main_video() == nullptr) return Status(Code::internal, source.url + ": it shows no picture");
  VideoTrack& video = source.video[static_cast<std::size_t>(source.chosen_video)];
  video.color_range = "tv";
  video.color_matrix = video.color_primaries = video.color_transfer = "bt709";
  AdaptiveOutput output;
  output.name = std::string(name_of(film.look));
  output.codec = codec_of_jobs(film).value_or(output.codec);
  output.ladder = {{film.height, film.bits_per_second, {}, {}}};
  JobSpec spec;
  spec.input_url = source.url;
  spec.device = {DevicePreference::Kind::cpu, ""};
  spec.outputs = {output};
  spec.trim.to = film.used / kFramesPerSecond;
  Result<Plan> plan = make_plan(source, spec, makers.machine, makers.cores);
  if (!plan.ok()) return plan;
  const Look& look = look_of(film.look);
  plan->normalisations.insert(plan->normalisations.begin(), {"colours", filter_of(look), "it is drawn so"});
  plan->source.video[static_cast<std::size_t>(source.chosen_video)].hdr.mastering_display =
      look.mastering_display;
  for (PlannedRendition& each : plan->renditions) each.ten_bit = look.ten_bit;
  return plan;
}

// An init segment and what follows it are a file by themselves (ISO 14496-12 §8.8).
Status join(const fs::path& init, const fs::path& folder, const std::vector<std::string>& parts,
            const fs::path& file) {
  Result<std::string> whole = read_file(init);
  if (!whole.ok()) return whole.status();
  for (const std::string& each : parts) {
    const Result<std::string> part = read_file(folder / each);
    if (!part.ok()) return part.status();
    *whole += *part;
  }
  return write_file(file, *whole);
}

// By a job like any other.
Result<fs::path> make_plain(const FilmSource& film, VideoCodec codec, const fs::path& drawn,
                            const FilmMakers& makers, const std::stop_token& stop) {
  FileOutput output;
  output.name = film.codec;
  output.codec = codec;
  output.bits_per_second = film.bits_per_second;
  JobSpec spec;
  spec.input_url = drawn.native();
  spec.outputs = {output};
  spec.trim.to = film.used / kFramesPerSecond;
  const auto made = make_job(spec, makers.folder / output.name, makers, stop);
  if (!made.ok()) return made.status();
  return makers.folder / output.name / (output.name + ".mp4");
}

Result<fs::path> make_dressed(const FilmSource& film, const Plan& plan, const FilmMakers& makers,
                              const std::stop_token& stop) {
  const std::string name = film_name(film.codec, film.look);
  const fs::path folder = makers.folder / name, track = folder / plan.renditions.at(0).folder;
  if (Status s = make_directories(track); !s.ok()) return s;
  FileKeeper kept;
  const auto made = makers.workers.run_range({plan, 0, -1, folder, {}}, kept, stop);
  if (!made.ok()) return made.status();
  const fs::path file = folder / (name + ".mp4");
  if (Status s = join(track / "init.mp4", folder, kept.files(), file); !s.ok()) return s;
  return file;
}

// In a codec that no job can ask for.
Result<fs::path> make_other(const FilmSource& film, const Plan& plan, const FilmMakers& makers,
                            const std::stop_token& stop) {
  const std::string name = film_name(film.codec, film.look);
  const FilmTask task{plan, film.codec, makers.folder / name, name + ".mkv"};
  if (Status s = make_directories(task.output_folder); !s.ok()) return s;
  if (const auto made = makers.workers.run_film(task, stop); !made.ok()) return made.status();
  return task.output_folder / task.file;
}

}  // namespace

std::string_view name_of(FilmLook look) { return look_of(look).name; }

std::string film_name(std::string_view codec, FilmLook look) {
  return look == FilmLook::plain ? std::string(codec) : fmt::format("{}-{}", name_of(look), codec);
}

void dress(VideoTrack& track, FilmLook look) {
  const Look& worn = look_of(look);
  track.pixel_format = worn.ten_bit ? "yuv420p10le" : "yuv420p";
  track.bits_per_component = worn.ten_bit ? 10 : 8;
  track.color_range = worn.range;
  track.color_matrix = worn.matrix;
  track.color_primaries = worn.primaries;
  track.color_transfer = worn.transfer;
  track.hdr.mastering_display = worn.mastering_display;
}

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
  const std::optional<VideoCodec> codec = codec_of_jobs(film);
  if (!codec && (!encodes_film(film.codec) || look_of(film.look).ten_bit))
    return Status(Code::unsupported,
                  fmt::format("the program makes no film in {}", film_name(film.codec, film.look)));
  const Result<fs::path> drawn = drawn_film(film, makers, stop);
  if (!drawn.ok()) return drawn.status();
  if (codec && film.look == FilmLook::plain) return make_plain(film, *codec, *drawn, makers, stop);
  Result<Source> source = makers.workers.inspect(drawn->native(), /*accept_damage=*/false, stop);
  if (!source.ok()) return source.status();
  const Result<Plan> plan = dressing_plan(std::move(*source), film, makers);
  if (!plan.ok()) return plan.status();
  return codec ? make_dressed(film, *plan, makers, stop) : make_other(film, *plan, makers, stop);
}

}  // namespace millrace::engine
