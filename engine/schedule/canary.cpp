#include "engine/schedule/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/plan/capacity.h"
#include "engine/plan/device_fit.h"
#include "engine/plan/planner.h"
#include "engine/plan/step_down.h"
#include "engine/schedule/drawn_image.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

// Two segments, the second of which has to open with an IDR picture of its own. The sides are even at half
// the size, and no smaller than what encoders take.
constexpr int kWidth = 640;
constexpr int kHeight = 360;
constexpr int kFrames = 50;
constexpr int kFramesOfSteps = 15;  // of films that no encoder is tried with
constexpr double kSegmentSeconds = 1;
constexpr int kLadder = 2;  // renditions: of the film's size, and of half of it
constexpr double kUntilSettled = 0.2;
constexpr double kSecondsOfSteps = 0.6;
constexpr std::int64_t kFilmBitsPerSecond = 6'000'000;
constexpr std::int64_t kLargeBitsPerSecond = 5'000'000;
constexpr std::int64_t kSmallBitsPerSecond = 2'000'000;
constexpr const char* kDisc = "disc.bmp";
constexpr int kDiscSide = 120;

class Nobody final : public TaskObserver {
 public:
  Status segment_finished(const FinishedSegment&) override { return {}; }
  void progress(const TaskProgress&) override {}
};

DevicePreference preference_of(const hw::GpuFacts& gpu) {
  if (gpu.vendor == "nvidia") return {DevicePreference::Kind::cuda, std::to_string(gpu.index)};
  return {DevicePreference::Kind::vaapi, gpu.node};
}

// Failures that say nothing of the device.
bool is_no_verdict(const Status& failure) {
  switch (failure.code()) {
    case Code::cancelled:
    case Code::resource_exhausted:
    case Code::out_of_memory:
    case Code::io_error:
    case Code::worker_killed:
      return true;
    default:
      return false;
  }
}

// Encoders are tried with these.
bool is_long(FilmLook look) { return look == FilmLook::plain || look == FilmLook::hdr10; }

VideoTrack& picture_of(Source& source) {
  return source.video.at(static_cast<std::size_t>(source.chosen_video));
}

// The film as inspect() will see it, before it is made.
Source foreseen(const CanaryFilm& film) {
  Source source = nominal_source();
  VideoTrack& video = picture_of(source);
  video.codec = film.codec;
  video.width = kWidth;
  video.height = kHeight;
  dress(video, film.look);
  if (film.path) ask_for(*film.path, video);
  return source;
}

bool takes(const Plan& plan, const std::optional<FilterPath>& path) {
  const std::vector<FilterPath> all = filter_paths(plan);
  return !path || std::find(all.begin(), all.end(), *path) != all.end();
}

// Whether the plan has on a device what the road leads over, and nothing else. Of encoding one rendition is
// enough: some encoders do not take the smaller one's size.
bool leads_over_it(const Plan& plan, const Stages& on_cpu) {
  const auto there = [&](Stage stage) { return device_of(plan, stage) != kCpu; };
  return there(Stage::decode) != on_cpu.decode && there(Stage::filters) != on_cpu.filters &&
         there(Stage::encode) != on_cpu.encode;
}

// Whether a road that is shorter has found it out.
bool is_known(const std::vector<StageFailure>& found, const CanaryRoad& road) {
  return std::any_of(found.begin(), found.end(), [&](const StageFailure& each) {
    return each.stage == road.blamed && each.codec == road.path;
  });
}

}  // namespace

Result<std::vector<StageFailure>> Canary::try_device(const hw::GpuFacts& gpu, const std::stop_token& stop) {
  std::vector<StageFailure> found;
  const bool is_built = gpu.vendor == "nvidia" ? backends_.nvidia : backends_.vaapi;
  if (!is_built) return found;
  if (gpu.free_encode_sessions && *gpu.free_encode_sessions < kLadder && !gpu.encodes.empty())
    return Status(Code::resource_exhausted,
                  fmt::format("{} has no free encode sessions; others hold them", gpu.name));
  for (const CanaryRoad& road : canary_roads(gpu, backends_)) {
    if (is_known(found, road)) continue;
    const Result<Verdict> verdict = verdict_of(road, gpu, found, stop);
    if (!verdict.ok()) return verdict.status();
    if (verdict->fault.empty()) continue;
    found.push_back({road.blamed, device_id(gpu), gpu.driver, "",
                     fmt::format("{}: {}", road.name, verdict->fault), 0, road.path, !verdict->tried});
    spdlog::log(verdict->tried ? spdlog::level::err : spdlog::level::info,
                "{} of {} on {} goes into quarantine: {}", name_of(road.blamed), road.path, gpu.name,
                found.back().reason);
  }
  return found;
}

Result<Source> Canary::film_source(const CanaryFilm& kind, const std::stop_token& stop) {
  if (const auto known = sources_.find(kind); known != sources_.end()) return known->second;
  FilmSource wanted{kWidth, kHeight, kFrames, kind.codec, kFilmBitsPerSecond, kind.look};
  if (!is_long(kind.look)) wanted.used = kFramesOfSteps;
  const auto file = make_film_source(wanted, makers_, stop);
  if (!file.ok()) return file.status();
  Result<Source> source = makers_.workers.inspect(file->native(), /*accept_damage=*/false, stop);
  if (source.ok()) sources_[kind] = *source;
  return source;
}

Result<Canary::Film> Canary::make_film(const CanaryFilm& kind, const std::stop_token& stop) {
  Result<Source> source = film_source({kind.codec, kind.look, {}}, stop);
  if (!source.ok()) return source.status();
  if (kind.path) ask_for(*kind.path, picture_of(*source));
  const bool ten_bit = kind.path == FilterPath::ten_bit;
  const Wish wish{kind, ten_bit ? VideoCodec::hevc : VideoCodec::h264, {DevicePreference::Kind::cpu, ""}};
  Result<Plan> on_cpu = plan(*source, wish, {});
  if (!on_cpu.ok()) return on_cpu.status();
  if (ten_bit && !takes(*on_cpu, kind.path))
    return Status(Code::unsupported, "the film that was made for it is no HDR");
  if (kind.path == FilterPath::overlays)
    if (Status s = write_disc(makers_.folder / kDisc, kDiscSide); !s.ok()) return s;
  const fs::path folder = makers_.folder / fmt::format("{} on cpu", name_of(kind));
  if (Status s = make(*on_cpu, folder, stop); !s.ok()) return s;
  return Film{std::move(*source), std::move(*on_cpu), folder};
}

Result<const Canary::Film*> Canary::film(const CanaryFilm& kind, const std::stop_token& stop) {
  auto known = films_.find(kind);
  if (known == films_.end()) {
    Result<Film> made = make_film(kind, stop);
    if (!made.ok() && made.status().code() != Code::unsupported) return made.status();
    known = films_.emplace(kind, std::move(made)).first;
  }
  if (!known->second.ok()) return known->second.status();
  return &*known->second;
}

Result<Plan> Canary::plan(const Source& source, const Wish& wish,
                          const std::vector<StageFailure>& failures) const {
  const std::optional<FilterPath>& path = wish.film.path;
  AdaptiveOutput output;
  output.name = "abr";
  output.codec = wish.encode;
  output.keep_hdr = path == FilterPath::ten_bit;
  output.segment_seconds = kSegmentSeconds;
  output.ladder = {{kHeight, kLargeBitsPerSecond, {}, {}}, {kHeight / 2, kSmallBitsPerSecond, {}, {}}};
  JobSpec spec;
  spec.input_url = source.url;
  spec.device = wish.device;
  spec.outputs = {output};
  // Of a film's first picture a deinterlacer may think what it likes: nothing comes before it.
  if (path == FilterPath::deinterlace) spec.trim.from = kUntilSettled;
  if (path && !output.keep_hdr && is_long(wish.film.look)) spec.trim.to = spec.trim.from + kSecondsOfSteps;
  if (path == FilterPath::overlays) {
    Overlay disc;
    disc.url = (makers_.folder / kDisc).native();
    disc.anchor = Overlay::Anchor::centre;
    disc.opacity = 0.8;
    spec.overlays = {disc};
  }
  return make_plan(source, spec, makers_.machine, makers_.cores, {backends_, failures, {}});
}

// By what the driver lists, so that no film is made in vain.
bool Canary::is_offered(const CanaryRoad& road, const hw::GpuFacts& gpu) const {
  if (road.blamed == Stage::encode) return true;
  const Source source = foreseen(road.film);
  if (road.blamed == Stage::decode && !why_not_decoded(gpu, *source.main_video()).empty()) return false;
  const VideoCodec encode = road.ways.front().encode;
  Result<Plan> planned = plan(source, {road.film, encode, {DevicePreference::Kind::cpu, ""}}, {});
  if (!planned.ok()) return false;
  planned->filter_device = device_name(gpu);
  return why_not_filtered(gpu, *planned, backends_.nvidia_steps).empty() && takes(*planned, road.film.path);
}

Result<std::optional<Plan>> Canary::plan_over(const CanaryRoad& road, const Source& source,
                                              const hw::GpuFacts& gpu,
                                              const std::vector<StageFailure>& found) const {
  for (const CanaryWay& way : road.ways) {
    Result<Plan> planned = plan(source, {road.film, way.encode, preference_of(gpu)}, found);
    if (!planned.ok() && planned.status().code() == Code::unsupported) continue;
    if (!planned.ok()) return planned.status();
    take_care(*planned, std::nullopt, {way.on_cpu, false, {}});
    if (leads_over_it(*planned, way.on_cpu) && takes(*planned, road.film.path))
      return std::optional<Plan>(std::move(*planned));
  }
  return std::optional<Plan>();
}

Result<Canary::Verdict> Canary::verdict_of(const CanaryRoad& road, const hw::GpuFacts& gpu,
                                           const std::vector<StageFailure>& found,
                                           const std::stop_token& stop) {
  if (!is_offered(road, gpu)) return Verdict();
  const Result<const Film*> film = this->film(road.film, stop);
  if (!film.ok() && film.status().code() == Code::unsupported)
    return Verdict{"it was not tried, for want of a film: " + film.status().message(), false};
  if (!film.ok()) return film.status();
  const Result<std::optional<Plan>> planned = plan_over(road, (*film)->source, gpu, found);
  if (!planned.ok()) return planned.status();
  if (!*planned && road.blamed == Stage::encode) return Verdict();
  if (!*planned)
    return Verdict{"it was not tried: nothing that is decoded or encoded there leads over it", false};
  const fs::path folder = makers_.folder / "tried";
  if (Status s = remove_tree(folder); !s.ok()) return s;
  if (Status s = make(**planned, folder, stop); !s.ok()) {
    if (is_no_verdict(s)) return s;
    return Verdict{s.message()};
  }
  const Result<std::string> fault = compare(**planned, folder, **film, road.least, stop);
  if (!fault.ok()) return fault.status();
  return Verdict{*fault};
}

Status Canary::make(const Plan& plan, const fs::path& folder, const std::stop_token& stop) const {
  for (const PlannedRendition& each : plan.renditions)
    if (Status s = make_directories(folder / each.folder); !s.ok()) return s;
  Nobody nobody;
  return makers_.workers.run_range({plan, 0, -1, folder, {}}, nobody, stop).status();
}

Result<std::string> Canary::compare(const Plan& plan, const fs::path& made, const Film& film, double least,
                                    const std::stop_token& stop) const {
  for (std::size_t i = 0; i < plan.renditions.size(); ++i) {
    const PlannedRendition& rendition = plan.renditions[i];
    const auto likeness = makers_.workers.compare(made / rendition.folder,
                                                  film.reference / film.plan.renditions[i].folder, stop);
    if (!likeness.ok()) {
      if (is_no_verdict(likeness.status())) return likeness.status();
      return fmt::format("{}: its pictures cannot be compared: {}", rendition.name,
                         likeness.status().message());
    }
    if (likeness->pictures != likeness->reference)
      return fmt::format("{}: {} pictures instead of {}", rendition.name, likeness->pictures,
                         likeness->reference);
    if (likeness->least_decibels < least)
      return fmt::format(
          "{}: its pictures are wrong: picture {} differs from the CPU's ({:.1f} dB, at least {:.0f} "
          "are asked for)",
          rendition.name, likeness->worst_picture + 1, likeness->least_decibels, least);
  }
  return std::string();
}

}  // namespace millrace::engine
