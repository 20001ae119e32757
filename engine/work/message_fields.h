// MessageFields: takes a message of the worker protocol apart, strictly. Internal to engine/work; one thread.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/status.h"

namespace millrace::engine {

inline Status nonsense(std::string_view what) {
  return {Code::internal, fmt::format("worker protocol: {}", what)};
}

// Takes an object apart: every field once, of the right kind, and none that nobody asked for. The first
// mistake is kept.
class MessageFields {
 public:
  explicit MessageFields(const nlohmann::ordered_json& object) : object_(object) {}

  const nlohmann::ordered_json* any(const char* name) {
    ++taken_;
    const auto found = object_.find(name);
    if (found != object_.end()) return &*found;
    fail(fmt::format("{} is missing", name));
    return nullptr;
  }

  std::string text(const char* name) {
    const nlohmann::ordered_json* value = any(name);
    if (value == nullptr) return {};
    if (!value->is_string()) return fail(fmt::format("{} is no text", name)), std::string();
    return value->get<std::string>();
  }

  std::int64_t integer(const char* name) {
    const nlohmann::ordered_json* value = any(name);
    return value == nullptr ? 0 : integer_in(*value, name);
  }

  std::vector<std::int64_t> integers(const char* name) {
    std::vector<std::int64_t> list;
    const nlohmann::ordered_json* value = any(name);
    if (value == nullptr) return list;
    if (!value->is_array()) return fail(fmt::format("{} is no list", name)), list;
    for (const nlohmann::ordered_json& each : *value) list.push_back(integer_in(each, name));
    return list;
  }

  std::uint64_t count(const char* name) {
    const std::int64_t value = integer(name);
    if (value < 0) return fail(fmt::format("{} is negative", name)), 0U;
    return static_cast<std::uint64_t>(value);
  }

  double number(const char* name) {
    const nlohmann::ordered_json* value = any(name);
    if (value == nullptr) return 0;
    if (!value->is_number()) return fail(fmt::format("{} is no number", name)), 0.0;
    return value->get<double>();
  }

  bool truth(const char* name) {
    const nlohmann::ordered_json* value = any(name);
    if (value == nullptr) return false;
    if (!value->is_boolean()) return fail(fmt::format("{} is neither true nor false", name)), false;
    return value->get<bool>();
  }

  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> list;
    const nlohmann::ordered_json* value = any(name);
    if (value == nullptr) return list;
    if (!value->is_array()) return fail(fmt::format("{} is no list", name)), list;
    for (const nlohmann::ordered_json& each : *value) {
      if (!each.is_string()) return fail(fmt::format("{} holds what is no text", name)), list;
      list.push_back(each.get<std::string>());
    }
    return list;
  }

  std::map<std::string, std::int64_t> counts(const char* name) {
    return named<std::int64_t>(name, [](MessageFields& fields, const char* key) {
      return static_cast<std::int64_t>(fields.count(key));
    });
  }

  std::map<std::string, std::vector<std::int64_t>> lists(const char* name) {
    return named<std::vector<std::int64_t>>(
        name, [](MessageFields& fields, const char* key) { return fields.integers(key); });
  }

  // A part that another folder spells.
  template <class T>
  T part(const char* name, Result<T> (*read)(const nlohmann::ordered_json&)) {
    const nlohmann::ordered_json* value = any(name);
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
  // An object of fields with names that are not known beforehand.
  template <class T, class Read>
  std::map<std::string, T> named(const char* name, Read read) {
    std::map<std::string, T> list;
    const nlohmann::ordered_json* value = any(name);
    if (value == nullptr) return list;
    if (!value->is_object()) return fail(fmt::format("{} is no object", name)), list;
    MessageFields fields(*value);
    for (const auto& [key, each] : value->items()) list[key] = read(fields, key.c_str());
    if (!fields.status_.ok()) fail(fmt::format("{}: {}", name, fields.status_.message()));
    return list;
  }
  std::int64_t integer_in(const nlohmann::ordered_json& value, const char* name) {
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() ||
                       value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    if (!fits) return fail(fmt::format("{} is no whole number", name)), 0;
    return value.get<std::int64_t>();
  }

  const nlohmann::ordered_json& object_;
  std::size_t taken_ = 0;
  Status status_;
};

}  // namespace millrace::engine
