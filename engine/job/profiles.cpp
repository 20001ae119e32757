#include "engine/job/profiles.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/job/job_spec_json.h"

namespace millrace::engine {
namespace {

constexpr const char* kLadder =
    R"([{{"name": "abr", "type": "adaptive", "ladder": "auto", "codec": "{}", "preset": "{}"}}])";
constexpr const char* kOne =
    R"([{{"name": "abr", "type": "adaptive", "ladder": [{{"height": {}}}], "codec": "{}", "preset": "{}"}}])";

Profile ladder(const char* codec, const char* preset) {
  return {fmt::format("ladder-{}-{}", codec, preset),
          fmt::format("the auto ladder with sound, {}, preset {}, HLS and DASH", codec, preset),
          fmt::format(kLadder, codec, preset)};
}

Profile one(int height, const char* codec, const char* preset) {
  return {
      fmt::format("{}p-{}-{}", height, codec, preset),
      fmt::format("one rendition of {} lines with sound, {}, preset {}, HLS and DASH", height, codec, preset),
      fmt::format(kOne, height, codec, preset)};
}

}  // namespace

const std::vector<Profile>& profiles() {
  static const std::vector<Profile> kAll = {
      ladder("h264", "medium"),      ladder("h264", "veryfast"),   one(720, "hevc", "veryfast"),
      one(1080, "h264", "veryfast"), one(720, "h264", "veryfast"), one(480, "h264", "veryfast"),
  };
  return kAll;
}

Result<JobSpec> profile_spec(std::string_view name, const std::string& input_url) {
  const auto found = std::find_if(profiles().begin(), profiles().end(),
                                  [&](const Profile& each) { return each.name == name; });
  if (found != profiles().end()) {
    nlohmann::ordered_json spec = {{"input", {{"url", input_url}}}};
    spec["outputs"] = nlohmann::ordered_json::parse(found->outputs);
    return parse_job_spec(spec.dump());
  }
  std::string names;
  for (const Profile& each : profiles()) names += (names.empty() ? "" : ", ") + each.name;
  return Status(Code::invalid_argument, fmt::format("there is no profile '{}'; there are {}", name, names));
}

}  // namespace millrace::engine
