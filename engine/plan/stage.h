// Stage: the parts of a range's pictures that may run on a device each, and how a failure names one. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "engine/plan/source.h"

namespace millrace::engine {

enum class Stage { decode, filters, encode };
std::string_view name_of(Stage stage);
bool from_name(std::string_view name, Stage& stage);

inline constexpr std::string_view kCpu = "cpu";

// Some of the stages.
struct Stages {
  bool decode = false;
  bool filters = false;
  bool encode = false;

  static Stages only(Stage stage);
  bool holds(const Stages& others) const;
  Stages with(const Stages& others) const;
  bool operator==(const Stages&) const = default;
};

// The failure, blamed on a stage that ran on a device: the task goes on without that device there, whatever
// the code. The field of the request carries it, which no task's failure has otherwise.
Status blamed_on(Stage stage, Status failure);
std::optional<Stage> blamed_stage(const Status& failure);

// The same failure, blamed on a stage, of what this very source does: it says nothing of the device with
// other sources of that shape.
Status of_source(Status blamed);
bool is_of_source(const Status& failure);

// A stage that failed on a device once, as it is remembered. One without a shape is in quarantine: it gave
// wrong pictures or none of a film that is known, or could not be tried with one, and is not used for any
// source.
struct StageFailure {
  Stage stage = Stage::decode;
  std::string device;   // GpuFacts::id, or its name where it has none
  std::string driver;   // GpuFacts::driver
  std::string shape;    // shape_of() the source; empty: in quarantine
  std::string reason;   // a sentence
  std::int64_t at = 0;  // milliseconds since 1970 UTC
  // Of what is in quarantine: which codec it decodes or encodes wrongly, as FFmpeg names it, with its bits
  // where they are not 8 (decode_path(), encode_path()), or which path of the filters (FilterPath); empty:
  // any.
  std::string codec = {};
  bool untried = false;  // it is in quarantine because nothing could try it

  bool in_quarantine() const { return shape.empty(); }
};

// What a device's decoder sees of a source, so that a failure tells of the next one alike: "h264 High yuv420p
// 1920x1080 interlaced".
std::string shape_of(const VideoTrack& track);

}  // namespace millrace::engine
