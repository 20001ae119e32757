// make_receipt: what was done, in figures, and the checks that say it is whole.
#include "engine/verify/receipt.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/version.h"
#include "engine/job/json_text.h"
#include "engine/verify/init_facts.h"
#include "engine/verify/output_checks.h"
#include "engine/verify/receipt_json.h"
#include "engine/verify/receipt_outputs.h"
#include "engine/verify/sound_end_checks.h"
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

ordered_json device_list(const Plan& plan) {
  ordered_json list = ordered_json::array();
  for (const Decision& each : plan.decisions)
    list.push_back({{"stage", as_utf8(each.stage)},
                    {"device", as_utf8(each.device)},
                    {"choice", as_utf8(each.choice)},
                    {"reason", as_utf8(each.reason)}});
  return list;
}

// The segments of a track by their index.
std::vector<FinishedSegment> sorted(const std::string& track, const Segments& segments) {
  std::vector<FinishedSegment> run;
  for (const FinishedSegment& each : segments)
    if (each.track == track) run.push_back(each);
  std::sort(run.begin(), run.end(), [](const auto& a, const auto& b) { return a.index < b.index; });
  return run;
}

class ReceiptMaker {
 public:
  ReceiptMaker(const fs::path& output_folder, const Plan& plan, const Segments& segments, const Losses& lost)
      : job_{output_folder, plan, segments, lost, {}, {}} {}

  Result<ordered_json> make(const Usage& usage, const std::stop_token& stop) {
    job_.checks = track_checks(job_.plan, job_.segments);
    for (Check& each : output_checks(job_.plan, job_.segments)) job_.checks.push_back(std::move(each));
    for (Check& each : sound_end_checks(job_.plan, job_.segments)) job_.checks.push_back(std::move(each));
    check_losses();
    if (Status status = first_broken(); !status.ok()) return status;
    Result<PublishedDigests> digests = digest_published(job_.output_folder, job_.plan, job_.segments, stop);
    if (!digests.ok()) return digests.status().under("receipt");
    job_.digests = std::move(*digests);
    check_digests();
    if (Status status = check_unknown_files(); !status.ok()) return status;
    check_dynamic_ranges();
    if (Status status = first_broken(); !status.ok()) return status;
    return written(usage);
  }

 private:
  Status first_broken() const {
    const auto broken =
        std::find_if(job_.checks.begin(), job_.checks.end(), [](const Check& each) { return !each.holds; });
    if (broken == job_.checks.end()) return {};
    return {Code::internal,
            fmt::format("{}: the check '{}' does not hold: {}", broken->where, broken->name, broken->detail)};
  }

  // Every published segment is the one that was booked.
  void check_digests() {
    std::map<std::string, const FileDigest*> on_disk;
    for (const FileDigest& each : job_.digests.files) on_disk[each.path] = &each;
    std::map<std::string, Check> by_track;
    for (const FinishedSegment& each : job_.segments) {
      const auto file = on_disk.find(each.file);
      if (file == on_disk.end()) continue;
      Check& check = by_track.try_emplace(each.track, Check{"sha256", each.track, true, {}}).first->second;
      if (!check.holds) continue;
      check.holds = file->second->sha256 == each.sha256 && file->second->bytes == each.bytes;
      check.detail = check.holds ? "every file is the one that was booked"
                                 : each.file + " is not the one that was booked";
    }
    for (auto& [track, check] : by_track) job_.checks.push_back(std::move(check));
  }

  Status check_unknown_files() {
    std::set<std::string> known;
    for (const FileDigest& each : job_.digests.files) known.insert(each.path);
    for (const PlannedOutput& output : job_.plan.outputs) {
      if (!has_folder(output)) continue;
      const Result<std::vector<std::string>> unknown = unknown_files(job_.output_folder, output.path, known);
      if (!unknown.ok()) return unknown.status();
      job_.checks.push_back({"nothing extra", output.path, unknown->empty(),
                             unknown->empty() ? "every file is listed"
                                              : unknown->front() + " belongs to nothing that was made"});
    }
    return {};
  }

  // HDR is marked as the source's where it is kept, and nothing else is marked as HDR.
  void check_dynamic_ranges() {
    const VideoTrack* video = job_.plan.source.main_video();
    for (const PlannedRendition& each : job_.plan.renditions) {
      const std::string_view wanted =
          each.ten_bit && video != nullptr ? dynamic_range_of(video->color_transfer) : "sdr";
      for (const int headers : headers_of(sorted(each.folder, job_.segments))) {
        const std::string file = each.folder + "/" + init_file_name(headers);
        const Result<InitFacts> init = read_init_facts(job_.output_folder / file);
        if (!init.ok()) continue;  // it only served a file
        const std::string_view found = dynamic_range_of(init->color_transfer);
        job_.checks.push_back({"dynamic range", headers == 0 ? each.folder : file, found == wanted,
                               fmt::format("{} planned, {} in the file", wanted, found)});
      }
    }
  }

  // Where damage is refused, it ends the job.
  void check_losses() {
    if (job_.plan.accept_damage) return;
    for (const auto& [track, sentences] : job_.lost)
      if (!sentences.empty()) job_.checks.push_back({"nothing lost", track, false, sentences.front()});
  }

  // What a later check needs.
  ReceiptContent content() const {
    ReceiptContent content;
    for (const PlannedOutput& output : job_.plan.outputs) {
      if (has_folder(output)) content.folders.push_back(output.path);
      if (output.type != PlannedOutput::Type::adaptive) add_files(output, content.file_outputs);
    }
    const auto add = [&](const std::string& folder, bool pictures) {
      ReceiptTrack track{folder, pictures, is_published(job_.plan, folder), sorted(folder, job_.segments)};
      if (!track.segments.empty()) content.tracks.push_back(std::move(track));
    };
    for (const PlannedRendition& each : job_.plan.renditions) add(each.folder, true);
    for (const PlannedSound& each : job_.plan.sounds) add(each.folder, false);
    content.files = job_.digests.files;
    return content;
  }

  // What a decoder must find in each of an output's files.
  void add_files(const PlannedOutput& output, std::vector<ReceiptFileOutput>& files) const {
    // Packets of a damaged source, copied: a decoder need not find anything.
    const bool copied = output.in_one_go && (output.in_one_go->copy_video || output.in_one_go->copy_audio);
    if (copied && job_.plan.accept_damage) return;
    for (const FinishedSegment& each : sorted(output.path, job_.segments)) {
      if (each.file.ends_with(".vtt")) continue;  // nothing to decode
      ReceiptFileOutput file{each.file, {}};
      if (output.type == PlannedOutput::Type::thumbnails || output.type == PlannedOutput::Type::sprites)
        file.pictures = {1};
      else if (frames_of(output) == OutputFrames::pictures)
        file.pictures = {each.frames};
      files.push_back(std::move(file));
    }
  }

  std::vector<std::string> all_lost() const {
    std::vector<std::string> tracks;
    for (const auto& [track, sentences] : job_.lost) tracks.push_back(track);
    return lost_of(job_.lost, tracks);
  }

  ordered_json written(const Usage& usage) const {
    ordered_json receipt;
    receipt["format"] = 1;
    receipt["versions"] = versions();
    receipt["source"] = to_json(job_.plan.source);
    receipt["outputs"] = outputs_json(job_);
    if (job_.plan.accept_damage) {
      receipt["lost"] = ordered_json::array();
      for (const std::string& each : all_lost()) receipt["lost"].push_back(as_utf8(each));
    }
    receipt["devices"] = device_list(job_.plan);
    receipt["steps_down"] = ordered_json::array();
    for (const std::string& each : usage.steps_down) receipt["steps_down"].push_back(as_utf8(each));
    receipt["usage"] = {{"wall_seconds", usage.wall_seconds},
                        {"cpu_seconds", usage.cpu_seconds},
                        {"peak_memory_bytes", usage.peak_memory_bytes}};
    receipt["checks"] = ordered_json::array();
    for (const Check& each : job_.checks)
      receipt["checks"].push_back(
          {{"name", each.name}, {"where", each.where}, {"holds", each.holds}, {"detail", each.detail}});
    receipt.update(to_json(content()));
    seal(receipt);
    return receipt;
  }

  FinishedJob job_;
};

}  // namespace

ordered_json versions() {
  ordered_json json;
  json["millrace"] = std::string(version());
  json["libavcodec"] = version_text(avcodec_version());
  json["libavformat"] = version_text(avformat_version());
  json["libavfilter"] = version_text(avfilter_version());
  json["libavutil"] = version_text(avutil_version());
  return json;
}

Result<ordered_json> make_receipt(const fs::path& output_folder, const Plan& plan, const Segments& segments,
                                  const Usage& usage, const Losses& lost, const std::stop_token& stop) {
  return ReceiptMaker(output_folder, plan, segments, lost).make(usage, stop);
}

}  // namespace millrace::engine
