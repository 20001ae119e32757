#include "engine/verify/receipt_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/base/json_text.h"
#include "engine/base/sha256.h"
#include "engine/plan/segment_fields.h"

namespace millrace::engine {

using nlohmann::ordered_json;

template <class A, Is<FileDigest> T>
void fields(A& archive, T& file) {
  archive("path", file.path);
  archive("bytes", file.bytes);
  archive("sha256", file.sha256);
}

template <class A, Is<ReceiptTrack> T>
void fields(A& archive, T& track) {
  archive("folder", track.folder);
  archive("pictures", track.pictures);
  archive("published", track.published);
  archive("segments", track.segments);
}

template <class A, Is<ReceiptFileOutput> T>
void fields(A& archive, T& output) {
  archive("path", output.path);
  archive("pictures", output.pictures);
}

template <class A, Is<ReceiptContent> T>
void fields(A& archive, T& content) {
  archive("folders", content.folders);
  archive("file_outputs", content.file_outputs);
  archive("tracks", content.tracks);
  archive("files", content.files);
}

namespace {

constexpr const char* kSeal = "seal";

Status damaged(std::string_view why) {
  return {Code::corrupt_input,
          fmt::format("receipt.json is damaged: {}; run the job again for a new one", why)};
}

std::string digest_of(const ordered_json& receipt) { return sha256_of(json_text(receipt)); }

bool stays_below(const std::string& path) {
  const std::filesystem::path parts(path);
  return !path.empty() && parts.is_relative() &&
         std::none_of(parts.begin(), parts.end(), [](const auto& part) { return part == ".."; });
}

Status check_paths(const ReceiptContent& content) {
  std::vector<std::string> paths = content.folders;
  for (const ReceiptFileOutput& each : content.file_outputs) paths.push_back(each.path);
  for (const FileDigest& each : content.files) paths.push_back(each.path);
  for (const ReceiptTrack& track : content.tracks) {
    paths.push_back(track.folder);
    for (const FinishedSegment& each : track.segments) paths.push_back(each.file);
  }
  if (std::all_of(paths.begin(), paths.end(), stays_below)) return {};
  return damaged("it names a file outside its folder");
}

}  // namespace

ordered_json to_json(const ReceiptContent& content) { return JsonWriter::json_of(content); }

void seal(ordered_json& receipt) {
  receipt.erase(kSeal);
  receipt[kSeal] = digest_of(receipt);
}

Result<ReceiptContent> receipt_content_from(std::string_view text) {
  ordered_json receipt = ordered_json::parse(text, nullptr, false);
  if (receipt.is_discarded() || !receipt.is_object()) return damaged("it is not JSON");
  const auto found = receipt.find(kSeal);
  if (found == receipt.end() || !found->is_string()) return damaged("it has no seal");
  const std::string sealed = found->get<std::string>();
  receipt.erase(kSeal);
  if (digest_of(receipt) != sealed) return damaged("its text is not the one that was sealed");
  ReceiptContent content;
  JsonReader reader(receipt, "");
  fields(reader, content);
  if (!reader.status().ok()) return damaged(reader.status().message());
  if (Status status = check_paths(content); !status.ok()) return status;
  return content;
}

}  // namespace millrace::engine
