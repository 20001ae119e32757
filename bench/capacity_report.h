// CapacityReport: everything that a run of `millrace-bench capacity` found, and how it is told. Pure.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/ladder_report.h"
#include "bench/lateness.h"
#include "bench/machine_load.h"

namespace millrace::bench {

// So many streams at once, once.
struct CapacityRound {
  int streams = 0;
  int cores_each = 0;      // that each was planned for
  double begin = 0;        // seconds since the measurement began
  double seconds = 0;      // until all had ended
  bool cut_short = false;  // ended as soon as it could not hold any more
  RoundVerdict verdict;
  std::vector<StreamTimes> times;   // a stream each
  std::vector<LoadSample> samples;  // their seconds: since the measurement began
  std::vector<OtherProcess> others;
};

// Means over the time in which most streams ran at once; the most of the memory.
LoadSample means_of(const CapacityRound& round);

struct CapacityPrediction {
  int streams = 0;
  std::string limit;  // "cores"
  std::string from;   // what it was made of
  // That one stream takes, where it was told before any ran.
  std::optional<double> cores_each = std::nullopt;
};

struct CapacityReport {
  Environment environment;
  std::string profile;  // its name, or the spec's file
  std::string spec;     // JSON
  std::string devices;  // where the stages of each stream are: "decode cpu, filters cpu, encode cpu"
  double seconds = 60;  // of each stream that count
  double warm_up = 8;
  double segment_seconds = 4;
  Delays usual;                   // by track, from the round of one stream
  std::string calibration_note;   // why one that was given is not used; empty: it is, or none was
  double other_cores_before = 0;  // that others used before the first round
  std::vector<CapacityRound> rounds;
  int streams = 0;           // the most that held
  std::optional<int> fails;  // the fewest that did not
  bool interrupted = false;  // what follows is what was known by then
  std::vector<CapacityPrediction> predictions;
  std::vector<std::string> marks;  // what may have disturbed it, a sentence each
  std::vector<Target> targets;

  // The round of the reported capacity, and the smallest that did not hold; null: there was none.
  const CapacityRound* at_capacity() const;
  const CapacityRound* beyond() const;
  // With a fifth of the capacity kept free.
  int recommended() const { return streams * 4 / 5; }
  double streams_per_core() const;
  std::optional<double> streams_per_watt() const;
};

std::string streams_text(int count);  // "1 stream", "2 streams"

// What the streams of a round that did not hold ran out of: "cores", "memory", "the disk", or that none of
// what was measured was used up.
std::string binding_limit(const CapacityRound& failed, const Environment& environment);

// "Capacity: 2 streams at real time; limited by cores"
std::string capacity_sentence(const CapacityReport& report);

// Other load that was seen, in sentences.
std::vector<std::string> marks_of(const CapacityReport& report);

// Holds the figures against what the project promises.
std::vector<Target> judge(const CapacityReport& report);

std::string figures_text(const CapacityReport& report);
nlohmann::ordered_json to_json(const CapacityReport& report);
// The plots: streams, lateness, CPU, memory and power over time, as HTML.
std::string charts_html(const CapacityReport& report);

}  // namespace millrace::bench
