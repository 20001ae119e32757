#include "engine/plan/output_planner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/job/json_text.h"

namespace millrace::engine {
namespace {

constexpr int kTallestFile = 1080;

std::int64_t area(const PlannedRendition& rendition) {
  return static_cast<std::int64_t>(rendition.width) * rendition.height;
}

class OutputPlanner {
 public:
  OutputPlanner(const JobSpec& spec, const Source& source, PictureSize picture)
      : spec_(spec), source_(source), video_(*source.main_video()), picture_(picture) {}

  Result<PlannedOutputs> plan() {
    plan_.outputs.resize(spec_.outputs.size());
    // Adaptive ones first: files look among their renditions.
    for (std::size_t i = 0; i < spec_.outputs.size(); ++i) {
      if (const auto* output = std::get_if<AdaptiveOutput>(&spec_.outputs[i])) {
        if (Status s = add(*output, field_path("outputs", i), plan_.outputs[i]); !s.ok()) return s;
      }
    }
    adaptive_renditions_ = plan_.renditions.size();
    for (std::size_t i = 0; i < spec_.outputs.size(); ++i) {
      if (const auto* output = std::get_if<FileOutput>(&spec_.outputs[i])) {
        if (Status s = add(*output, field_path("outputs", i), plan_.outputs[i]); !s.ok()) return s;
      }
    }
    std::stable_sort(plan_.renditions.begin(), plan_.renditions.end(),
                     [](const auto& a, const auto& b) { return area(a) > area(b); });
    return std::move(plan_);
  }

 private:
  // The limit that is worth setting: none where the source is never faster.
  Rational limit(const Rational& asked) const {
    const Rational& rate = video_.frame_rate;
    if (!asked.known()) return {};
    const bool never =
        rate.known() && !video_.variable_frame_rate && rate.as_double() <= asked.as_double() * 1.01;
    return never ? Rational() : asked;
  }

  // What comes out under a limit; not known stays not known.
  Rational rate_under(const Rational& limit) const {
    return limit.known() && limit < video_.frame_rate ? limit : video_.frame_rate;
  }

  PlannedRendition rendition(const Rung& rung, VideoCodec codec, const std::string& preset) const {
    const PictureSize size = rung_size(rung.height, picture_);
    PlannedRendition planned;
    planned.name = rung_name(rung);
    planned.width = size.width;
    planned.height = size.height;
    planned.bits_per_second = rung.bits_per_second;
    planned.max_frame_rate = limit(rung.max_frame_rate);
    planned.frame_rate = rate_under(planned.max_frame_rate);
    planned.codec = rung.codec.value_or(codec);
    planned.preset = preset;
    return planned;
  }

  PlannedSound sound(std::string folder, const AudioSettings& settings) const {
    const AudioTrack& track = *source_.main_audio();
    PlannedSound planned;
    planned.name = "audio";
    planned.folder = std::move(folder);
    planned.source_track = source_.chosen_audio;
    planned.channels = track.channels == 1 ? 1 : 2;
    planned.sample_rate = track.sample_rate == 44'100 ? 44'100 : 48'000;
    // AAC-LC holds at most 6144 bits a channel and frame of 1024 samples (ISO/IEC 14496-3).
    const std::int64_t most = 6LL * planned.sample_rate * planned.channels;
    planned.bits_per_second = std::min(settings.bits_per_second, most);
    planned.language = track.language;
    return planned;
  }

  Status add(const AdaptiveOutput& output, const std::string& field, PlannedOutput& planned) {
    planned.name = output.name;
    planned.type = PlannedOutput::Type::adaptive;
    planned.path = output.name;
    planned.packages = output.packages;
    std::vector<Rung> ladder = auto_ladder(picture_, video_.frame_rate);
    if (!output.ladder.empty()) {
      Result<std::vector<Rung>> checked = checked_ladder(output.ladder, picture_, video_.frame_rate);
      if (!checked.ok())
        return refused(checked.status().code(), field + ".ladder", checked.status().message());
      ladder = *std::move(checked);
    }
    for (const Rung& rung : ladder) {
      PlannedRendition each = rendition(rung, output.codec, output.preset);
      each.folder = output.name + "/" + each.name;
      planned.renditions.push_back(each.folder);
      plan_.renditions.push_back(std::move(each));
    }
    if (source_.main_audio() != nullptr) {
      planned.sounds.push_back(output.name + "/audio");
      plan_.sounds.push_back(sound(planned.sounds.back(), output.audio));
    }
    std::vector<std::string_view> packages;
    for (const Package package : output.packages) packages.push_back(name_of(package));
    decide(output.name, fmt::format("{} over one set of CMAF segments", fmt::join(packages, " and ")),
           output.ladder.empty() ? "the auto ladder up to the picture's height"
                                 : "the ladder that was asked for");
    return {};
  }

  Status add(const FileOutput& output, const std::string& field, PlannedOutput& planned) {
    planned.name = output.name;
    planned.type = PlannedOutput::Type::file;
    planned.container = output.container;
    planned.path = fmt::format("{}.{}", output.name, name_of(output.container));
    const int lines = std::min(picture_.width, picture_.height);
    if (output.height.value_or(0) > lines)
      return refused(Code::invalid_argument, field + ".video.height",
                     fmt::format("{}p: the source is {}x{}; give at most {} or leave it out", *output.height,
                                 picture_.width, picture_.height, lines));
    // What the file leaves open is the auto ladder's: its frame rate, and its bits for the height.
    Rung rung = auto_ladder(picture_, video_.frame_rate).front();
    if (output.max_frame_rate.known()) rung.max_frame_rate = output.max_frame_rate;
    const Rational rate = rate_under(limit(rung.max_frame_rate));
    rung.height = output.height.value_or(std::min(lines, kTallestFile));
    const Rung top = auto_ladder(picture_, rate).front();
    rung.bits_per_second = output.bits_per_second.value_or(
        rung.height == top.height ? top.bits_per_second : auto_bits_per_second(rung.height, rate));
    PlannedRendition own = rendition(rung, output.codec, output.preset);

    std::string why;
    if (const PlannedRendition* found = fitting(output, own)) {
      planned.renditions.push_back(found->folder);
      why = fmt::format("{} has the picture that was asked for: nothing is encoded twice", found->folder);
    } else {
      own.folder = ".parts/" + output.name;
      planned.renditions.push_back(own.folder);
      why = fmt::format("no adaptive rendition is {}p with {} {}, {} bit/s and its frame rate", rung.height,
                        name_of(own.codec), own.preset, own.bits_per_second);
      plan_.renditions.push_back(std::move(own));
    }
    if (source_.main_audio() != nullptr) {
      PlannedSound track = sound(fmt::format(".parts/{}.audio", output.name), output.audio);
      const auto same = std::find_if(plan_.sounds.begin(), plan_.sounds.end(), [&](const PlannedSound& each) {
        return each.bits_per_second == track.bits_per_second;
      });
      planned.sounds.push_back(same == plan_.sounds.end() ? track.folder : same->folder);
      if (same == plan_.sounds.end()) plan_.sounds.push_back(std::move(track));
    }
    decide(output.name,
           fmt::format("{}, joined from the segments of {}{}", planned.path, planned.renditions.front(),
                       planned.sounds.empty() ? "" : " and " + planned.sounds.front()),
           why);
    return {};
  }

  // The largest rendition there is that a file can take as it stands; null when none fits.
  const PlannedRendition* fitting(const FileOutput& output, const PlannedRendition& own) const {
    const PlannedRendition* best = nullptr;
    for (std::size_t i = 0; i < plan_.renditions.size(); ++i) {
      const PlannedRendition& each = plan_.renditions[i];
      if (each.codec != own.codec || each.preset != own.preset ||
          !(each.max_frame_rate == own.max_frame_rate))
        continue;
      const bool same_size = each.width == own.width && each.height == own.height;
      const bool same_bits = each.bits_per_second == own.bits_per_second;
      // What the file leaves open, an adaptive rendition may decide; another file's only when it is the same.
      const bool open = i < adaptive_renditions_;
      const bool size_fits = same_size || (open && !output.height && !output.bits_per_second);
      const bool bits_fit = same_bits || (open && !output.bits_per_second);
      if (size_fits && bits_fit && (best == nullptr || area(each) > area(*best))) best = &each;
    }
    return best;
  }

  void decide(const std::string& name, std::string choice, std::string reason) {
    plan_.packaging.push_back({"package " + name, "cpu", std::move(choice), std::move(reason)});
  }

  const JobSpec& spec_;
  const Source& source_;
  const VideoTrack& video_;
  const PictureSize picture_;
  PlannedOutputs plan_;
  std::size_t adaptive_renditions_ = 0;
};

}  // namespace

Result<PlannedOutputs> plan_outputs(const JobSpec& spec, const Source& source, PictureSize picture) {
  return OutputPlanner(spec, source, picture).plan();
}

}  // namespace millrace::engine
