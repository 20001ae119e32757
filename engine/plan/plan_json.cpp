#include <fmt/format.h>

#include "engine/job/json_archive.h"
#include "engine/job/names.h"
#include "engine/plan/plan.h"
#include "engine/plan/source_fields.h"

namespace millrace::engine {

using nlohmann::ordered_json;

static std::string_view name_of(PlannedOutput::Type type) {
  return type == PlannedOutput::Type::adaptive ? "adaptive" : "file";
}

static bool from_name(std::string_view name, PlannedOutput::Type& type) {
  type = name == "file" ? PlannedOutput::Type::file : PlannedOutput::Type::adaptive;
  return name == name_of(type);
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
}

template <class A, Is<Plan> T>
void fields(A& archive, T& plan) {
  std::int64_t segment_ticks = plan.clock.segment_ticks();
  archive("segment_ticks", segment_ticks);
  if constexpr (A::kReads) plan.clock = SegmentClock(segment_ticks);
  archive("estimated_segments", plan.estimated_segments);
  archive("estimated_bytes", plan.estimated_bytes);
  archive("decoder_threads", plan.decoder_threads);
  archive("decisions", plan.decisions);
  archive("normalisations", plan.normalisations);
  archive("renditions", plan.renditions);
  archive("sounds", plan.sounds);
  archive("outputs", plan.outputs);
  archive("source", plan.source);
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
  for (const PlannedSound& sound : plan.sounds) {
    if (sound.source_track < 0 || static_cast<std::size_t>(sound.source_track) >= plan.source.audio.size())
      return Status(Code::corrupt_input,
                    fmt::format("plan: sound {} names no track of the source", sound.folder));
  }
  for (const PlannedRendition& rendition : plan.renditions) {
    if (rendition.width <= 0 || rendition.height <= 0)
      return Status(Code::corrupt_input, fmt::format("plan: rendition {} has no size", rendition.folder));
  }
  return plan;
}

}  // namespace millrace::engine
