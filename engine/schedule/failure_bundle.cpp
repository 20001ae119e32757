#include "engine/schedule/failure_bundle.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/base/base64.h"
#include "engine/base/file.h"
#include "engine/base/json_text.h"
#include "engine/base/ulid.h"
#include "engine/job/job_json.h"
#include "engine/job/json_object.h"
#include "engine/job/slide_show.h"
#include "engine/pipeline/inspect.h"
#include "engine/plan/plan.h"
#include "engine/verify/receipt.h"
#include "hw/inventory_json.h"

namespace millrace::engine {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kBundleVersion = 1;

// JSON within JSON stays JSON, for people who read the file.
Json part(const std::string& text) {
  Json json = text.empty() ? Json() : Json::parse(text, nullptr, false);
  return json.is_discarded() ? Json(text) : json;
}

std::string text_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() || found->is_null() ? std::string() : json_text(*found);
}

Status no_bundle(std::string_view why) {
  return {Code::invalid_argument, fmt::format("not a failure bundle: {}", why)};
}

// The first time in a sentence: 12.48 of "a.mov: at 12.480 s: a damaged packet".
std::optional<double> seconds_in(std::string_view sentence) {
  constexpr std::string_view kAt = "at ";
  for (std::size_t at = sentence.find(kAt); at != std::string_view::npos; at = sentence.find(kAt, at + 1)) {
    const std::string_view rest = sentence.substr(at + kAt.size());
    double seconds = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), seconds);
    if (error != std::errc() || seconds < 0) continue;
    if (std::string_view(end, static_cast<std::size_t>(rest.data() + rest.size() - end)).starts_with(" s"))
      return seconds;
  }
  return std::nullopt;
}

Status read_error(const Json& json, Status& failure) {
  JsonObject error(json, "error");
  std::string code;
  std::string message;
  std::string field;
  error.read("code", code);
  error.read("message", message);
  error.read("field", field);
  if (!error.status().ok()) return error.status();
  const std::optional<Code> known = code_named(code);
  if (!known || *known == Code::ok) return no_bundle(fmt::format("'{}' is no code of a failure", code));
  failure = Status(*known, message);
  failure.at_field(field);
  return {};
}

Status read_source(const Json& json, FailureBundle& bundle) {
  JsonObject source(json, "source");
  std::string bytes;
  double size = 0;
  source.read("note", bundle.source_note);
  source.read("bytes", bytes);
  source.read("size", size);
  if (!source.status().ok()) return source.status();
  bundle.source_size = static_cast<std::int64_t>(size);
  std::optional<std::string> decoded = from_base64(bytes);
  if (!decoded) return no_bundle("source.bytes is no base64");
  bundle.source_bytes = std::move(*decoded);
  return {};
}

}  // namespace

FailureBundle bundle_of(const Job& job, const Status& failure, const hw::Inventory& machine,
                        std::vector<std::string> log) {
  FailureBundle bundle;
  bundle.job_id = job.id;
  bundle.trace_id = trace_id_of(job.id);
  bundle.made = now_milliseconds();
  bundle.failure = failure;
  bundle.spec = job.spec;
  bundle.plan = job.plan;
  bundle.attempts = text_at(shown_json(job), "attempts");
  bundle.environment = json_text(Json{{"versions", versions()}, {"machine", hw::to_json(machine)}});
  bundle.log = std::move(log);
  bundle.seen_at = seconds_in(failure.message());
  if (!bundle.seen_at && job.progress.media_seconds > 0) bundle.seen_at = job.progress.media_seconds;
  return bundle;
}

void add_source(FailureBundle& bundle, const std::string& url) {
  const Result<std::string> path = path_of_url(url);
  if (is_slides_url(url) || !path.ok()) {
    bundle.source_note = "not one file of this machine; a replay reads it from where the spec says";
    return;
  }
  std::error_code error;
  const auto size = std::filesystem::file_size(*path, error);
  if (error) {
    bundle.source_note = fmt::format("cannot be read: {}", error.message());
    return;
  }
  bundle.source_size = static_cast<std::int64_t>(size);
  if (bundle.source_size > kMostBundledBytes) {
    bundle.source_note = fmt::format(
        "{} bytes, too many for a bundle; a replay reads it from where the spec says, and with --shrink "
        "makes a "
        "bundle with as little of it as still fails",
        size);
    return;
  }
  Result<std::string> bytes = read_file(*path);
  if (bytes.ok())
    bundle.source_bytes = std::move(*bytes);
  else
    bundle.source_note = bytes.status().message();
}

void add_source(FailureBundle& bundle, SourceCut cut) {
  bundle.source_note = cut.note();
  bundle.source_size = cut.source_size;
  bundle.source_bytes = std::move(cut.bytes);
}

std::optional<double> place_in_source(const FailureBundle& bundle) {
  const Json json = Json::parse(bundle.plan, nullptr, false);
  const Result<Plan> plan = json.is_discarded() ? Status(Code::not_found, "no plan") : plan_from_json(json);
  if (!bundle.seen_at || !plan.ok() || plan->trim_from > 0 || plan->source.duration_seconds <= 0)
    return std::nullopt;
  return *bundle.seen_at / plan->source.duration_seconds;
}

std::string text_of(const FailureBundle& bundle) {
  const Json json{{"millrace_bundle", kBundleVersion},
                  {"job", bundle.job_id},
                  {"trace_id", bundle.trace_id},
                  {"made", rfc3339(bundle.made)},
                  {"error",
                   {{"code", name_of(bundle.failure.code())},
                    {"message", bundle.failure.message()},
                    {"field", bundle.failure.field()}}},
                  {"spec", part(bundle.spec)},
                  {"plan", part(bundle.plan)},
                  {"attempts", part(bundle.attempts)},
                  {"environment", part(bundle.environment)},
                  {"log", bundle.log},
                  {"seen_at", bundle.seen_at ? Json(*bundle.seen_at) : Json()},
                  {"source",
                   {{"size", bundle.source_size},
                    {"note", bundle.source_note},
                    {"bytes", base64_of(bundle.source_bytes)}}}};
  return json_text(json, 1) + "\n";
}

Result<FailureBundle> bundle_from(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return no_bundle("no JSON object");
  FailureBundle bundle;
  JsonObject object(json, "");
  int written_as = 0;
  object.read("millrace_bundle", written_as);
  if (object.status().ok() && written_as != kBundleVersion)
    return no_bundle(
        fmt::format("millrace_bundle is {}, and this program reads {}", written_as, kBundleVersion));
  object.read("job", bundle.job_id);
  object.read("trace_id", bundle.trace_id);
  const Json* error = object.need("error", "the failure");
  object.need("spec", "the job's spec");
  const Json* source = object.need("source", "the source");
  if (!object.status().ok()) return object.status();
  if (Status s = read_error(*error, bundle.failure); !s.ok()) return s;
  if (Status s = read_source(*source, bundle); !s.ok()) return s;
  bundle.spec = text_at(json, "spec");
  bundle.plan = text_at(json, "plan");
  bundle.attempts = text_at(json, "attempts");
  bundle.environment = text_at(json, "environment");
  if (const auto seen = json.find("seen_at"); seen != json.end() && seen->is_number())
    bundle.seen_at = seen->get<double>();
  if (const auto log = json.find("log"); log != json.end() && log->is_array())
    for (const Json& line : *log)
      if (line.is_string()) bundle.log.push_back(line.get<std::string>());
  return bundle;
}

std::string trace_id_of(std::string_view ulid) {
  if (!is_ulid(ulid)) return {};
  constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  constexpr std::string_view kHexadecimal = "0123456789abcdef";
  std::string id;
  unsigned buffer = 0;
  // 26 digits of 5 bits are 130; the first two of them are 0.
  int bits = -2;
  for (const char digit : ulid) {
    buffer = buffer << 5 | static_cast<unsigned>(kDigits.find(digit));
    bits += 5;
    for (; bits >= 4; bits -= 4) id += kHexadecimal[buffer >> (bits - 4) & 15U];
    buffer &= 15U;
  }
  return id;
}

}  // namespace millrace::engine
