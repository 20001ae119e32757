#include "engine/verify/published_files.h"

#include <algorithm>
#include <system_error>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/package/adaptive_set.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool wants(const PlannedOutput& output, Package package) {
  return std::find(output.packages.begin(), output.packages.end(), package) != output.packages.end();
}

std::vector<std::string> tracks_of(const PlannedOutput& output) {
  std::vector<std::string> tracks = output.renditions;
  tracks.insert(tracks.end(), output.sounds.begin(), output.sounds.end());
  return tracks;
}

std::vector<std::string> booked_files(const std::string& track, const Segments& segments) {
  std::vector<std::string> files;
  for (const FinishedSegment& each : run_from_start(track, segments)) files.push_back(each.file);
  return files;
}

// The init segments and the segments: what the digest of a track is made of.
std::vector<std::string> media_files(const std::string& track, const Segments& segments) {
  std::vector<std::string> files;
  for (const int headers : headers_of(run_from_start(track, segments)))
    files.push_back(track + "/" + init_file_name(headers));
  for (std::string& each : booked_files(track, segments)) files.push_back(std::move(each));
  return files;
}

}  // namespace

bool is_published(const Plan& plan, const std::string& folder) {
  return std::any_of(plan.outputs.begin(), plan.outputs.end(), [&](const PlannedOutput& output) {
    return output.type == PlannedOutput::Type::adaptive && contains(tracks_of(output), folder);
  });
}

bool has_folder(const PlannedOutput& output) {
  return output.type == PlannedOutput::Type::adaptive || output.type == PlannedOutput::Type::thumbnails;
}

std::vector<std::string> published_files(const Plan& plan, const Segments& segments) {
  std::vector<std::string> files;
  const auto add = [&files](const std::vector<std::string>& more) {
    files.insert(files.end(), more.begin(), more.end());
  };
  std::set<std::string> listed;  // tracks that outputs share stand once
  for (const PlannedOutput& output : plan.outputs) {
    if (output.type != PlannedOutput::Type::adaptive) {
      add(booked_files(output.path, segments));
      continue;
    }
    if (wants(output, Package::hls)) files.push_back(output.path + "/master.m3u8");
    if (wants(output, Package::dash)) files.push_back(output.path + "/manifest.mpd");
    for (const std::string& track : tracks_of(output)) {
      const std::vector<std::string> media = media_files(track, segments);
      if (media.empty()) continue;
      const std::string playlist = track + "/playlist.m3u8";
      if (wants(output, Package::hls) && !contains(files, playlist)) files.push_back(playlist);
      if (listed.insert(track).second) add(media);
    }
    for (const std::string& subtitle : output.subtitles) {
      if (!listed.insert(subtitle).second) continue;
      if (wants(output, Package::hls)) files.push_back(subtitle + "/playlist.m3u8");
      add(booked_files(subtitle, segments));
    }
  }
  return files;
}

Result<PublishedDigests> digest_published(const fs::path& output_folder, const Plan& plan,
                                          const Segments& segments, const std::stop_token& stop) {
  PublishedDigests digests;
  std::map<std::string, std::string> track_of_file;
  for (const FinishedSegment& each : segments) {
    if (!is_published(plan, each.track)) continue;
    track_of_file[each.file] = each.track;
    track_of_file[init_file_of(each)] = each.track;
  }
  std::map<std::string, Sha256> joined;
  for (const std::string& file : published_files(plan, segments)) {
    if (stop.stop_requested()) return Status(Code::cancelled, "stopped");
    const fs::path path = output_folder / file;
    const auto track = track_of_file.find(file);
    FileDigest digest{file, 0, {}};
    if (track != track_of_file.end()) {
      const Result<std::string> bytes = read_file(path);
      if (!bytes.ok()) return bytes.status();
      joined[track->second].update(bytes->data(), bytes->size());
      digest.bytes = static_cast<std::int64_t>(bytes->size());
      digest.sha256 = sha256_of(*bytes);
    } else {
      const Result<std::string> sha256 = sha256_of_file(path, stop);
      if (!sha256.ok()) return sha256.status();
      std::error_code error;
      digest.bytes = static_cast<std::int64_t>(fs::file_size(path, error));
      if (error) return errno_status(error.value(), "cannot ask for its size", path.native());
      digest.sha256 = *sha256;
    }
    digests.files.push_back(std::move(digest));
  }
  for (auto& [track, digest] : joined) digests.tracks[track] = digest.finish();
  return digests;
}

Result<std::vector<std::string>> unknown_files(const fs::path& output_folder, const std::string& folder,
                                               const std::set<std::string>& known) {
  std::vector<std::string> unknown;
  std::error_code error;
  fs::recursive_directory_iterator entry(output_folder / folder, error);
  if (error == std::errc::no_such_file_or_directory) return unknown;
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) continue;
    const std::string path = entry->path().lexically_relative(output_folder).generic_string();
    if (known.count(path) == 0) unknown.push_back(path);
  }
  if (error) return errno_status(error.value(), "cannot list", (output_folder / folder).native());
  std::sort(unknown.begin(), unknown.end());
  return unknown;
}

}  // namespace millrace::engine
