#include "engine/work/protocol.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "engine/base/json_text.h"
#include "engine/work/message_fields.h"

namespace millrace::engine {
namespace {

using Json = nlohmann::ordered_json;

// JSON has no word for an endless number.
double finite(double value) { return std::isfinite(value) ? value : 0.0; }

Status status_from(MessageFields& fields) {
  const std::string code = fields.text("code");
  const std::string message = fields.text("message");
  const std::string field = fields.text("field");
  const std::optional<Code> known = code_named(code);
  if (!known || *known == Code::ok) fields.fail(fmt::format("'{}' is no code of a failure", code));
  Status status(known.value_or(Code::internal), message);
  status.at_field(field);
  return status;
}

void put(Json& json, const Status& status) {
  json["code"] = name_of(status.code());
  json["message"] = status.message();
  json["field"] = status.field();
}

Json to_json(const TaskEnd& end) {
  return {{"end_segment", end.end_segment},
          {"end_of_source", end.end_of_source},
          {"media_seconds", finite(end.media_seconds)},
          {"cpu_seconds", finite(end.cpu_seconds)},
          {"lost", end.lost},
          {"peak_memory_bytes", end.peak_memory_bytes}};
}

Result<TaskEnd> task_end_from(const Json& json) {
  if (!json.is_object()) return nonsense("no object");
  MessageFields fields(json);
  TaskEnd end;
  end.end_segment = fields.integer("end_segment");
  end.end_of_source = fields.truth("end_of_source");
  end.media_seconds = fields.number("media_seconds");
  end.cpu_seconds = fields.number("cpu_seconds");
  end.lost = fields.texts("lost");
  end.peak_memory_bytes = fields.integer("peak_memory_bytes");
  return fields.finish(end);
}

Json to_json(const Likeness& likeness) {
  return {{"pictures", likeness.pictures},
          {"reference", likeness.reference},
          {"least_decibels", finite(likeness.least_decibels)},
          {"worst_picture", likeness.worst_picture}};
}

Result<Likeness> likeness_from(const Json& json) {
  if (!json.is_object()) return nonsense("no object");
  MessageFields fields(json);
  Likeness likeness;
  likeness.pictures = fields.integer("pictures");
  likeness.reference = fields.integer("reference");
  likeness.least_decibels = fields.number("least_decibels");
  likeness.worst_picture = fields.integer("worst_picture");
  return fields.finish(likeness);
}

struct JsonOfTask {
  Json operator()(const InspectTask& task) const {
    return {{"type", "inspect"}, {"url", task.url}, {"accept_damage", task.accept_damage}};
  }
  Json operator()(const RangeTask& task) const {
    return {{"type", "range"},
            {"plan", engine::to_json(task.plan)},
            {"first_segment", task.first_segment},
            {"lacking_from", task.lacking_from},
            {"end_segment", task.end_segment},
            {"output_folder", task.output_folder.native()}};
  }
  Json operator()(const SoundTask& task) const {
    return {{"type", "sound"},
            {"plan", engine::to_json(task.plan)},
            {"sound", task.sound},
            {"output_folder", task.output_folder.native()}};
  }
  Json operator()(const OutputTask& task) const {
    Json segments = Json::object();
    for (const auto& [track, count] : task.segments) segments[track] = count;
    Json headers = Json::object();
    for (const auto& [track, numbers] : task.headers) headers[track] = numbers;
    return {{"type", "output"},
            {"plan", engine::to_json(task.plan)},
            {"output", task.output},
            {"output_folder", task.output_folder.native()},
            {"segments", std::move(segments)},
            {"headers", std::move(headers)}};
  }
  Json operator()(const FilmTask& task) const {
    return {{"type", "film"},
            {"plan", engine::to_json(task.plan)},
            {"codec", task.codec},
            {"output_folder", task.output_folder.native()},
            {"file", task.file}};
  }
  Json operator()(const CompareTask& task) const {
    return {{"type", "compare"}, {"track", task.track.native()}, {"reference", task.reference.native()}};
  }
};

struct JsonOfMessage {
  Json operator()(const TaskMessage& message) const {
    Json json = std::visit(JsonOfTask{}, message.task);
    json["id"] = message.id;
    return json;
  }
  Json operator()(const CancelMessage& message) const { return {{"type", "cancel"}, {"id", message.id}}; }
  Json operator()(const EnoughMessage& message) const { return {{"type", "enough"}, {"id", message.id}}; }
  Json operator()(const SegmentAnswer& message) const {
    Json json{{"type", message.status.ok() ? "committed" : "refused"},
              {"id", message.id},
              {"number", message.number}};
    if (!message.status.ok()) put(json, message.status);
    return json;
  }
  Json operator()(const ReadyMessage& message) const {
    return {{"type", "ready"}, {"protocol", message.protocol}, {"version", message.version}};
  }
  Json operator()(const TakenMessage& message) const { return {{"type", "taken"}, {"id", message.id}}; }
  Json operator()(const SegmentMessage& message) const {
    return {{"type", "segment"},
            {"id", message.id},
            {"number", message.number},
            {"segment", engine::to_json(message.segment)}};
  }
  Json operator()(const LostMessage& message) const {
    return {{"type", "lost"}, {"id", message.id}, {"sentence", message.sentence}};
  }
  Json operator()(const ProgressMessage& message) const {
    return {{"type", "progress"},
            {"id", message.id},
            {"media_seconds", finite(message.progress.media_seconds)},
            {"frames", message.progress.frames}};
  }
  Json operator()(const WorkMessage& message) const {
    return {{"type", "work"}, {"id", message.id}, {"done", message.done}};
  }
  Json operator()(const DoneMessage& message) const {
    Json json{{"type", "done"}, {"id", message.id}};
    if (const auto* end = std::get_if<TaskEnd>(&message.result)) json["end"] = to_json(*end);
    if (const auto* source = std::get_if<Source>(&message.result)) json["source"] = engine::to_json(*source);
    if (const auto* alike = std::get_if<Likeness>(&message.result)) json["likeness"] = to_json(*alike);
    return json;
  }
  Json operator()(const FailedMessage& message) const {
    Json json{{"type", "failed"}, {"id", message.id}};
    put(json, message.status);
    return json;
  }
};

// The object of a line.
Result<Json> object_of(std::string_view line) {
  Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return nonsense("a line that is no JSON");
  if (!json.is_object()) return nonsense("a line that is no object");
  return json;
}

template <class Message>
Result<ToWorker> as_to_worker(Result<Message> message) {
  if (!message.ok()) return message.status();
  return ToWorker(std::move(message).value());
}

template <class Message>
Result<FromWorker> as_from_worker(Result<Message> message) {
  if (!message.ok()) return message.status();
  return FromWorker(std::move(message).value());
}

}  // namespace

Result<std::string> line_of(const ToWorker& message) {
  const Json json = std::visit(JsonOfMessage{}, message);
  try {
    return json.dump() + '\n';
  } catch (const Json::type_error&) {  // the library's only way to say "not UTF-8"
    return Status(Code::invalid_argument, "a path or name is not UTF-8; rename it");
  }
}

std::string line_of(const FromWorker& message) {
  return json_text(std::visit(JsonOfMessage{}, message)) + '\n';
}

bool is_last_line(std::string_view line) {
  return line.starts_with(R"({"type":"done",)") || line.starts_with(R"({"type":"failed",)");
}

Result<ToWorker> to_worker_from(std::string_view line) {
  const Result<Json> json = object_of(line);
  if (!json.ok()) return json.status();
  MessageFields fields(*json);
  const std::string type = fields.text("type");
  const std::uint64_t id = fields.count("id");
  if (type == "cancel") return as_to_worker(fields.finish(CancelMessage{id}));
  if (type == "enough") return as_to_worker(fields.finish(EnoughMessage{id}));
  if (type == "committed") return as_to_worker(fields.finish(SegmentAnswer{id, fields.count("number"), {}}));
  if (type == "refused") {
    const std::uint64_t number = fields.count("number");
    return as_to_worker(fields.finish(SegmentAnswer{id, number, status_from(fields)}));
  }
  if (type == "inspect") {
    InspectTask task;
    task.url = fields.text("url");
    task.accept_damage = fields.truth("accept_damage");
    return as_to_worker(fields.finish(TaskMessage{id, std::move(task)}));
  }
  if (type == "range") {
    RangeTask task;
    task.plan = fields.part("plan", plan_from_json);
    task.first_segment = fields.integer("first_segment");
    task.lacking_from = fields.integers("lacking_from");
    task.end_segment = fields.integer("end_segment");
    task.output_folder = fields.text("output_folder");
    return as_to_worker(fields.finish(TaskMessage{id, std::move(task)}));
  }
  if (type == "sound") {
    SoundTask task;
    task.plan = fields.part("plan", plan_from_json);
    task.sound = fields.count("sound");
    task.output_folder = fields.text("output_folder");
    return as_to_worker(fields.finish(TaskMessage{id, std::move(task)}));
  }
  if (type == "output") {
    OutputTask task;
    task.plan = fields.part("plan", plan_from_json);
    task.output = fields.count("output");
    task.output_folder = fields.text("output_folder");
    task.segments = fields.counts("segments");
    task.headers = fields.lists("headers");
    if (task.output >= task.plan.outputs.size() + task.plan.subtitles.size())
      fields.fail("output is none of the plan");
    return as_to_worker(fields.finish(TaskMessage{id, std::move(task)}));
  }
  if (type == "film") {
    FilmTask task;
    task.plan = fields.part("plan", plan_from_json);
    task.codec = fields.text("codec");
    task.output_folder = fields.text("output_folder");
    task.file = fields.text("file");
    return as_to_worker(fields.finish(TaskMessage{id, std::move(task)}));
  }
  if (type == "compare") {
    CompareTask task;
    task.track = fields.text("track");
    task.reference = fields.text("reference");
    return as_to_worker(fields.finish(TaskMessage{id, std::move(task)}));
  }
  return nonsense(fmt::format("no message is called '{}'", type));
}

Result<FromWorker> from_worker_from(std::string_view line) {
  const Result<Json> json = object_of(line);
  if (!json.ok()) return json.status();
  MessageFields fields(*json);
  const std::string type = fields.text("type");
  if (type == "ready") {
    ReadyMessage message;
    message.protocol = static_cast<int>(fields.count("protocol") & 0xFFFF);
    message.version = fields.text("version");
    return as_from_worker(fields.finish(std::move(message)));
  }
  const std::uint64_t id = fields.count("id");
  if (type == "taken") return as_from_worker(fields.finish(TakenMessage{id}));
  if (type == "segment") {
    const std::uint64_t number = fields.count("number");
    return as_from_worker(
        fields.finish(SegmentMessage{id, number, fields.part("segment", segment_from_json)}));
  }
  if (type == "lost") return as_from_worker(fields.finish(LostMessage{id, fields.text("sentence")}));
  if (type == "progress") {
    TaskProgress progress;
    progress.media_seconds = fields.number("media_seconds");
    progress.frames = fields.integer("frames");
    return as_from_worker(fields.finish(ProgressMessage{id, progress}));
  }
  if (type == "work") return as_from_worker(fields.finish(WorkMessage{id, fields.integer("done")}));
  if (type == "done" && json->contains("source"))
    return as_from_worker(fields.finish(DoneMessage{id, fields.part("source", source_from_json)}));
  if (type == "done" && json->contains("likeness"))
    return as_from_worker(fields.finish(DoneMessage{id, fields.part("likeness", likeness_from)}));
  if (type == "done")
    return as_from_worker(fields.finish(DoneMessage{id, fields.part("end", task_end_from)}));
  if (type == "failed") return as_from_worker(fields.finish(FailedMessage{id, status_from(fields)}));
  return nonsense(fmt::format("no message is called '{}'", type));
}

}  // namespace millrace::engine
