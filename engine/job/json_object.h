// JsonObject reads one JSON object of a request, field by field, and keeps the first thing it has to refuse.
// Use by one thread; the JSON must outlive it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/job/json_text.h"

namespace millrace::engine {

class JsonObject {
 public:
  // `path` is where it stands in the document: "outputs[0]"; empty for the document itself.
  JsonObject(const nlohmann::ordered_json& json, std::string path);

  const Status& status() const { return status_; }
  std::string path_of(std::string_view name) const { return field_path(path_, name); }

  // The value, or null when the field is absent (or this is no object).
  const nlohmann::ordered_json* find(std::string_view name) const;
  // The same; absence is refused, `what` says what belongs there.
  const nlohmann::ordered_json* need(std::string_view name, std::string_view what);

  // Each gives true and sets `value` when the field is there and of that kind; absence leaves `value` alone.
  bool read(std::string_view name, std::string& value);
  bool read(std::string_view name, int& value);
  bool read(std::string_view name, double& value);
  bool read(std::string_view name, bool& value);
  // The same for what is left out by leaving it out: 0 and less are refused.
  bool read_above_zero(std::string_view name, int& value);
  bool read_above_zero(std::string_view name, double& value);

  // A text field through a reader of the command line: Result<T> parse(std::string_view).
  template <class T, class Parse>
  void read_with(std::string_view name, T& value, Parse parse) {
    std::string text;
    if (!read(name, text)) return;
    auto parsed = parse(text);
    if (parsed.ok()) {
      value = *std::move(parsed);
    } else {
      fail(parsed.status().code(), name, parsed.status().message());
    }
  }

  // Refuses every field that is not in the list.
  void only(std::initializer_list<std::string_view> allowed);
  // Refuses these fields, when they are there, as known but not built.
  void not_built(std::initializer_list<std::string_view> names);

  void fail(Code code, std::string_view name, std::string_view sentence);
  // Takes over a failure that names its field itself.
  void fail(const Status& status);
  // "a whole number is expected, not a text"
  void expect(std::string_view name, std::string_view what, const nlohmann::ordered_json& found);

 private:
  bool above_zero(std::string_view name, double number);

  const nlohmann::ordered_json* json_;
  std::string path_;
  Status status_;
};

// "a text", "a list", ... of a JSON value.
std::string_view kind_of(const nlohmann::ordered_json& json);

}  // namespace millrace::engine
