// JsonWriter and JsonReader: records of ours to JSON and back by one list of fields, so that both directions
// agree. A record R gives that list as  template <class A, Is<R> T> void fields(A& archive, T& record)
//   { archive("width", record.width); ... }   and its enums as  name_of(value), from_name(text, value).
// Internal to the engine's .cpp files. Objects belong to one thread.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/rational.h"
#include "engine/base/status.h"
#include "engine/job/json_object.h"

namespace millrace::engine {

// T is R or const R.
template <class T, class R>
concept Is = std::same_as<std::remove_const_t<T>, R>;

class JsonWriter {
 public:
  static constexpr bool kReads = false;

  template <class T>
  void operator()(const char* name, const T& value) {
    json_[name] = json_of(value);
  }
  template <class T>
  void maybe(const char* name, const T& value) {
    (*this)(name, value);
  }
  nlohmann::ordered_json take() { return std::move(json_); }

  template <class T>
  static nlohmann::ordered_json json_of(const T& value) {
    if constexpr (std::is_same_v<T, double>) {
      return std::isfinite(value) ? value : 0.0;
    } else if constexpr (std::is_arithmetic_v<T>) {
      return value;
    } else if constexpr (std::is_same_v<T, std::string>) {
      return as_utf8(value);
    } else if constexpr (std::is_enum_v<T>) {
      return std::string(name_of(value));
    } else {
      JsonWriter inner;
      fields(inner, value);
      return inner.take();
    }
  }
  // As the two numbers they are: {30000, 1000} stays that.
  static nlohmann::ordered_json json_of(const Rational& value) {
    return fmt::format("{}/{}", value.numerator, value.denominator);
  }
  template <class T>
  static nlohmann::ordered_json json_of(const std::vector<T>& values) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const T& value : values) list.push_back(json_of(value));
    return list;
  }
  template <class T>
  static nlohmann::ordered_json json_of(const std::optional<T>& value) {
    return value ? json_of(*value) : nlohmann::ordered_json();
  }

 private:
  nlohmann::ordered_json json_ = nlohmann::ordered_json::object();
};

// corrupt_input, with the path, for a field that is absent or of another kind.
class JsonReader {
 public:
  static constexpr bool kReads = true;

  JsonReader(const nlohmann::ordered_json& json, std::string path) : json_(&json), path_(std::move(path)) {
    if (!json.is_object()) fail(path_, "an object");
  }
  const Status& status() const { return status_; }

  template <class T>
  void operator()(const char* name, T& value) {
    if (!status_.ok()) return;
    const std::string path = field_path(path_, name);
    const auto found = json_->find(name);
    if (found == json_->end()) return fail(path, "there");
    read(*found, path, value);
  }
  // A field that records of before may lack: absent, the value stays as it is.
  template <class T>
  void maybe(const char* name, T& value) {
    if (status_.ok() && json_->contains(name)) (*this)(name, value);
  }

 private:
  template <class T>
  void read(const nlohmann::ordered_json& json, const std::string& path, T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      json.is_boolean() ? void(value = json.get<bool>()) : fail(path, "true or false");
    } else if constexpr (std::is_same_v<T, double>) {
      json.is_number() ? void(value = json.get<double>()) : fail(path, "a number");
    } else if constexpr (std::is_integral_v<T>) {
      const bool fits = json.is_number_integer() && std::in_range<T>(json.get<std::int64_t>()) &&
                        !(json.is_number_unsigned() && json.get<std::int64_t>() < 0);
      fits ? void(value = json.get<T>()) : fail(path, "a whole number that fits");
    } else if constexpr (std::is_same_v<T, std::string>) {
      json.is_string() ? void(value = json.get<std::string>()) : fail(path, "a text");
    } else if constexpr (std::is_enum_v<T>) {
      if (!json.is_string() || !from_name(json.get<std::string>(), value))
        fail(path, "one of the known names");
    } else {
      JsonReader inner(json, path);
      if (inner.status_.ok()) fields(inner, value);
      if (!inner.status_.ok()) status_ = inner.status_;
    }
  }
  void read(const nlohmann::ordered_json& json, const std::string& path, Rational& value);
  template <class T>
  void read(const nlohmann::ordered_json& json, const std::string& path, std::vector<T>& values) {
    if (!json.is_array()) return fail(path, "a list");
    values.clear();
    for (const auto& each : json) {
      if (!status_.ok()) return;
      const std::string place = field_path(path, values.size());
      read(each, place, values.emplace_back());
    }
  }
  template <class T>
  void read(const nlohmann::ordered_json& json, const std::string& path, std::optional<T>& value) {
    value.reset();
    if (!json.is_null()) read(json, path, value.emplace());
  }
  void fail(const std::string& path, std::string_view wanted) {
    if (status_.ok()) status_ = Status(Code::corrupt_input, fmt::format("{} is not {}", path, wanted));
  }

  const nlohmann::ordered_json* json_;
  std::string path_;
  Status status_;
};

}  // namespace millrace::engine
