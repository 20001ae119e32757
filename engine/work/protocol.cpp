#include "engine/work/protocol.h"
#include "engine/base/json_text.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace millrace::engine {
namespace {

using Json = nlohmann::ordered_json;

Status nonsense(std::string_view what) { return {Code::internal, fmt::format("worker protocol: {}", what)}; }

// Takes an object apart: every field once, of the right kind, and none that nobody asked for. The first
// mistake is kept.
class Fields {
 public:
  explicit Fields(const Json& object) : object_(object) {}

  const Json* any(const char* name) {
    ++taken_;
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    fail(fmt::format("{} is missing", name));
    return nullptr;
  }

  std::string text(const char* name) {
    const Json* value = any(name);
    if (value == nullptr) return {};
    if (!value->is_string()) return fail(fmt::format("{} is no text", name)), std::string();
    return value->get<std::string>();
  }

  std::int64_t integer(const char* name) {
    const Json* value = any(name);
    return value == nullptr ? 0 : integer_in(*value, name);
  }

  std::vector<std::int64_t> integers(const char* name) {
    std::vector<std::int64_t> list;
    const Json* value = any(name);
    if (value == nullptr) return list;
    if (!value->is_array()) return fail(fmt::format("{} is no list", name)), list;
    for (const Json& each : *value) list.push_back(integer_in(each, name));
    return list;
  }

  std::uint64_t count(const char* name) {
    const std::int64_t value = integer(name);
    if (value < 0) return fail(fmt::format("{} is negative", name)), 0U;
    return static_cast<std::uint64_t>(value);
  }

  double number(const char* name) {
    const Json* value = any(name);
    if (value == nullptr) return 0;
    if (!value->is_number()) return fail(fmt::format("{} is no number", name)), 0.0;
    return value->get<double>();
  }

  bool truth(const char* name) {
    const Json* value = any(name);
    if (value == nullptr) return false;
    if (!value->is_boolean()) return fail(fmt::format("{} is neither true nor false", name)), false;
    return value->get<bool>();
  }

  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> list;
    const Json* value = any(name);
    if (value == nullptr) return list;
    if (!value->is_array()) return fail(fmt::format("{} is no list", name)), list;
    for (const Json& each : *value) {
      if (!each.is_string()) return fail(fmt::format("{} holds what is no text", name)), list;
      list.push_back(each.get<std::string>());
    }
    return list;
  }

  std::map<std::string, std::int64_t> counts(const char* name) {
    std::map<std::string, std::int64_t> list;
    const Json* value = any(name);
    if (value == nullptr) return list;
    if (!value->is_object()) return fail(fmt::format("{} is no object", name)), list;
    Fields fields(*value);
    for (const auto& [key, each] : value->items())
      list[key] = static_cast<std::int64_t>(fields.count(key.c_str()));
    if (!fields.status_.ok()) fail(fmt::format("{}: {}", name, fields.status_.message()));
    return list;
  }

  // A part that another folder spells.
  template <class T>
  T part(const char* name, Result<T> (*read)(const Json&)) {
    const Json* value = any(name);
    if (value == nullptr) return {};
    Result<T> part = read(*value);
    if (!part.ok()) return fail(fmt::format("{}: {}", name, part.status().message())), T{};
    return std::move(part).value();
  }

  void fail(std::string what) {
    if (status_.ok()) status_ = nonsense(what);
  }

  template <class Message>
  Result<Message> finish(Message message) {
    if (status_.ok() && object_.size() != taken_) fail("a field too many");
    if (!status_.ok()) return status_;
    return message;
  }

 private:
  std::int64_t integer_in(const Json& value, const char* name) {
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() ||
                       value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    if (!fits) return fail(fmt::format("{} is no whole number", name)), 0;
    return value.get<std::int64_t>();
  }

  const Json& object_;
  std::size_t taken_ = 0;
  Status status_;
};

// JSON has no word for an endless number.
double finite(double value) { return std::isfinite(value) ? value : 0.0; }

Status status_from(Fields& fields) {
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
  Fields fields(json);
  TaskEnd end;
  end.end_segment = fields.integer("end_segment");
  end.end_of_source = fields.truth("end_of_source");
  end.media_seconds = fields.number("media_seconds");
  end.cpu_seconds = fields.number("cpu_seconds");
  end.lost = fields.texts("lost");
  end.peak_memory_bytes = fields.integer("peak_memory_bytes");
  return fields.finish(end);
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
    return {{"type", "output"},
            {"plan", engine::to_json(task.plan)},
            {"output", task.output},
            {"output_folder", task.output_folder.native()},
            {"segments", std::move(segments)}};
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
  Fields fields(*json);
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
    if (task.output >= task.plan.outputs.size() + task.plan.subtitles.size())
      fields.fail("output is none of the plan");
    return as_to_worker(fields.finish(TaskMessage{id, std::move(task)}));
  }
  return nonsense(fmt::format("no message is called '{}'", type));
}

Result<FromWorker> from_worker_from(std::string_view line) {
  const Result<Json> json = object_of(line);
  if (!json.ok()) return json.status();
  Fields fields(*json);
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
  if (type == "done")
    return as_from_worker(fields.finish(DoneMessage{id, fields.part("end", task_end_from)}));
  if (type == "failed") return as_from_worker(fields.finish(FailedMessage{id, status_from(fields)}));
  return nonsense(fmt::format("no message is called '{}'", type));
}

}  // namespace millrace::engine
