#include "engine/schedule/client_words.h"

#include <string_view>
#include <system_error>

#include "engine/base/ulid.h"

namespace millrace::engine {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kUlidLength = 26;

std::vector<std::string> spellings_of(const fs::path& path) {
  std::error_code error;
  std::vector<std::string> spellings;
  for (const fs::path& each :
       {fs::weakly_canonical(path, error), fs::absolute(path, error).lexically_normal(), path}) {
    std::string text = each.native();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    if (text.size() > 1) spellings.push_back(std::move(text));
  }
  return spellings;
}

// The length of "/jobs/ULID/out/" at the start of `text`; 0 when it begins otherwise.
std::size_t length_of_job_folder(std::string_view text) {
  constexpr std::string_view before = "/jobs/";
  constexpr std::string_view after = "/out/";
  if (!text.starts_with(before) || !is_ulid(text.substr(before.size(), kUlidLength))) return 0;
  if (!text.substr(before.size() + kUlidLength).starts_with(after)) return 0;
  return before.size() + kUlidLength + after.size();
}

}  // namespace

ClientWords::ClientWords(const fs::path& data, const fs::path& program)
    : data_(spellings_of(data)), program_(spellings_of(program)) {}

std::string ClientWords::of(std::string text) const {
  for (const std::string& data : data_)
    for (std::size_t at = text.find(data); at != std::string::npos; at = text.find(data, at)) {
      const std::size_t job = length_of_job_folder(std::string_view(text).substr(at + data.size()));
      const std::string_view instead = job > 0 ? "" : "(data)";
      text.replace(at, data.size() + job, instead);
      at += instead.size();
    }
  for (const std::string& program : program_)
    for (std::size_t at = text.find(program); at != std::string::npos; at = text.find(program, at))
      text.replace(at, program.size(), "the worker's program"), at += 1;
  return text;
}

Status ClientWords::of(const Status& status) const {
  if (status.ok()) return status;
  Status clean(status.code(), of(status.message()));
  if (!status.field().empty()) clean.at_field(status.field());
  return clean;
}

}  // namespace millrace::engine
