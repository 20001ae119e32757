#include "engine/plan/segment.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace millrace::engine {
namespace {

using nlohmann::ordered_json;

Status damaged(std::string_view field, std::string_view wanted) {
  return {Code::corrupt_input, fmt::format("segment record: field '{}' is not {}", field, wanted)};
}

Status take(const ordered_json& json, const char* field, std::int64_t& value) {
  const auto at = json.find(field);
  if (at == json.end() || !at->is_number_integer()) return damaged(field, "a whole number");
  value = at->get<std::int64_t>();
  return {};
}

Status take(const ordered_json& json, const char* field, std::string& value) {
  const auto at = json.find(field);
  if (at == json.end() || !at->is_string()) return damaged(field, "a text");
  value = at->get<std::string>();
  return {};
}

Status take(const ordered_json& json, const char* field, bool& value) {
  const auto at = json.find(field);
  if (at == json.end() || !at->is_boolean()) return damaged(field, "true or false");
  value = at->get<bool>();
  return {};
}

// Calls `visit(name, member)` for every member: one list for both directions. Stops at the first failure.
template <class Segment, class Visit>
Status for_each_field(Segment& segment, Visit visit) {
  Status status;
  const auto field = [&](const char* name, auto& member) {
    if (status.ok()) status = visit(name, member);
  };
  field("track", segment.track);
  field("index", segment.index);
  field("file", segment.file);
  field("timescale", segment.timescale);
  field("start", segment.start);
  field("duration", segment.duration);
  field("frames_in", segment.frames_in);
  field("frames", segment.frames);
  field("last_pts", segment.last_pts);
  field("bytes", segment.bytes);
  field("sha256", segment.sha256);
  field("opens_with_idr", segment.opens_with_idr);
  return status;
}

}  // namespace

std::string segment_file_name(std::int64_t index) { return fmt::format("{:05}.m4s", index + 1); }

ordered_json to_json(const FinishedSegment& segment) {
  ordered_json json;
  const Status written = for_each_field(segment, [&](const char* name, const auto& member) {
    json[name] = member;
    return Status();
  });
  assert(written.ok());
  static_cast<void>(written);
  return json;
}

Result<FinishedSegment> segment_from_json(const ordered_json& json) {
  if (!json.is_object()) return Status(Code::corrupt_input, "segment record: not a JSON object");
  FinishedSegment segment;
  if (Status status =
          for_each_field(segment, [&](const char* name, auto& member) { return take(json, name, member); });
      !status.ok())
    return status;
  if (segment.index < 0) return damaged("index", "0 or more");
  if (segment.timescale <= 0) return damaged("timescale", "more than 0");
  return segment;
}

}  // namespace millrace::engine
