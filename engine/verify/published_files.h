// Which files a finished job consists of, and what is in them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/status.h"
#include "engine/package/publish.h"
#include "engine/plan/plan.h"

namespace millrace::engine {

// True when the rendition or sound `folder` lies in an adaptive output; those that only served a file are
// gone when the job ends.
bool is_published(const Plan& plan, const std::string& folder);

// True when all that lies in the output's folder is the output's: adaptive sets, stills.
bool has_folder(const PlannedOutput& output);

// Playlists, manifest, init segments, segments, subtitles and files, as paths below the job's output folder;
// a track's files stand together, its init segments first and the segments in order.
std::vector<std::string> published_files(const Plan& plan, const Segments& segments);

struct FileDigest {
  std::string path;
  std::int64_t bytes = 0;
  std::string sha256;
};
struct PublishedDigests {
  std::vector<FileDigest> files;
  std::map<std::string, std::string> tracks;  // by folder: of its init segments and all segments, joined
};

// Reads every published file once. not_found names one that is missing; cancelled after a stop.
Result<PublishedDigests> digest_published(const std::filesystem::path& output_folder, const Plan& plan,
                                          const Segments& segments, const std::stop_token& stop = {});

// The files below `folder` of `output_folder` that are not `known`, sorted; empty when the folder does not
// exist.
Result<std::vector<std::string>> unknown_files(const std::filesystem::path& output_folder,
                                               const std::string& folder, const std::set<std::string>& known);

}  // namespace millrace::engine
