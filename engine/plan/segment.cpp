#include "engine/plan/segment.h"

#include <fmt/format.h>

#include <set>

#include "engine/plan/segment_fields.h"

namespace millrace::engine {

std::string segment_file_name(std::int64_t index) { return fmt::format("{:05}.m4s", index + 1); }

std::string init_file_name(int headers) {
  return headers == 0 ? "init.mp4" : fmt::format("init-{}.mp4", headers + 1);
}

std::string init_file_of(const FinishedSegment& segment) {
  return segment.track + "/" + init_file_name(segment.headers);
}

std::vector<int> headers_of(const std::vector<FinishedSegment>& segments) {
  std::set<int> numbers;
  for (const FinishedSegment& each : segments) numbers.insert(each.headers);
  return {numbers.begin(), numbers.end()};
}

nlohmann::ordered_json to_json(const FinishedSegment& segment) { return JsonWriter::json_of(segment); }

Result<FinishedSegment> segment_from_json(const nlohmann::ordered_json& json) {
  FinishedSegment segment;
  JsonReader reader(json, "segment");
  if (reader.status().ok()) fields(reader, segment);
  if (!reader.status().ok()) return reader.status();
  if (segment.index < 0 || segment.timescale <= 0 || segment.headers < 0)
    return Status(Code::corrupt_input,
                  fmt::format("segment.index {}, segment.timescale {} or segment.headers {} is out of range",
                              segment.index, segment.timescale, segment.headers));
  return segment;
}

}  // namespace millrace::engine
