// Status and Result: how a function says that it failed. Values; safe to copy between threads.
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace millrace::engine {

enum class Code {
  ok,
  cancelled,           // somebody asked for the stop
  invalid_argument,    // what was asked for makes no sense; asking again will not help
  not_found,           // the named thing does not exist
  already_exists,      // the named thing exists and is not ours to replace
  unsupported,         // sensible, but not something this program or machine does
  resource_exhausted,  // no room now: disk, memory, sessions; later it may work
  corrupt_input,       // the source is damaged
  io_error,            // reading or writing failed; it may work in a moment
  device_lost,         // a device went away, or a worker process died of what it did
  worker_killed,       // somebody else ended a worker process
  out_of_memory,       // a worker process got no more memory, or the kernel ended it for want of some
  internal,            // our own mistake
};

// The name as it stands in JSON: "corrupt_input".
std::string_view name_of(Code code);
std::optional<Code> code_named(std::string_view name);

// A success, or a code with one sentence that says what, where and what to do.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const { return code_ == Code::ok; }
  Code code() const { return code_; }
  const std::string& message() const { return message_; }

  // The field of the request that is to blame ("outputs[0].ladder"), empty when none is.
  const std::string& field() const { return field_; }
  Status& at_field(std::string field) {
    field_ = std::move(field);
    return *this;
  }

  // The same failure with "where: " put before its sentence.
  Status under(std::string_view where) const;

 private:
  Code code_ = Code::ok;
  std::string message_;
  std::string field_;
};

// "io_error: /out/x: cannot write ..." for logs.
std::string to_string(const Status& status);

// "No space left on device" of an errno value; thread safe.
std::string errno_text(int error);

// The status of a failed system call: resource_exhausted when a disk, quota or memory is full, not_found when
// the path does not exist, invalid_argument when it may not be used (permissions, a folder), io_error
// otherwise. Sentence: "PATH: WHAT: strerror".
Status errno_status(int error, std::string_view what, std::string_view path);

// A T, or the Status that says why there is none.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}                                  // NOLINT
  Result(Status status) : status_(std::move(status)) { assert(!status_.ok()); }  // NOLINT

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return status_; }

  T& value() & {
    assert(ok());
    return *value_;
  }
  const T& value() const& {
    assert(ok());
    return *value_;
  }
  T&& value() && {
    assert(ok());
    return *std::move(value_);
  }
  T value_or(T other) const& { return ok() ? *value_ : std::move(other); }

  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::optional<T> value_;
  Status status_;
};

}  // namespace millrace::engine
