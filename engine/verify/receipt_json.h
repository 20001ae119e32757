// The written form of a receipt, as far as a later check needs it, and the seal that shows damage to the
// receipt itself.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/plan/segment.h"
#include "engine/verify/published_files.h"

namespace millrace::engine {

struct ReceiptTrack {
  std::string folder;
  bool pictures = true;    // false: sound
  bool published = false;  // its files are there; otherwise only these figures remain
  std::vector<FinishedSegment> segments;
};

// A file that stands for itself: what a decoder must find in it.
struct ReceiptFileOutput {
  std::string path;
  std::vector<std::int64_t> pictures;  // of each picture track, in the order of the file
};

struct ReceiptContent {
  std::vector<std::string> folders;  // of adaptive outputs and stills: nothing else lies in them
  std::vector<ReceiptFileOutput> file_outputs;
  std::vector<ReceiptTrack> tracks;
  std::vector<FileDigest> files;
};

// The fields "folders", "file_outputs", "tracks" and "files".
nlohmann::ordered_json to_json(const ReceiptContent& content);

// Adds "seal": the SHA-256 of the receipt's compact text without it.
void seal(nlohmann::ordered_json& receipt);

// corrupt_input for text that is no receipt, whose seal is wrong, or that names files outside its folder.
Result<ReceiptContent> receipt_content_from(std::string_view text);

}  // namespace millrace::engine
