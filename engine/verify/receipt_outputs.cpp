#include "engine/verify/receipt_outputs.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/job/json_text.h"
#include "engine/package/adaptive_set.h"
#include "engine/verify/init_facts.h"
#include "engine/verify/output_checks.h"
#include "engine/verify/track_checks.h"

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

std::string_view type_of(const PlannedOutput& output) {
  switch (output.type) {
    case PlannedOutput::Type::adaptive:
      return "adaptive";
    case PlannedOutput::Type::file:
      return "file";
    case PlannedOutput::Type::audio:
      return "audio";
    case PlannedOutput::Type::thumbnails:
      return "thumbnails";
    case PlannedOutput::Type::sprites:
      break;
  }
  return "sprites";
}

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::vector<std::string> tracks_of(const PlannedOutput& output) {
  std::vector<std::string> tracks{output.path};
  for (const auto* more : {&output.renditions, &output.sounds, &output.subtitles})
    tracks.insert(tracks.end(), more->begin(), more->end());
  return tracks;
}

class Writer {
 public:
  explicit Writer(const FinishedJob& job) : job_(job) {}

  ordered_json output(const PlannedOutput& output) const {
    ordered_json json;
    json["name"] = output.name;
    json["type"] = type_of(output);
    json["path"] = output.path;
    if (output.type == PlannedOutput::Type::adaptive || output.type == PlannedOutput::Type::file)
      add_tracks(output, json);
    if (output.type != PlannedOutput::Type::adaptive) add_files(output, json);
    if (output.in_one_go) add_coding(*output.in_one_go, json);
    if (output.type == PlannedOutput::Type::file) add_encoders(output, json);
    if (job_.plan.accept_damage) json["lost"] = sentences(lost_of(job_.lost, tracks_of(output)));
    return json;
  }

 private:
  static ordered_json sentences(const std::vector<std::string>& list) {
    ordered_json json = ordered_json::array();
    for (const std::string& each : list) json.push_back(as_utf8(each));
    return json;
  }

  bool holds(std::string_view name, const std::string& where) const {
    return std::any_of(job_.checks.begin(), job_.checks.end(), [&](const Check& each) {
      return each.name == name && each.where == where && each.holds;
    });
  }

  void add_tracks(const PlannedOutput& output, ordered_json& json) const {
    json["renditions"] = ordered_json::array();
    for (const PlannedRendition& each : job_.plan.renditions)
      if (contains(output.renditions, each.folder)) json["renditions"].push_back(rendition(each));
    json["sounds"] = ordered_json::array();
    for (const PlannedSound& each : job_.plan.sounds)
      if (contains(output.sounds, each.folder)) json["sounds"].push_back(sound(each));
    if (output.type != PlannedOutput::Type::adaptive) return;
    json["subtitles"] = ordered_json::array();
    for (const PlannedSubtitle& each : job_.plan.subtitles)
      if (contains(output.subtitles, each.folder)) json["subtitles"].push_back(subtitle(each));
  }

  // The files that a task of their own made, whole.
  void add_files(const PlannedOutput& output, ordered_json& json) const {
    const std::vector<FinishedSegment> files = run_from_start(output.path, job_.segments);
    Segments media;  // a sheet's WebVTT says again what is on it
    std::int64_t bytes = 0;
    for (const FinishedSegment& each : files) {
      bytes += each.bytes;
      if (!each.file.ends_with(".vtt")) media.push_back(each);
    }
    const TrackSummary all = summary_of(output.path, media);
    const bool samples = frames_of(output) == OutputFrames::samples;
    json[samples ? "samples_in" : "frames_in"] = all.frames_in;
    json[samples ? "samples_out" : "frames_out"] = all.frames_out;
    json["duration_seconds"] = all.duration_seconds();
    json["timescale"] = all.timescale;
    json["first_pts"] = all.first_pts;
    json["last_pts"] = all.last_pts;
    json["bytes"] = bytes;
    json["decode_check"] = holds("decode", output.path);
    if (files.size() == 1) json["sha256"] = files.front().sha256;
    if (output.type == PlannedOutput::Type::thumbnails || output.type == PlannedOutput::Type::sprites) {
      json["width"] = output.stills.width;
      json["height"] = output.stills.height;
      json["format"] = std::string(name_of(output.stills.format));
    } else {
      const bool file = output.type == PlannedOutput::Type::file;
      json["container"] = std::string(file ? name_of(output.container) : name_of(output.audio_container));
    }
    json["files"] = ordered_json::array();
    for (const FinishedSegment& each : files)
      json["files"].push_back({{"path", each.file},
                               {"start", each.start},
                               {"frames", each.frames},
                               {"bytes", each.bytes},
                               {"sha256", each.sha256}});
  }

  std::vector<int> headers_of_track(const std::string& folder) const {
    return headers_of(run_from_start(folder, job_.segments));
  }

  // Of a file that is joined from segments of several encoders.
  void add_encoders(const PlannedOutput& output, ordered_json& json) const {
    std::size_t encoders = 1;
    for (const std::string& each : output.renditions)
      encoders = std::max(encoders, headers_of_track(each).size());
    if (encoders == 1) return;
    json["encoders"] = encoders;
    json["headers"] = "of several encoders, with each key frame";
  }

  // Which segments have which init segment, in stretches.
  ordered_json stretches(const std::string& folder) const {
    ordered_json json = ordered_json::array();
    for (const FinishedSegment& each : run_from_start(folder, job_.segments)) {
      const std::string file = init_file_name(each.headers);
      if (json.empty() || json.back()["file"] != file)
        json.push_back({{"file", file}, {"first_segment", each.index + 1}, {"segments", 0}});
      json.back()["segments"] = json.back()["segments"].get<int>() + 1;
    }
    return json;
  }

  // Of what is coded in one go, and has no rendition or sound of its own in the plan.
  void add_coding(const PlannedFile& file, ordered_json& json) const {
    const Source& source = job_.plan.source;
    if (file.picture)
      json["video"] = {{"codec", std::string(name_of(file.picture->codec))},
                       {"width", file.picture->width},
                       {"height", file.picture->height}};
    else if (file.copy_video && source.main_video() != nullptr)
      json["video"] = {{"codec", source.main_video()->codec},
                       {"width", source.main_video()->width},
                       {"height", source.main_video()->height},
                       {"copied", true}};
    if (!file.sound) return;
    const auto track = static_cast<std::size_t>(file.sound->source_track);
    if (file.copy_audio && track < source.audio.size())
      json["audio"] = {{"codec", source.audio[track].codec},
                       {"channels", source.audio[track].channels},
                       {"sample_rate", source.audio[track].sample_rate},
                       {"copied", true}};
    else
      json["audio"] = sound_coding(*file.sound);
  }

  static ordered_json sound_coding(const PlannedSound& sound) {
    return {{"codec", std::string(name_of(sound.codec))},
            {"channels", sound.channels},
            {"sample_rate", sound.sample_rate}};
  }

  ordered_json track(const std::string& folder, const std::string& name) const {
    const TrackSummary track = summary_of(folder, job_.segments);
    ordered_json json;
    json["name"] = name;
    json["folder"] = folder;
    json["frames_in"] = track.frames_in;
    json["frames_out"] = track.frames_out;
    json["duration_seconds"] = track.duration_seconds();
    json["timescale"] = track.timescale;
    json["first_pts"] = track.first_pts;
    json["last_pts"] = track.last_pts;
    json["segments"] = track.segments;
    json["bytes"] = track.bytes;
    if (const auto digest = job_.digests.tracks.find(folder); digest != job_.digests.tracks.end())
      json["sha256"] = digest->second;
    json["decode_check"] = holds("decode", folder);
    json["fully_decoded_segments"] = track.fully_decoded;
    return json;
  }

  ordered_json rendition(const PlannedRendition& rendition) const {
    ordered_json json = track(rendition.folder, rendition.name);
    json["width"] = rendition.width;
    json["height"] = rendition.height;
    json["codec"] = std::string(name_of(rendition.codec));
    json["bits_per_component"] = rendition.ten_bit ? 10 : 8;
    const std::vector<int> headers = headers_of_track(rendition.folder);
    // Renditions that only served a file may be gone.
    const Result<InitFacts> init = read_init_facts(job_.output_folder / rendition.folder /
                                                   init_file_name(headers.empty() ? 0 : headers.front()));
    if (headers.size() > 1) {
      json["encoders"] = headers.size();
      json["init_segments"] = stretches(rendition.folder);
    }
    if (init.ok()) {
      json["codecs"] = init->codecs;
      json["dynamic_range"] = dynamic_range_of(init->color_transfer);
      json["color"] = {{"range", init->color_range},
                       {"matrix", init->color_matrix},
                       {"primaries", init->color_primaries},
                       {"transfer", init->color_transfer}};
    }
    json["idr_grid"] = holds("IDR grid", rendition.folder);
    return json;
  }

  ordered_json sound(const PlannedSound& sound) const {
    ordered_json json = track(sound.folder, sound.name);
    json.update(sound_coding(sound));
    json["language"] = as_utf8(sound.language);
    return json;
  }

  ordered_json subtitle(const PlannedSubtitle& subtitle) const {
    const TrackSummary track = summary_of(subtitle.folder, job_.segments);
    return {{"name", as_utf8(subtitle.name)},
            {"folder", subtitle.folder},
            {"language", as_utf8(subtitle.language)},
            {"forced", subtitle.forced},
            {"cues", track.frames_out},
            {"bytes", track.bytes}};
  }

  const FinishedJob& job_;
};

}  // namespace

ordered_json outputs_json(const FinishedJob& job) {
  const Writer writer(job);
  ordered_json json = ordered_json::array();
  for (const PlannedOutput& each : job.plan.outputs) json.push_back(writer.output(each));
  return json;
}

std::vector<std::string> lost_of(const Losses& lost, const std::vector<std::string>& tracks) {
  std::vector<std::string> all;
  for (const std::string& track : tracks) {
    const auto found = lost.find(track);
    if (found == lost.end()) continue;
    for (const std::string& each : found->second)
      if (!contains(all, each)) all.push_back(each);
  }
  return all;
}

}  // namespace millrace::engine
