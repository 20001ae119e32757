// verify_folder: a finished output against its receipt, at any later time.
#include <fmt/format.h>

#include <map>
#include <memory>
#include <set>

#include "engine/base/file.h"
#include "engine/base/sha256.h"
#include "engine/verify/file_check.h"
#include "engine/verify/receipt.h"
#include "engine/verify/receipt_json.h"
#include "engine/verify/segment_check.h"

namespace millrace::engine {
namespace {

namespace fs = std::filesystem;

// The track or output that a file counts to: its folder, or itself when it lies at the top.
std::string group_of(const std::string& path) {
  const std::string folder = fs::path(path).parent_path().generic_string();
  return folder.empty() ? path : folder;
}

// What is wrong with one file; empty when it is the one of the receipt.
std::string fault_of(const fs::path& folder, const FileDigest& file) {
  std::error_code error;
  const fs::path path = folder / file.path;
  if (!fs::is_regular_file(fs::symlink_status(path, error))) return file.path + " is missing";
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return fmt::format("{} cannot be read: {}", file.path, error.message());
  if (size != static_cast<std::uintmax_t>(file.bytes))
    return fmt::format("{} has {} bytes, the receipt says {}", file.path, size, file.bytes);
  const Result<std::string> sha256 = sha256_of_file(path);
  if (!sha256.ok()) return fmt::format("{} cannot be read: {}", file.path, sha256.status().message());
  if (*sha256 != file.sha256) return file.path + " has other content than the receipt says (SHA-256)";
  return {};
}

// One check for a folder of whole files, and one for each file that is not.
void check_files(const fs::path& folder, const std::vector<FileDigest>& files, std::vector<Check>& checks) {
  for (std::size_t begin = 0; begin < files.size();) {
    const std::string group = group_of(files[begin].path);
    std::size_t end = begin;
    std::int64_t bytes = 0;
    bool whole = true;
    for (; end < files.size() && group_of(files[end].path) == group; ++end) {
      bytes += files[end].bytes;
      std::string fault = fault_of(folder, files[end]);
      if (fault.empty()) continue;
      whole = false;
      checks.push_back({"sha256", files[end].path, false, std::move(fault)});
    }
    if (whole)
      checks.push_back({"sha256", group, true, fmt::format("{} files, {} bytes", end - begin, bytes)});
    begin = end;
  }
}

Status check_unknown(const fs::path& folder, const ReceiptContent& content, std::vector<Check>& checks) {
  std::set<std::string> known;
  for (const FileDigest& each : content.files) known.insert(each.path);
  for (const std::string& output : content.folders) {
    const Result<std::vector<std::string>> unknown = unknown_files(folder, output, known);
    if (!unknown.ok()) return unknown.status();
    for (const std::string& each : *unknown)
      checks.push_back({"nothing extra", each, false, each + " is not in the receipt"});
    if (unknown->empty()) checks.push_back({"nothing extra", output, true, "every file is in the receipt"});
  }
  return {};
}

// A decoder for each of a track's init segments.
class Decoders {
 public:
  Decoders(const fs::path& folder, const std::string& track) : folder_(folder), track_(track) {}

  Result<SegmentCheck*> of(int headers) {
    std::unique_ptr<SegmentCheck>& decoder = decoders_[headers];
    if (decoder) return decoder.get();
    const std::string file = track_ + "/" + init_file_name(headers);
    const Result<std::string> init = read_file(folder_ / file);
    if (!init.ok()) return init.status();
    Result<std::unique_ptr<SegmentCheck>> opened = SegmentCheck::open(*init);
    if (!opened.ok()) return opened.status().under(file);
    decoder = std::move(*opened);
    return decoder.get();
  }

 private:
  const fs::path& folder_;
  const std::string& track_;
  std::map<int, std::unique_ptr<SegmentCheck>> decoders_;
};

Status decode_segment(SegmentCheck& decoder, const fs::path& folder, const FinishedSegment& segment,
                      bool pictures) {
  const Result<std::string> bytes = read_file(folder / segment.file);
  if (!bytes.ok()) return bytes.status();
  const Result<SegmentFacts> facts = decoder.check(*bytes);
  if (!facts.ok()) return facts.status().under(segment.file);
  // Of sound, the priming and the padding decode too.
  const bool same = pictures ? facts->frames == segment.frames : facts->frames >= segment.frames;
  if (same && facts->last_pts == segment.last_pts && (facts->opens_with_idr || !pictures)) return {};
  return {Code::internal,
          fmt::format("{}: {} frames up to {} decode, the receipt says {} up to {}", segment.file,
                      facts->frames, facts->last_pts, segment.frames, segment.last_pts)};
}

Check decode_track(const fs::path& folder, const ReceiptTrack& track) {
  const auto failed = [&](const Status& status) {
    return Check{"full decode", track.folder, false, status.message()};
  };
  Decoders decoders(folder, track.folder);
  std::int64_t frames = 0;
  for (const FinishedSegment& each : track.segments) {
    const Result<SegmentCheck*> decoder = decoders.of(each.headers);
    if (!decoder.ok()) return failed(decoder.status());
    if (Status status = decode_segment(**decoder, folder, each, track.pictures); !status.ok())
      return failed(status);
    frames += each.frames;
  }
  return {"full decode", track.folder, true, fmt::format("{} in {} segments", frames, track.segments.size())};
}

Check decode_output(const fs::path& folder, const ReceiptFileOutput& output) {
  const Result<DecodedFile> decoded = decode_file(folder / output.path);
  if (!decoded.ok()) return {"full decode", output.path, false, decoded.status().message()};
  if (decoded->pictures != output.pictures)
    return {"full decode", output.path, false,
            output.path + " has another number of pictures than the receipt says"};
  std::int64_t pictures = 0;
  for (const std::int64_t each : decoded->pictures) pictures += each;
  return {"full decode", output.path, true, fmt::format("{} pictures", pictures)};
}

}  // namespace

Result<std::vector<Check>> verify_folder(const fs::path& folder, bool deep) {
  const Result<std::string> text = read_file(folder / "receipt.json");
  if (!text.ok() && text.status().code() == Code::not_found)
    return Status(Code::not_found,
                  fmt::format("{}: no receipt.json; it is written when a job is complete", folder.native()));
  if (!text.ok()) return text.status();
  const Result<ReceiptContent> content = receipt_content_from(*text);
  if (!content.ok()) return content.status().under(folder.native());

  std::vector<Check> checks;
  check_files(folder, content->files, checks);
  if (Status status = check_unknown(folder, *content, checks); !status.ok()) return status;
  if (!deep) return checks;
  for (const ReceiptTrack& each : content->tracks)
    if (each.published) checks.push_back(decode_track(folder, each));
  for (const ReceiptFileOutput& each : content->file_outputs) checks.push_back(decode_output(folder, each));
  return checks;
}

}  // namespace millrace::engine
