#include "engine/job/json_object.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

namespace millrace::engine {

using nlohmann::ordered_json;

JsonObject::JsonObject(const ordered_json& json, std::string path) : json_(&json), path_(std::move(path)) {
  if (json.is_object()) return;
  const std::string sentence = fmt::format("an object is expected, not {}", kind_of(json));
  fail(path_.empty() ? Status(Code::invalid_argument, sentence)
                     : refused(Code::invalid_argument, path_, sentence));
}

const ordered_json* JsonObject::find(std::string_view name) const {
  if (!json_->is_object()) return nullptr;
  const auto found = json_->find(std::string(name));
  return found == json_->end() ? nullptr : &*found;
}

const ordered_json* JsonObject::need(std::string_view name, std::string_view what) {
  const ordered_json* value = find(name);
  if (value == nullptr) fail(Code::invalid_argument, name, fmt::format("missing; give {}", what));
  return value;
}

bool JsonObject::read(std::string_view name, std::string& value) {
  const ordered_json* found = find(name);
  if (found == nullptr) return false;
  if (!found->is_string()) {
    expect(name, "a text", *found);
    return false;
  }
  value = found->get<std::string>();
  return true;
}

bool JsonObject::read(std::string_view name, int& value) {
  const ordered_json* found = find(name);
  if (found == nullptr) return false;
  if (!found->is_number_integer()) {
    expect(name, "a whole number", *found);
    return false;
  }
  const bool fits =
      found->is_number_unsigned()
          ? found->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<int>::max())
          : found->get<std::int64_t>() >= std::numeric_limits<int>::min();
  if (!fits) {
    fail(Code::invalid_argument, name, fmt::format("{} is out of range", found->dump()));
    return false;
  }
  value = found->get<int>();
  return true;
}

bool JsonObject::read(std::string_view name, double& value) {
  const ordered_json* found = find(name);
  if (found == nullptr) return false;
  if (!found->is_number()) {
    expect(name, "a number", *found);
    return false;
  }
  value = found->get<double>();
  return true;
}

bool JsonObject::read(std::string_view name, bool& value) {
  const ordered_json* found = find(name);
  if (found == nullptr) return false;
  if (!found->is_boolean()) {
    expect(name, "true or false", *found);
    return false;
  }
  value = found->get<bool>();
  return true;
}

bool JsonObject::read_above_zero(std::string_view name, int& value) {
  int whole = 0;
  if (!read(name, whole) || !above_zero(name, whole)) return false;
  value = whole;
  return true;
}

bool JsonObject::read_above_zero(std::string_view name, double& value) {
  double number = 0;
  if (!read(name, number) || !above_zero(name, number)) return false;
  value = number;
  return true;
}

bool JsonObject::above_zero(std::string_view name, double number) {
  if (number > 0) return true;
  fail(Code::invalid_argument, name, fmt::format("{} is out of range; give a number above 0", number));
  return false;
}

void JsonObject::only(std::initializer_list<std::string_view> allowed) {
  if (!json_->is_object()) return;
  for (const auto& [name, value] : json_->items()) {
    if (std::find(allowed.begin(), allowed.end(), name) != allowed.end()) continue;
    const std::string field = as_utf8(std::string_view(name).substr(0, 100));
    fail(Code::invalid_argument, field,
         fmt::format("unknown field; allowed here: {}", fmt::join(allowed, ", ")));
    return;
  }
}

void JsonObject::not_built(std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (find(name) != nullptr)
      fail(Code::unsupported, name, fmt::format("{} is not built yet; leave the field out", name));
}

void JsonObject::fail(Code code, std::string_view name, std::string_view sentence) {
  fail(refused(code, path_of(name), sentence));
}

void JsonObject::fail(const Status& status) {
  if (status_.ok()) status_ = status;
}

void JsonObject::expect(std::string_view name, std::string_view what, const ordered_json& found) {
  fail(Code::invalid_argument, name, fmt::format("{} is expected, not {}", what, kind_of(found)));
}

std::string_view kind_of(const ordered_json& json) {
  switch (json.type()) {
    case ordered_json::value_t::null:
      return "null";
    case ordered_json::value_t::object:
      return "an object";
    case ordered_json::value_t::array:
      return "a list";
    case ordered_json::value_t::string:
      return "a text";
    case ordered_json::value_t::boolean:
      return "true or false";
    case ordered_json::value_t::number_float:
      return "a number with decimals";
    default:
      return json.is_number() ? "a number" : "a value of another kind";
  }
}

}  // namespace millrace::engine
