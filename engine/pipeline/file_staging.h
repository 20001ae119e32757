// StagedFile: an output's file from its first byte to its name. It is written beside its place, decoded
// again, and renamed once it is found whole; what is not finished goes with the object. One thread.
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/package/file_muxer.h"
#include "engine/plan/segment.h"
#include "engine/verify/file_check.h"

namespace millrace::engine {

// What a decoder must find of a written track. Sounds may differ by two coded frames and the priming, where
// their container cannot say how much of them counts; those without loss may not differ.
ExpectedTrack expected_of(const WrittenTrack& track);

class StagedFile {
 public:
  // `path`: the file's, below the output folder.
  StagedFile(const std::filesystem::path& output_folder, std::string path);
  ~StagedFile();
  StagedFile(const StagedFile&) = delete;
  StagedFile& operator=(const StagedFile&) = delete;

  // Makes the folder and removes what an earlier try left.
  Status prepare();
  // Where the file is to be written.
  const std::filesystem::path& staging() const { return staging_; }
  // Decodes what was written and gives it its name. The record tells of its pictures, or of the samples of
  // sound alone; frames_in is what was written. internal when what decodes is not what was written.
  Result<FinishedSegment> finish(const std::vector<WrittenTrack>& written,
                                 const std::vector<ExpectedTrack>& expected, const DecodeSettings& settings,
                                 std::stop_token stop);

 private:
  const std::filesystem::path folder_;
  const std::string path_;
  const std::filesystem::path staging_;
};

}  // namespace millrace::engine
