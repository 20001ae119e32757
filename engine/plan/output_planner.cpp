#include "engine/plan/output_planner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/job/json_text.h"
#include "engine/plan/burn_planner.h"
#include "engine/plan/copy_rules.h"
#include "engine/plan/sound_planner.h"
#include "engine/plan/stills_planner.h"
#include "engine/plan/subtitle_planner.h"
#include "engine/plan/track_text.h"

namespace millrace::engine {
namespace {

constexpr const char* kNoPicture = "the source has no picture";
constexpr const char* kNothing = "the source has no picture and no sound that can be used";

std::string list_text(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, " and "));
}

class OutputPlanner {
 public:
  explicit OutputPlanner(const OutputsToPlan& asked)
      : spec_(asked.spec),
        source_(asked.source),
        video_(asked.video),
        clock_(asked.clock),
        seconds_(asked.seconds) {}

  Result<PlannedOutputs> plan() {
    plan_.outputs.resize(spec_.outputs.size());
    std::vector<std::vector<Decision>> packaging(spec_.outputs.size());
    // Adaptive ones first: files look among their renditions. What is decided is told in the spec's order.
    for (const bool adaptive : {true, false}) {
      for (std::size_t i = 0; i < spec_.outputs.size(); ++i) {
        if (std::holds_alternative<AdaptiveOutput>(spec_.outputs[i]) != adaptive) continue;
        plan_.outputs[i].name = name_of(spec_.outputs[i]);
        const std::string field = field_path("outputs", i);
        if (Status s = std::visit([&](const auto& each) { return add(each, field, plan_.outputs[i]); },
                                  spec_.outputs[i]);
            !s.ok())
          return s;
        packaging[i] = std::exchange(plan_.packaging, {});
      }
      if (adaptive) adaptive_renditions_ = plan_.renditions.size();
    }
    for (const auto& each : packaging)
      plan_.packaging.insert(plan_.packaging.end(), each.begin(), each.end());
    std::stable_sort(plan_.renditions.begin(), plan_.renditions.end(),
                     [](const auto& a, const auto& b) { return area(a) > area(b); });
    return std::move(plan_);
  }

 private:
  Status add(const AdaptiveOutput& output, const std::string& field, PlannedOutput& planned) {
    planned.type = PlannedOutput::Type::adaptive;
    planned.path = output.name;
    planned.packages = output.packages;
    const Result<int> burn = burn_of(output, field);
    if (!burn.ok()) return burn.status();
    std::vector<std::string> codecs;
    if (video_) {
      auto renditions = RenditionPlanner(*video_, clock_).of_ladder(output, field);
      if (!renditions.ok()) return renditions.status();
      for (PlannedRendition& each : *renditions) {
        each.burn = *burn;
        const std::string codec(name_of(each.codec));
        if (std::find(codecs.begin(), codecs.end(), codec) == codecs.end()) codecs.push_back(codec);
        planned.renditions.push_back(each.folder);
        plan_.renditions.push_back(std::move(each));
      }
    }
    auto sounds =
        plan_sounds(source_, {output.audio, AudioCodec::aac, true, output.name + "/audio", field + ".audio"});
    if (!sounds.ok()) return sounds.status();
    if (!video_ && sounds->empty()) return refused(Code::unsupported, field, kNothing);
    if (!sounds->empty()) codecs.emplace_back(name_of(AudioCodec::aac));
    for (PlannedSound& each : *sounds) {
      planned.sounds.push_back(each.folder);
      plan_.sounds.push_back(each);
    }
    if (output.subtitles) {
      for (PlannedSubtitle& each : plan_subtitles(source_, spec_.subtitles, output.name)) {
        planned.subtitles.push_back(each.folder);
        plan_.subtitles.push_back(std::move(each));
      }
    }
    std::vector<std::string_view> packages;
    for (const Package package : output.packages) packages.push_back(name_of(package));
    const char* reason = output.ladder.empty() ? "the auto ladder up to the picture's height"
                                               : "the ladder that was asked for";
    decide(output.name,
           fmt::format("{} over one set of CMAF segments of {}", fmt::join(packages, " and "),
                       list_text(codecs)),
           video_ ? reason : kNoPicture);
    note_surround(output.name, output.audio, *sounds);
    return {};
  }

  Status add(const FileOutput& output, const std::string& field, PlannedOutput& planned) {
    planned.type = PlannedOutput::Type::file;
    planned.container = output.container;
    planned.path = fmt::format("{}.{}", output.name, name_of(output.container));
    auto sounds = plan_sounds(source_, {output.audio, audio_codec(output.container), false,
                                        fmt::format(".parts/{}.audio", output.name), field + ".audio"});
    if (!sounds.ok()) return sounds.status();
    if (!has_picture(output.copy_video) && sounds->empty())
      return refused(Code::unsupported, field, kNothing);
    const Result<int> burn = burn_of(output, field);
    if (!burn.ok()) return burn.status();
    if (output.container == Container::ogg || output.copy_video || output.copy_audio)
      return add_in_one_go(output, field, *std::move(sounds), *burn, planned);
    return add_joined(output, field, *std::move(sounds), *burn, planned);
  }

  Status add_joined(const FileOutput& output, const std::string& field, std::vector<PlannedSound> sounds,
                    int burn, PlannedOutput& planned) {
    std::string why = kNoPicture;
    std::vector<std::string> codecs;
    if (video_) {
      auto own = RenditionPlanner(*video_, clock_).of_file(output, field);
      if (!own.ok()) return own.status();
      own->burn = burn;
      codecs.emplace_back(name_of(own->codec));
      if (const auto* found = fitting(output, *own, plan_.renditions, adaptive_renditions_)) {
        planned.renditions.push_back(found->folder);
        why = fmt::format("{} has the picture that was asked for: nothing is encoded twice", found->folder);
      } else {
        own->folder = ".parts/" + output.name;
        planned.renditions.push_back(own->folder);
        why = fmt::format("no adaptive rendition is {} with {}, {} and its frame rate", own->name,
                          codec_text(*own), rate_control_text(*own));
        plan_.renditions.push_back(*std::move(own));
      }
    }
    note_surround(output.name, output.audio, sounds);
    if (!sounds.empty()) codecs.emplace_back(name_of(audio_codec(output.container)));
    for (PlannedSound& track : sounds) {
      const auto same = std::find_if(plan_.sounds.begin(), plan_.sounds.end(),
                                     [&](const PlannedSound& each) { return are_coded_alike(each, track); });
      planned.sounds.push_back(same == plan_.sounds.end() ? track.folder : same->folder);
      if (same == plan_.sounds.end()) plan_.sounds.push_back(std::move(track));
    }
    std::vector<std::string> parts = planned.renditions;
    parts.insert(parts.end(), planned.sounds.begin(), planned.sounds.end());
    decide(output.name,
           fmt::format("{} of {}, joined from the segments of {}", planned.path, list_text(codecs),
                       list_text(parts)),
           why);
    return {};
  }

  Status add_in_one_go(const FileOutput& output, const std::string& field, std::vector<PlannedSound> sounds,
                       int burn, PlannedOutput& planned) {
    if (sounds.size() > 1)
      return refused(Code::unsupported, field + ".audio.languages",
                     fmt::format("{} are asked for, and a file that is {} holds one sound; give one language",
                                 sounds.size(), output.container == Container::ogg ? "ogg" : "copied"));
    PlannedFile& file = planned.in_one_go.emplace();
    std::vector<std::string> tracks;
    if (const VideoTrack* track = source_.main_video(); output.copy_video && track != nullptr) {
      if (Status s = check_copy(output.container, *track); !s.ok())
        return refused(s.code(), field + ".video.codec", s.message());
      file.copy_video = true;
      tracks.push_back("its own picture (" + track->codec + ")");
    } else if (video_) {
      auto picture = RenditionPlanner(*video_, clock_).of_file(output, field);
      if (!picture.ok()) return picture.status();
      picture->burn = burn;
      if (output.gop_seconds > 0) picture->gop_ticks = std::llround(output.gop_seconds * kTicksPerSecond);
      file.picture = *std::move(picture);
      tracks.emplace_back(name_of(file.picture->codec));
    }
    if (!sounds.empty()) {
      file.sound = sounds.front();
      file.sound->folder.clear();
      file.copy_audio = output.copy_audio;
      const AudioTrack& track = source_.audio[static_cast<std::size_t>(file.sound->source_track)];
      if (Status s = file.copy_audio ? check_copy(output.container, track) : Status(); !s.ok())
        return refused(s.code(), field + ".audio.codec", s.message());
      tracks.push_back(file.copy_audio ? "its own sound (" + track.codec + ")" : sound_text(*file.sound));
    }
    const bool copies = file.copy_video || file.copy_audio;
    decide(output.name, fmt::format("{} of {}, made in one go", planned.path, list_text(tracks)),
           copies ? fmt::format("copy was asked for, and {} holds it as it is", name_of(output.container))
                  : fmt::format("{} files are not made of segments", name_of(output.container)));
    note_surround(output.name, output.audio, sounds);
    return {};
  }

  Status add(const AudioOutput& output, const std::string& field, PlannedOutput& planned) {
    planned.type = PlannedOutput::Type::audio;
    planned.audio_container = output.container;
    planned.path = fmt::format("{}.{}", output.name, name_of(output.container));
    auto sounds =
        plan_sounds(source_, {output.audio, audio_codec(output.container), false, "", field + ".audio"});
    if (!sounds.ok()) return sounds.status();
    if (sounds->empty())
      return refused(Code::unsupported, field, "the source has no sound; leave this output out");
    PlannedFile& file = planned.in_one_go.emplace();
    file.sound = sounds->front();
    file.copy_audio = output.copy;
    const AudioTrack& track = source_.audio[static_cast<std::size_t>(file.sound->source_track)];
    if (Status s = output.copy ? check_copy(output.container, track) : Status(); !s.ok())
      return refused(s.code(), field + ".audio.codec", s.message());
    decide(output.name,
           fmt::format("{} of {}", planned.path,
                       output.copy ? "the source's own " + track.codec : sound_text(*file.sound)),
           fmt::format("{} of stream {}{}", output.copy ? "a copy was asked for," : "the sound alone,",
                       track.index, file.sound->language.empty() ? "" : ", " + file.sound->language));
    note_surround(output.name, output.audio, *sounds);
    return {};
  }

  Status add(const ThumbnailsOutput& output, const std::string& field, PlannedOutput& planned) {
    planned.type = PlannedOutput::Type::thumbnails;
    planned.path = output.name;
    if (!video_) return refused(Code::unsupported, field, fmt::format("{} to take stills of", kNoPicture));
    return add_stills(plan_thumbnails(output, video_->size, seconds_, field), planned);
  }

  Status add(const SpritesOutput& output, const std::string& field, PlannedOutput& planned) {
    planned.type = PlannedOutput::Type::sprites;
    planned.path = fmt::format("{}.{}", output.name, name_of(output.format));
    if (!video_) return refused(Code::unsupported, field, fmt::format("{} to take stills of", kNoPicture));
    return add_stills(plan_sprites(output, video_->size, seconds_, field), planned);
  }

  Status add_stills(Result<PlannedStills> stills, PlannedOutput& planned) {
    if (!stills.ok()) return stills.status();
    planned.stills = *std::move(stills);
    std::string reason = "straight from the source, upright and with square pixels";
    if (video_->is_hdr) reason += "; in SDR, as all stills are";
    const std::int64_t a_sheet = sheet_rows(planned.stills) * planned.stills.columns;
    if (const std::int64_t count = count_of_stills(planned.stills, seconds_); a_sheet > 0 && count > a_sheet)
      reason += fmt::format("; {} pictures take {} sheets", count, (count + a_sheet - 1) / a_sheet);
    if (planned.stills.pad)
      reason +=
          fmt::format("; a picture of {}x{} does not fill them", video_->size.width, video_->size.height);
    decide(planned.name, fmt::format("{}: {}", planned.path, stills_text(planned)), reason);
    return {};
  }

  // The subtitles that lie over an output's pictures, told.
  template <class WithBurn>
  Result<int> burn_of(const WithBurn& output, const std::string& field) {
    if (output.burn && !video_)
      return refused(Code::invalid_argument, field + ".burn",
                     "there is no picture that subtitles could be burnt into; leave it out");
    const Result<int> stream = plan_burn(source_, output.burn, field + ".burn");
    if (stream.ok() && *stream >= 0) plan_.packaging.push_back(burn_decision(source_, *stream, output.name));
    return stream;
  }

  bool has_picture(bool copied) const { return video_ || (copied && source_.main_video() != nullptr); }

  // Surround that was asked for and cannot be had.
  void note_surround(const std::string& name, const AudioSettings& settings,
                     const std::vector<PlannedSound>& sounds) {
    const bool has_surround =
        std::any_of(sounds.begin(), sounds.end(), [](const PlannedSound& each) { return each.channels > 2; });
    if (!settings.surround || sounds.empty() || has_surround) return;
    const auto track = static_cast<std::size_t>(sounds.front().source_track);
    plan_.packaging.push_back({"surround " + name, "cpu", "none",
                               fmt::format("the sound has {} of 6 channels", source_.audio[track].channels)});
  }

  void decide(const std::string& name, std::string choice, std::string reason) {
    plan_.packaging.push_back({"package " + name, "cpu", std::move(choice), std::move(reason)});
  }

  const JobSpec& spec_;
  const Source& source_;
  const std::optional<NormalisedVideo> video_;
  const SegmentClock clock_;
  const double seconds_;
  PlannedOutputs plan_;
  std::size_t adaptive_renditions_ = 0;
};

}  // namespace

Result<PlannedOutputs> plan_outputs(const OutputsToPlan& asked) { return OutputPlanner(asked).plan(); }

}  // namespace millrace::engine
