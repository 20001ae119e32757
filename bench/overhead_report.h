// OverheadReport: everything that a run of `millrace-bench overhead` found, and how it is told. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bench/ladder_report.h"

namespace millrace::bench {

// One kind of work, measured alone.
struct OverheadPart {
  enum class Kind { decode, encode, scale, check };
  Kind kind = Kind::decode;
  std::string name;                      // "1080p"; the source's codec
  std::vector<double> cpu_seconds = {};  // a round each
};
std::string_view name_of(OverheadPart::Kind kind);

struct OverheadReport {
  Environment environment;
  std::string profile;
  std::string spec;    // JSON
  double seconds = 0;  // of the pictures
  int rounds = 0;
  WayFigures job;
  std::vector<OverheadPart> parts;
  std::vector<Target> targets;

  // CPU seconds of all parts of the kind, medians added up.
  double seconds_of(OverheadPart::Kind kind) const;
  // The decoder and the encoders.
  double codec_seconds() const;
  // The job's CPU time over that of the codecs, less 1; nothing where one of them is missing.
  std::optional<double> overhead() const;
  // What no part explains: processes, looking at the source, files, digests, the receipt.
  double rest_seconds() const;
};

// Holds the figures against what the project promises.
std::vector<Target> judge(const OverheadReport& report);

std::string figures_text(const OverheadReport& report);
nlohmann::ordered_json to_json(const OverheadReport& report);

}  // namespace millrace::bench
