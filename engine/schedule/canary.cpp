#include "engine/schedule/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/base/file.h"
#include "engine/base/log.h"
#include "engine/plan/planner.h"
#include "engine/plan/step_down.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

// Two segments, the second of which has to open with an IDR picture of its own. The sides are even at half
// the size, and no smaller than what encoders take.
constexpr int kWidth = 640;
constexpr int kHeight = 360;
constexpr int kFrames = 50;
constexpr double kSegmentSeconds = 1;
constexpr int kLadder = 2;  // renditions: of the film's size, and of half of it
constexpr double kUntilSettled = 0.2;
constexpr const char* kDeinterlace = "deinterlace";
constexpr const char* kToneMap = "tone_map";
constexpr const char* kRotate = "rotate";
constexpr std::int64_t kFilmBitsPerSecond = 6'000'000;
constexpr std::int64_t kLargeBitsPerSecond = 5'000'000;
constexpr std::int64_t kSmallBitsPerSecond = 2'000'000;

// What the CPU can make a source of.
constexpr std::array kSources = {VideoCodec::h264, VideoCodec::hevc, VideoCodec::vp9, VideoCodec::av1};

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

bool decodes(const hw::GpuFacts& gpu, VideoCodec codec) {
  return std::any_of(gpu.decodes.begin(), gpu.decodes.end(),
                     [&](const hw::VideoForm& each) { return each.codec == name_of(codec); });
}

bool has_step(const Plan& plan, const std::string& name) {
  return std::any_of(plan.normalisations.begin(), plan.normalisations.end(),
                     [&](const Normalisation& each) { return each.name == name; });
}

// Whether the plan has on a device what the road leads over, and nothing else. Of encoding one rendition is
// enough: some encoders do not take the smaller one's size.
bool leads_over_it(const Plan& plan, const Stages& on_cpu) {
  const auto there = [&](Stage stage) { return device_of(plan, stage) != kCpu; };
  return there(Stage::decode) != on_cpu.decode && there(Stage::filters) != on_cpu.filters &&
         there(Stage::encode) != on_cpu.encode;
}

}  // namespace

Result<std::vector<StageFailure>> Canary::try_device(const hw::GpuFacts& gpu, const std::stop_token& stop) {
  std::vector<StageFailure> found;
  const bool is_built = gpu.vendor == "nvidia" ? backends_.nvidia : backends_.vaapi;
  if (!is_built) return found;
  if (gpu.free_encode_sessions && *gpu.free_encode_sessions < kLadder && !gpu.encodes.empty())
    return Status(Code::resource_exhausted,
                  fmt::format("{} has no free encode sessions; others hold them", gpu.name));
  for (const Road& road : roads(gpu)) {
    const auto fault = fault_of(road, gpu, found, stop);
    if (!fault.ok()) return fault.status();
    if (!*fault) continue;
    const std::string what =
        road.blamed == Stage::filters
            ? road.step
            : std::string(name_of(road.blamed == Stage::decode ? road.source : road.encode));
    found.push_back(
        {road.blamed, device_id(gpu), gpu.driver, "", fmt::format("{}: {}", road.name, **fault), 0, what});
    spdlog::error("{} of {} on {} goes into quarantine: {}", name_of(road.blamed), what, gpu.name,
                  found.back().reason);
  }
  return found;
}

// Those over fewer stages first, so that they take the blame.
std::vector<Canary::Road> Canary::roads(const hw::GpuFacts& gpu) const {
  const auto& encodes = gpu.vendor == "nvidia" ? backends_.nvidia_encodes : backends_.vaapi_encodes;
  std::vector<Road> roads;
  for (const VideoCodec each : kSources)
    if (decodes(gpu, each))
      roads.push_back({fmt::format("decoding {} and filtering", name_of(each)), each, VideoCodec::h264,
                       Stages::only(Stage::encode), Stage::decode});
  // What VAAPI's drivers make of these is their own, and need not be alike to be right.
  const auto steps = [&](const char* name, const char* step, VideoCodec source) {
    const auto& built = backends_.nvidia_steps;
    if (gpu.vendor == "nvidia" && std::find(built.begin(), built.end(), step) != built.end())
      roads.push_back({name, source, VideoCodec::h264, Stages::only(Stage::encode), Stage::filters, step});
  };
  steps("deinterlacing", kDeinterlace, VideoCodec::h264);
  steps("tone mapping", kToneMap, VideoCodec::hevc);
  steps("turning", kRotate, VideoCodec::h264);
  for (const VideoCodec each : encodes)
    roads.push_back({fmt::format("encoding {}", name_of(each)), VideoCodec::h264, each,
                     Stages{true, true, false}, Stage::encode});
  for (const VideoCodec each : encodes)
    roads.push_back({fmt::format("filtering and encoding {}", name_of(each)), VideoCodec::h264, each,
                     Stages::only(Stage::decode), Stage::encode});
  for (const VideoCodec each : encodes)
    roads.push_back({fmt::format("decoding h264, filtering and encoding {}", name_of(each)), VideoCodec::h264,
                     each, Stages{}, Stage::encode});
  return roads;
}

Result<Source> Canary::film_source(const Kind& kind, const std::stop_token& stop) {
  const auto& [codec, step] = kind;
  if (step == kDeinterlace || step == kRotate) {
    // The plain film's lines are fields as good as any, and it may be shown standing on its side.
    const Result<const Film*> plain = film({codec, ""}, stop);
    if (!plain.ok()) return plain.status();
    if (*plain == nullptr) return Status(Code::unsupported, "there is no film for it");
    Source source = (*plain)->source;
    VideoTrack& video = source.video.at(static_cast<std::size_t>(source.chosen_video));
    if (step == kRotate) {
      video.rotation_degrees = 90;
    } else {
      video.interlaced = true;
      video.scan_note = "its lines are taken for fields";
    }
    return source;
  }
  const FilmSource wanted{kWidth, kHeight, kFrames, codec, kFilmBitsPerSecond};
  const auto file = step == kToneMap ? make_hdr_film_source(wanted, makers_, stop)
                                     : make_film_source(wanted, makers_, stop);
  if (!file.ok()) return file.status();
  return makers_.workers.inspect(file->native(), /*accept_damage=*/false, stop);
}

Result<const Canary::Film*> Canary::film(const Kind& kind, const std::stop_token& stop) {
  if (const auto known = films_.find(kind); known != films_.end())
    return known->second ? &*known->second : nullptr;
  std::optional<Film>& film = films_[kind];
  const auto& [codec, step] = kind;
  const std::string name = step.empty() ? std::string(name_of(codec)) : step;
  const auto made = [&]() -> Status {
    const auto source = film_source(kind, stop);
    if (!source.ok()) return source.status();
    Result<Plan> on_cpu = plan(*source, VideoCodec::h264, {DevicePreference::Kind::cpu, ""}, {});
    if (!on_cpu.ok()) return on_cpu.status();
    if (!step.empty() && !has_step(*on_cpu, step))
      return {Code::unsupported, "the film that was made for it does not need it"};
    const fs::path folder = makers_.folder / fmt::format("{} on cpu", name);
    if (Status s = make(*on_cpu, folder, stop); !s.ok()) return s;
    film = Film{*source, std::move(*on_cpu), folder};
    return {};
  }();
  if (made.ok()) return &*film;
  if (made.code() == Code::unsupported) {
    spdlog::warn("{} on devices is not tried beforehand: {}", step.empty() ? "decoding " + name : name,
                 made.message());
    return nullptr;
  }
  films_.erase(kind);
  return made;
}

Result<Plan> Canary::plan(const Source& source, VideoCodec encode, const DevicePreference& device,
                          const std::vector<StageFailure>& failures) const {
  AdaptiveOutput output;
  output.name = "abr";
  output.codec = encode;
  output.segment_seconds = kSegmentSeconds;
  output.ladder = {{kHeight, kLargeBitsPerSecond, {}, {}}, {kHeight / 2, kSmallBitsPerSecond, {}, {}}};
  JobSpec spec;
  spec.input_url = source.url;
  spec.device = device;
  spec.outputs = {output};
  // Of a film's first picture a deinterlacer may think what it likes: nothing comes before it.
  if (source.main_video() != nullptr && source.main_video()->interlaced) spec.trim.from = kUntilSettled;
  return make_plan(source, spec, makers_.machine, makers_.cores, {backends_, failures, {}});
}

Result<std::optional<std::string>> Canary::fault_of(const Road& road, const hw::GpuFacts& gpu,
                                                    const std::vector<StageFailure>& found,
                                                    const std::stop_token& stop) {
  const Result<const Film*> film = this->film({road.source, road.step}, stop);
  if (!film.ok()) return film.status();
  if (*film == nullptr) return std::optional<std::string>();
  Result<Plan> planned = plan((*film)->source, road.encode, preference_of(gpu), found);
  if (!planned.ok() && planned.status().code() == Code::unsupported) return std::optional<std::string>();
  if (!planned.ok()) return planned.status();
  take_care(*planned, std::nullopt, {road.on_cpu, false, {}});
  if (!leads_over_it(*planned, road.on_cpu)) return std::optional<std::string>();
  const fs::path folder = makers_.folder / "tried";
  if (Status s = remove_tree(folder); !s.ok()) return s;
  if (Status s = make(*planned, folder, stop); !s.ok()) {
    if (is_no_verdict(s)) return s;
    return std::optional<std::string>(s.message());
  }
  return compare(*planned, folder, **film, stop);
}

Status Canary::make(const Plan& plan, const fs::path& folder, const std::stop_token& stop) const {
  for (const PlannedRendition& each : plan.renditions)
    if (Status s = make_directories(folder / each.folder); !s.ok()) return s;
  Nobody nobody;
  return makers_.workers.run_range({plan, 0, -1, folder, {}}, nobody, stop).status();
}

Result<std::optional<std::string>> Canary::compare(const Plan& plan, const fs::path& made, const Film& film,
                                                   const std::stop_token& stop) const {
  for (std::size_t i = 0; i < plan.renditions.size(); ++i) {
    const PlannedRendition& rendition = plan.renditions[i];
    const auto likeness = makers_.workers.compare(made / rendition.folder,
                                                  film.reference / film.plan.renditions[i].folder, stop);
    if (!likeness.ok()) {
      if (is_no_verdict(likeness.status())) return likeness.status();
      return std::optional<std::string>(fmt::format("{}: its pictures cannot be compared: {}", rendition.name,
                                                    likeness.status().message()));
    }
    if (likeness->pictures != likeness->reference)
      return std::optional<std::string>(fmt::format("{}: {} pictures instead of {}", rendition.name,
                                                    likeness->pictures, likeness->reference));
    if (likeness->least_decibels < kLeastLikeness)
      return std::optional<std::string>(fmt::format(
          "{}: its pictures are wrong: picture {} differs from the CPU's ({:.1f} dB, at least {:.0f} "
          "are asked for)",
          rendition.name, likeness->worst_picture + 1, likeness->least_decibels, kLeastLikeness));
  }
  return std::optional<std::string>();
}

}  // namespace millrace::engine
