// make_receipt: what was done, in figures, and the checks that say it is whole.
#include "engine/verify/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/version.h"
#include "engine/job/json_text.h"
#include "engine/package/remux.h"
#include "engine/verify/published_files.h"
#include "engine/verify/receipt_json.h"
#include "engine/verify/track_checks.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
}

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

std::string version_text(unsigned version) {
  return fmt::format("{}.{}.{}", AV_VERSION_MAJOR(version), AV_VERSION_MINOR(version),
                     AV_VERSION_MICRO(version));
}

ordered_json versions() {
  ordered_json json;
  json["millrace"] = std::string(version());
  json["libavcodec"] = version_text(avcodec_version());
  json["libavformat"] = version_text(avformat_version());
  json["libavfilter"] = version_text(avfilter_version());
  json["libavutil"] = version_text(avutil_version());
  return json;
}

ordered_json device_list(const Plan& plan) {
  ordered_json list = ordered_json::array();
  for (const Decision& each : plan.decisions)
    list.push_back({{"stage", as_utf8(each.stage)},
                    {"device", as_utf8(each.device)},
                    {"choice", as_utf8(each.choice)},
                    {"reason", as_utf8(each.reason)}});
  return list;
}

// The first check of this kind and track holds.
bool holds(const std::vector<Check>& checks, std::string_view name, const std::string& where) {
  return std::any_of(checks.begin(), checks.end(), [&](const Check& each) {
    return each.name == name && each.where == where && each.holds;
  });
}

class ReceiptMaker {
 public:
  ReceiptMaker(const fs::path& output_folder, const Plan& plan, const Segments& segments)
      : output_folder_(output_folder), plan_(plan), segments_(segments) {}

  Result<ordered_json> make(const Usage& usage) {
    checks_ = track_checks(plan_, segments_);
    if (Status status = first_broken(); !status.ok()) return status;
    Result<PublishedDigests> digests = digest_published(output_folder_, plan_, segments_);
    if (!digests.ok()) return digests.status().under("receipt");
    digests_ = std::move(*digests);
    check_digests();
    if (Status status = check_unknown_files(); !status.ok()) return status;
    for (const PlannedOutput& output : plan_.outputs)
      if (output.type == PlannedOutput::Type::file)
        if (Status status = check_file(output); !status.ok()) return status;
    if (Status status = first_broken(); !status.ok()) return status;
    return written(usage);
  }

 private:
  Status first_broken() const {
    const auto broken =
        std::find_if(checks_.begin(), checks_.end(), [](const Check& each) { return !each.holds; });
    if (broken == checks_.end()) return {};
    return {Code::internal,
            fmt::format("{}: the check '{}' does not hold: {}", broken->where, broken->name, broken->detail)};
  }

  // Every published segment is the one that was booked.
  void check_digests() {
    std::map<std::string, const FileDigest*> on_disk;
    for (const FileDigest& each : digests_.files) on_disk[each.path] = &each;
    std::map<std::string, Check> by_track;
    for (const FinishedSegment& each : segments_) {
      const auto file = on_disk.find(each.file);
      if (file == on_disk.end()) continue;
      Check& check = by_track.try_emplace(each.track, Check{"sha256", each.track, true, {}}).first->second;
      if (!check.holds) continue;
      check.holds = file->second->sha256 == each.sha256 && file->second->bytes == each.bytes;
      check.detail = check.holds ? "every segment is the one that was booked"
                                 : each.file + " is not the one that was booked";
    }
    for (auto& [track, check] : by_track) checks_.push_back(std::move(check));
  }

  Status check_unknown_files() {
    std::set<std::string> known;
    for (const FileDigest& each : digests_.files) known.insert(each.path);
    for (const PlannedOutput& output : plan_.outputs) {
      if (output.type != PlannedOutput::Type::adaptive) continue;
      const Result<std::vector<std::string>> unknown = unknown_files(output_folder_, output.path, known);
      if (!unknown.ok()) return unknown.status();
      checks_.push_back(
          {"nothing extra", output.path, unknown->empty(),
           unknown->empty() ? "every file is listed" : unknown->front() + " belongs to no track"});
    }
    return {};
  }

  Status check_file(const PlannedOutput& output) {
    const Result<std::vector<std::int64_t>> frames = count_frames(output_folder_ / output.path);
    if (!frames.ok()) return frames.status();
    std::string detail;
    bool same = frames->size() >= output.renditions.size();
    for (std::size_t at = 0; same && at < output.renditions.size(); ++at) {
      const std::int64_t wanted = summary_of(output.renditions[at], segments_).frames_out;
      same = (*frames)[at] == wanted;
      detail = fmt::format("{} pictures in the file, {} in its segments", (*frames)[at], wanted);
    }
    checks_.push_back({"pictures in the file", output.path, same, detail});
    return {};
  }

  ordered_json track_json(const std::string& folder, const std::string& name) const {
    const TrackSummary track = summary_of(folder, segments_);
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
    if (const auto digest = digests_.tracks.find(folder); digest != digests_.tracks.end())
      json["sha256"] = digest->second;
    json["full_decode"] = holds(checks_, "full decode", folder);
    return json;
  }

  ordered_json rendition_json(const PlannedRendition& rendition) const {
    ordered_json json = track_json(rendition.folder, rendition.name);
    json["width"] = rendition.width;
    json["height"] = rendition.height;
    json["codec"] = std::string(name_of(rendition.codec));
    json["idr_grid"] = holds(checks_, "IDR grid", rendition.folder);
    return json;
  }

  ordered_json sound_json(const PlannedSound& sound) const {
    ordered_json json = track_json(sound.folder, sound.name);
    json["codec"] = "aac";
    json["channels"] = sound.channels;
    json["sample_rate"] = sound.sample_rate;
    return json;
  }

  ordered_json output_json(const PlannedOutput& output) const {
    ordered_json json;
    json["name"] = output.name;
    json["type"] = output.type == PlannedOutput::Type::adaptive ? "adaptive" : "file";
    json["path"] = output.path;
    for (const FileDigest& each : digests_.files) {
      if (each.path != output.path) continue;
      json["bytes"] = each.bytes;
      json["sha256"] = each.sha256;
    }
    json["renditions"] = ordered_json::array();
    for (const PlannedRendition& each : plan_.renditions)
      if (std::count(output.renditions.begin(), output.renditions.end(), each.folder) != 0)
        json["renditions"].push_back(rendition_json(each));
    json["sounds"] = ordered_json::array();
    for (const PlannedSound& each : plan_.sounds)
      if (std::count(output.sounds.begin(), output.sounds.end(), each.folder) != 0)
        json["sounds"].push_back(sound_json(each));
    return json;
  }

  // What a later check needs.
  ReceiptContent content() const {
    ReceiptContent content;
    for (const PlannedOutput& output : plan_.outputs) {
      if (output.type == PlannedOutput::Type::adaptive) {
        content.folders.push_back(output.path);
        continue;
      }
      ReceiptFileOutput file{output.path, {}};
      for (const std::string& each : output.renditions)
        file.pictures.push_back(summary_of(each, segments_).frames_out);
      content.file_outputs.push_back(std::move(file));
    }
    const auto add = [&](const std::string& folder, bool pictures) {
      ReceiptTrack track{folder, pictures, is_published(plan_, folder), {}};
      for (const FinishedSegment& each : segments_)
        if (each.track == folder) track.segments.push_back(each);
      std::sort(track.segments.begin(), track.segments.end(),
                [](const auto& a, const auto& b) { return a.index < b.index; });
      if (!track.segments.empty()) content.tracks.push_back(std::move(track));
    };
    for (const PlannedRendition& each : plan_.renditions) add(each.folder, true);
    for (const PlannedSound& each : plan_.sounds) add(each.folder, false);
    content.files = digests_.files;
    return content;
  }

  ordered_json written(const Usage& usage) const {
    ordered_json receipt;
    receipt["format"] = 1;
    receipt["versions"] = versions();
    receipt["source"] = to_json(plan_.source);
    receipt["outputs"] = ordered_json::array();
    for (const PlannedOutput& each : plan_.outputs) receipt["outputs"].push_back(output_json(each));
    receipt["devices"] = device_list(plan_);
    receipt["steps_down"] = ordered_json::array();
    receipt["usage"] = {{"wall_seconds", usage.wall_seconds},
                        {"cpu_seconds", usage.cpu_seconds},
                        {"peak_memory_bytes", usage.peak_memory_bytes}};
    receipt["checks"] = ordered_json::array();
    for (const Check& each : checks_)
      receipt["checks"].push_back(
          {{"name", each.name}, {"where", each.where}, {"holds", each.holds}, {"detail", each.detail}});
    receipt.update(to_json(content()));
    seal(receipt);
    return receipt;
  }

  const fs::path& output_folder_;
  const Plan& plan_;
  const Segments& segments_;
  std::vector<Check> checks_;
  PublishedDigests digests_;
};

}  // namespace

Result<ordered_json> make_receipt(const fs::path& output_folder, const Plan& plan, const Segments& segments,
                                  const Usage& usage) {
  return ReceiptMaker(output_folder, plan, segments).make(usage);
}

}  // namespace millrace::engine
