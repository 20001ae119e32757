#include "engine/base/status.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace millrace::engine {
namespace {

constexpr std::array<std::pair<Code, std::string_view>, 13> kNames{{
    {Code::ok, "ok"},
    {Code::cancelled, "cancelled"},
    {Code::invalid_argument, "invalid_argument"},
    {Code::not_found, "not_found"},
    {Code::already_exists, "already_exists"},
    {Code::unsupported, "unsupported"},
    {Code::resource_exhausted, "resource_exhausted"},
    {Code::corrupt_input, "corrupt_input"},
    {Code::io_error, "io_error"},
    {Code::device_lost, "device_lost"},
    {Code::worker_killed, "worker_killed"},
    {Code::out_of_memory, "out_of_memory"},
    {Code::internal, "internal"},
}};

Code code_of(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
      return Code::resource_exhausted;
    case ENOENT:
    case ENOTDIR:
      return Code::not_found;
    case EEXIST:
      return Code::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
      return Code::invalid_argument;
    default:
      return Code::io_error;
  }
}

}  // namespace

std::string_view name_of(Code code) {
  for (const auto& [each, name] : kNames)
    if (each == code) return name;
  return "internal";
}

std::optional<Code> code_named(std::string_view name) {
  for (const auto& [code, each] : kNames)
    if (each == name) return code;
  return std::nullopt;
}

Status Status::under(std::string_view where) const {
  if (ok()) return *this;
  Status longer(code_, fmt::format("{}: {}", where, message_));
  longer.field_ = field_;
  return longer;
}

std::string to_string(const Status& status) {
  if (status.ok()) return "ok";
  return fmt::format("{}: {}", name_of(status.code()), status.message());
}

std::string errno_text(int error) { return std::generic_category().message(error); }

Status errno_status(int error, std::string_view what, std::string_view path) {
  return Status(code_of(error), fmt::format("{}: {}: {}", path, what, errno_text(error)));
}

}  // namespace millrace::engine
