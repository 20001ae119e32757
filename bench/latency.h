// How soon a served job can be watched, and how fast the server answers while it encodes. Works against any
// Http and clock.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/http_client.h"
#include "bench/ladder_commands.h"
#include "engine/base/status.h"

namespace millrace::bench {

// Time as the measurement sees it; tests move it by hand.
class BenchClock {
 public:
  virtual ~BenchClock() = default;
  virtual std::chrono::nanoseconds now() = 0;
  // cancelled when a stop was requested meanwhile.
  virtual engine::Status wait(std::chrono::milliseconds time) = 0;
};

struct FirstSegment {
  std::string rendition;
  double seconds = 0;  // from before POST /v1/jobs until playlist, init and first segment were read whole
};

struct LatencyFigures {
  std::vector<FirstSegment> first_segments;     // largest rendition first
  std::vector<double> submission_milliseconds;  // of POST /v1/jobs while the job was running
  std::string note;                             // what did not go as planned; empty: nothing
};

struct LatencyPlan {
  std::string job;                      // spec of the ladder
  std::string small_job;                // spec of the submissions that stay queued
  std::vector<std::string> renditions;  // largest first
  int submissions = 120;
  std::chrono::milliseconds look_every{20};
  std::chrono::milliseconds submit_every{50};
  std::chrono::seconds patience{300};  // for the first segments
};

LatencyPlan latency_plan(const LadderWork& work);

// Submits the job, waits until every rendition can be watched, submits the small jobs while it runs, cancels
// them all.
engine::Result<LatencyFigures> measure_latency(Http& http, BenchClock& clock, const LatencyPlan& plan);

// The init segment and the first media segment that a playlist names; nothing while it has none. Pure.
struct PlaylistStart {
  std::string init;
  std::string segment;
};
std::optional<PlaylistStart> start_of_playlist(std::string_view playlist);

}  // namespace millrace::bench
