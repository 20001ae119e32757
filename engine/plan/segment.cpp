#include "engine/plan/segment.h"

#include <fmt/format.h>

#include "engine/plan/segment_fields.h"

namespace millrace::engine {

std::string segment_file_name(std::int64_t index) { return fmt::format("{:05}.m4s", index + 1); }

nlohmann::ordered_json to_json(const FinishedSegment& segment) { return JsonWriter::json_of(segment); }

Result<FinishedSegment> segment_from_json(const nlohmann::ordered_json& json) {
  FinishedSegment segment;
  JsonReader reader(json, "segment");
  if (reader.status().ok()) fields(reader, segment);
  if (!reader.status().ok()) return reader.status();
  if (segment.index < 0 || segment.timescale <= 0)
    return Status(Code::corrupt_input, fmt::format("segment.index {} or segment.timescale {} is out of range",
                                                   segment.index, segment.timescale));
  return segment;
}

}  // namespace millrace::engine
