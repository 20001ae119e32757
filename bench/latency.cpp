#include "bench/latency.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "bench/file_url.h"
#include "bench/job_client.h"
#include "hw/text_file.h"

namespace millrace::bench {
namespace {

using engine::Code;
using engine::Result;
using engine::Status;
using Json = nlohmann::ordered_json;

std::string shortened(const std::string& body) {
  return hw::printable(std::string_view(body).substr(0, 300));
}

class Measurement {
 public:
  Measurement(Http& http, BenchClock& clock, const LatencyPlan& plan)
      : http_(http), clock_(clock), plan_(plan) {}

  Result<LatencyFigures> run() {
    begin_ = clock_.now();
    Result<std::string> job = submit_job(http_, plan_.job);
    if (!job.ok()) return job.status();
    job_ = *job;
    if (Status status = wait_for_first_segments(); !status.ok()) return status;
    if (Status status = submit_small_jobs(); !status.ok()) return status;
    if (Status status = cancel_all(); !status.ok()) return status;
    return figures_;
  }

 private:
  Result<std::string> state() {
    const Result<Json> job = job_document(http_, job_);
    if (!job.ok()) return job.status();
    const std::string state = (*job)["state"];
    if (state == "failed" || state == "cancelled")
      return Status(Code::internal, fmt::format("the measured job is {}: {}", state,
                                                shortened(job->value("error", Json()).dump())));
    return state;
  }

  Status wait_for_first_segments() {
    std::map<std::string, double> seconds;
    const std::chrono::nanoseconds end = begin_ + plan_.patience;
    for (int look = 0; seconds.size() < plan_.renditions.size(); ++look) {
      // The smallest comes first, as it does for a player that starts low.
      for (auto name = plan_.renditions.rbegin(); name != plan_.renditions.rend(); ++name) {
        if (seconds.contains(*name)) continue;
        Result<bool> there = is_playable(*name);
        if (!there.ok()) return there.status();
        if (*there) seconds[*name] = std::chrono::duration<double>(clock_.now() - begin_).count();
      }
      if (look % 20 == 19) {
        if (Result<std::string> now = state(); !now.ok()) return now.status();
      }
      if (clock_.now() > end)
        return Status(Code::internal,
                      fmt::format("{} of {} renditions could be watched after {} s; see the server's log",
                                  seconds.size(), plan_.renditions.size(), plan_.patience.count()));
      if (Status status = clock_.wait(plan_.look_every); !status.ok()) return status;
    }
    for (const std::string& name : plan_.renditions) figures_.first_segments.push_back({name, seconds[name]});
    return {};
  }

  Result<bool> is_playable(const std::string& rendition) {
    const std::string folder = "/v1/jobs/" + job_ + "/files/abr/" + rendition + "/";
    Result<HttpAnswer> playlist = http_.get(folder + "playlist.m3u8");
    if (!playlist.ok()) return playlist.status();
    if (playlist->status != 200) return false;
    const auto start = start_of_playlist(playlist->body);
    if (!start) return false;
    for (const std::string& file : {start->init, start->segment}) {
      Result<HttpAnswer> answer = http_.get(folder + file);
      if (!answer.ok()) return answer.status();
      if (answer->status != 200 || answer->body.empty()) return false;
    }
    return true;
  }

  Status submit_small_jobs() {
    std::vector<double> times;
    while (true) {
      if (times.size() % 10 == 0 || times.size() == static_cast<std::size_t>(plan_.submissions)) {
        Result<std::string> now = state();
        if (!now.ok()) return now.status();
        if (*now != "running") {
          figures_.note =
              fmt::format("the job was {} after {} submissions; take a longer source", *now, times.size());
          break;
        }
        figures_.submission_milliseconds = times;  // until here it was running
        if (times.size() == static_cast<std::size_t>(plan_.submissions)) break;
      }
      const std::chrono::nanoseconds before = clock_.now();
      Result<std::string> id = submit_job(http_, plan_.small_job);
      if (!id.ok()) return id.status();
      times.push_back(std::chrono::duration<double, std::milli>(clock_.now() - before).count());
      small_jobs_.push_back(*id);
      if (Status status = clock_.wait(plan_.submit_every); !status.ok()) return status;
    }
    return {};
  }

  Status cancel_all() {
    std::vector<std::string> ids = small_jobs_;
    ids.push_back(job_);
    for (std::size_t from = 0; from < ids.size(); from += 50) {
      const std::vector<std::string> some(
          ids.begin() + static_cast<std::ptrdiff_t>(from),
          ids.begin() + static_cast<std::ptrdiff_t>(std::min(from + 50, ids.size())));
      Result<HttpAnswer> answer = http_.post("/v1/jobs/cancel", Json{{"ids", some}}.dump());
      if (!answer.ok()) return answer.status();
      if (answer->status < 200 || answer->status > 299) {
        figures_.note +=
            fmt::format("{}POST /v1/jobs/cancel answered {}: {}", figures_.note.empty() ? "" : "; ",
                        answer->status, shortened(answer->body));
      }
    }
    return {};
  }

  Http& http_;
  BenchClock& clock_;
  const LatencyPlan& plan_;
  std::chrono::nanoseconds begin_{0};
  std::string job_;
  std::vector<std::string> small_jobs_;
  LatencyFigures figures_;
};

}  // namespace

LatencyPlan latency_plan(const LadderWork& work) {
  const Json input = {{"url", file_url(std::filesystem::absolute(work.source.path))}};
  LatencyPlan plan;
  Json abr = {{"name", "abr"}, {"type", "adaptive"}, {"ladder", "auto"}};
  abr["package"] = {"hls", "dash"};
  abr["segment_seconds"] = 4;
  abr["codec"] = "h264";
  abr["preset"] = work.preset;
  plan.job = Json{{"input", input}, {"outputs", Json::array({abr})}}.dump();
  const Json small = {{"name", "small"}, {"type", "file"}, {"container", "mp4"}};
  plan.small_job = Json{{"input", input}, {"outputs", Json::array({small})}, {"priority", 1}}.dump();
  for (const WorkRung& rung : work.rungs) plan.renditions.push_back(rung.name);
  return plan;
}

Result<LatencyFigures> measure_latency(Http& http, BenchClock& clock, const LatencyPlan& plan) {
  return Measurement(http, clock, plan).run();
}

std::optional<PlaylistStart> start_of_playlist(std::string_view playlist) {
  PlaylistStart start;
  for (const std::string_view raw : hw::split(playlist, '\n')) {
    const std::string_view line = hw::trim(raw);
    constexpr std::string_view kUri = "URI=\"";
    if (line.starts_with("#EXT-X-MAP:")) {
      const std::size_t from = line.find(kUri);
      if (from == std::string_view::npos) return std::nullopt;
      const std::string_view rest = line.substr(from + kUri.size());
      start.init = rest.substr(0, rest.find('"'));
    } else if (!line.empty() && !line.starts_with('#')) {
      start.segment = line;
      break;
    }
  }
  if (start.init.empty() || start.segment.empty()) return std::nullopt;
  return start;
}

}  // namespace millrace::bench
