// FailureBundle: all that it takes to see a failed job fail again, in one file. `millrace replay` reads it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/job/job.h"
#include "engine/schedule/source_cut.h"
#include "hw/inventory.h"

namespace millrace::engine {

struct FailureBundle {
  std::string job_id;
  std::string trace_id;     // 32 hexadecimal digits: the job's ULID as W3C Trace Context writes such numbers
  std::int64_t made = 0;    // milliseconds since 1970 UTC
  Status failure;           // in our words, with paths and a dead worker's last ones
  std::string spec;         // JSON
  std::string plan;         // JSON; empty: the job failed before it had one
  std::string attempts;     // JSON
  std::string environment;  // JSON: versions of the program and of FFmpeg, and the machine
  std::vector<std::string> log;  // the daemon's last lines, its workers' among them, also of other jobs
  // Seconds into the source: where the failure's sentence says, else how far the work had come; none: it had
  // not begun.
  std::optional<double> seen_at;
  // The source, or a part where the rest is not needed; empty: source_note says why there is none.
  std::string source_bytes;
  std::int64_t source_size = 0;  // of the whole file
  std::string source_note;
};

// `failure` as the job's run gave it. Without a source yet.
FailureBundle bundle_of(const Job& job, const Status& failure, const hw::Inventory& machine,
                        std::vector<std::string> log);

// Of a source, so many bytes at most are in the bundle that a daemon makes.
constexpr std::int64_t kMostBundledBytes = 2 << 20;

// Takes the source into the bundle where it is one file of this machine and no larger than that, else says
// why it is not there.
void add_source(FailureBundle& bundle, const std::string& url);
// The same with as much of the source as was found to fail.
void add_source(FailureBundle& bundle, SourceCut cut);

// Where in the bytes of its source the failure was seen, by its plan, as a share of them; none: not known, or
// the spec leaves out the source's beginning, which no part has where the source has it.
std::optional<double> place_in_source(const FailureBundle& bundle);

std::string text_of(const FailureBundle& bundle);
// invalid_argument, with the reason, for what is no bundle.
Result<FailureBundle> bundle_from(std::string_view text);

// A ULID's 128 bits in hexadecimal; empty for what is no ULID.
std::string trace_id_of(std::string_view ulid);

}  // namespace millrace::engine
