#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "engine/job/json_archive.h"
#include "engine/job/names.h"
#include "engine/plan/plan.h"
#include "engine/plan/source_fields.h"

namespace millrace::engine {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kOutputTypes = {"adaptive", "file", "audio", "thumbnails",
                                                          "sprites"};

static std::string_view name_of(PlannedOutput::Type type) {
  return kOutputTypes[static_cast<std::size_t>(type)];
}

static bool from_name(std::string_view name, PlannedOutput::Type& type) {
  const auto found = std::find(kOutputTypes.begin(), kOutputTypes.end(), name);
  if (found == kOutputTypes.end()) return false;
  type = static_cast<PlannedOutput::Type>(found - kOutputTypes.begin());
  return true;
}

template <class A, Is<Decision> T>
void fields(A& archive, T& decision) {
  archive("stage", decision.stage);
  archive("device", decision.device);
  archive("choice", decision.choice);
  archive("reason", decision.reason);
}

template <class A, Is<Normalisation> T>
void fields(A& archive, T& normalisation) {
  archive("name", normalisation.name);
  archive("filter", normalisation.filter);
  archive("reason", normalisation.reason);
}

template <class A, Is<PlannedRendition> T>
void fields(A& archive, T& rendition) {
  archive("name", rendition.name);
  archive("folder", rendition.folder);
  archive("width", rendition.width);
  archive("height", rendition.height);
  archive("bits_per_second", rendition.bits_per_second);
  archive("frame_rate", rendition.frame_rate);
  archive("max_frame_rate", rendition.max_frame_rate);
  archive("codec", rendition.codec);
  archive("preset", rendition.preset);
  archive("encoder_threads", rendition.encoder_threads);
  archive("quality", rendition.quality);
  archive("max_bits_per_second", rendition.max_bits_per_second);
  archive("gop_ticks", rendition.gop_ticks);
  archive("ten_bit", rendition.ten_bit);
  archive("burn", rendition.burn);
  archive("encode_device", rendition.encode_device);
  archive.maybe("stepped_down", rendition.stepped_down);
}

template <class A, Is<PlannedOverlay> T>
void fields(A& archive, T& overlay) {
  archive("url", overlay.url);
  archive("anchor", overlay.anchor);
  archive("x", overlay.x);
  archive("y", overlay.y);
  archive("width", overlay.width);
  archive("height", overlay.height);
  archive("opacity", overlay.opacity);
  archive("from", overlay.from);
  archive("to", overlay.to);
  archive("sha256", overlay.sha256);
}

template <class A, Is<PlannedSound> T>
void fields(A& archive, T& sound) {
  archive("name", sound.name);
  archive("folder", sound.folder);
  archive("source_track", sound.source_track);
  archive("channels", sound.channels);
  archive("sample_rate", sound.sample_rate);
  archive("bits_per_second", sound.bits_per_second);
  archive("language", sound.language);
  archive("codec", sound.codec);
  archive("normalise_loudness", sound.normalise_loudness);
  archive("is_default", sound.is_default);
}

template <class A, Is<PlannedSubtitle> T>
void fields(A& archive, T& subtitle) {
  archive("name", subtitle.name);
  archive("folder", subtitle.folder);
  archive("source_stream", subtitle.source_stream);
  archive("url", subtitle.url);
  archive("language", subtitle.language);
  archive("is_default", subtitle.is_default);
  archive("forced", subtitle.forced);
  archive("sha256", subtitle.sha256);
}

template <class A, Is<PlannedStills> T>
void fields(A& archive, T& stills) {
  archive("at", stills.at);
  archive("every", stills.every);
  archive("width", stills.width);
  archive("height", stills.height);
  archive("pad", stills.pad);
  archive("columns", stills.columns);
  archive("format", stills.format);
  archive("threads", stills.threads);
}

template <class A, Is<PlannedFile> T>
void fields(A& archive, T& file) {
  archive("picture", file.picture);
  archive("sound", file.sound);
  archive("copy_video", file.copy_video);
  archive("copy_audio", file.copy_audio);
}

template <class A, Is<PlannedOutput> T>
void fields(A& archive, T& output) {
  archive("name", output.name);
  archive("type", output.type);
  archive("path", output.path);
  archive("packages", output.packages);
  archive("container", output.container);
  archive("renditions", output.renditions);
  archive("sounds", output.sounds);
  archive("subtitles", output.subtitles);
  archive("audio_container", output.audio_container);
  archive("in_one_go", output.in_one_go);
  archive("stills", output.stills);
}

template <class A, Is<Plan> T>
void fields(A& archive, T& plan) {
  std::int64_t segment_ticks = plan.clock.segment_ticks();
  archive("segment_ticks", segment_ticks);
  if constexpr (A::kReads) plan.clock = SegmentClock(segment_ticks);
  archive("estimated_segments", plan.estimated_segments);
  archive("estimated_bytes", plan.estimated_bytes);
  archive("decoder_threads", plan.decoder_threads);
  archive("ranges_at_once", plan.ranges_at_once);
  archive("range_cores", plan.range_cores);
  archive("decode_device", plan.decode_device);
  archive("filter_device", plan.filter_device);
  archive("decisions", plan.decisions);
  archive("normalisations", plan.normalisations);
  archive("renditions", plan.renditions);
  archive("sounds", plan.sounds);
  archive("outputs", plan.outputs);
  archive("subtitles", plan.subtitles);
  archive("overlays", plan.overlays);
  archive("trim_from", plan.trim_from);
  archive("trim_to", plan.trim_to);
  archive("accept_damage", plan.accept_damage);
  archive("real_time", plan.real_time);
  archive.maybe("full_decode", plan.full_decode);
  archive("source", plan.source);
}

template <class... Values>
static Status damaged(fmt::format_string<Values...> sentence, Values&&... values) {
  return {Code::corrupt_input, fmt::format(sentence, std::forward<Values>(values)...)};
}

static Status check(const PlannedSound& sound, const Source& source) {
  if (sound.source_track < 0 || static_cast<std::size_t>(sound.source_track) >= source.audio.size())
    return damaged("plan: sound {} names no track of the source", sound.folder);
  if (sound.channels <= 0 || sound.sample_rate <= 0)
    return damaged("plan: sound {} has no channels or no sample rate", sound.folder);
  return {};
}

static Status check(const PlannedRendition& rendition) {
  if (rendition.width <= 0 || rendition.height <= 0)
    return damaged("plan: rendition {} has no size", rendition.folder);
  return {};
}

static Status check(const PlannedOutput& output, const Source& source) {
  const PlannedStills& stills = output.stills;
  const bool shows_stills =
      output.type == PlannedOutput::Type::thumbnails || output.type == PlannedOutput::Type::sprites;
  if (shows_stills && (stills.width <= 0 || stills.height <= 0 || (stills.at.empty() && stills.every <= 0)))
    return damaged("plan: the stills of {} have no size or no times", output.name);
  if (output.type == PlannedOutput::Type::sprites && stills.columns <= 0)
    return damaged("plan: the sheet of {} has no columns", output.name);
  if (!output.in_one_go) return {};
  if (output.in_one_go->picture)
    if (Status status = check(*output.in_one_go->picture); !status.ok()) return status;
  return output.in_one_go->sound ? check(*output.in_one_go->sound, source) : Status();
}

ordered_json to_json(const Plan& plan) { return JsonWriter::json_of(plan); }

Result<Plan> plan_from_json(const ordered_json& json) {
  Plan plan;
  JsonReader reader(json, "plan");
  if (reader.status().ok()) fields(reader, plan);
  if (!reader.status().ok()) return reader.status();
  // What arithmetic and indexing rely on later.
  if (plan.clock.segment_ticks() <= 0)
    return Status(Code::corrupt_input, "plan.segment_ticks is not more than 0");
  if (plan.ranges_at_once < 1 || plan.range_cores < 1)
    return damaged("plan: {} ranges at once on {} cores each make nothing", plan.ranges_at_once,
                   plan.range_cores);
  for (const PlannedSound& sound : plan.sounds)
    if (Status status = check(sound, plan.source); !status.ok()) return status;
  for (const PlannedRendition& rendition : plan.renditions)
    if (Status status = check(rendition); !status.ok()) return status;
  for (const PlannedOutput& output : plan.outputs)
    if (Status status = check(output, plan.source); !status.ok()) return status;
  if (plan.trim_from < 0 || plan.trim_to < 0 || (plan.trim_to > 0 && plan.trim_to <= plan.trim_from))
    return damaged("plan: its trim {} to {} holds nothing", plan.trim_from, plan.trim_to);
  return plan;
}

}  // namespace millrace::engine
